"""Whether the documents answer a question at all: learned from the index itself, which is asked about its own sections.

A section's heading, asked with that heading removed from what is searched, is a question that the documents answer. The
same question, asked with the whole document left out, is one that they (mostly) do not. A logistic regression tells the
two kinds apart by two signals: how well the best passage matches by words, and the cosine of the nearest one, where
there are vectors.
"""

import math
from collections.abc import Sequence
from typing import Any

from lorewright.core.records import Record
from lorewright.retrieval.filters import EVERYWHERE, Filters
from lorewright.retrieval.search import Index, Mode

# The share of the sections' questions that the threshold refuses. Small, for a false refusal hides what is there, while
# a weak answer still shows its source; docs/figures-retrieval.md has the curves.
FALSE_REFUSALS = 0.01
# By words alone, which tell less.
FALSE_REFUSALS_OF_WORDS = 0.005
MIN_QUESTIONS = 30
SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3)
_DEPTH = 20
_RIDGE = 1.0
_STEPS = 50

Signals = tuple[float, ...]


class Trade(Record):
    """What one threshold costs and gains: shares of the answered questions and of the others that it refuses."""

    threshold: float
    false_refusals: float
    refusals: float


class Evidence(Record):
    """How signals become a likelihood.

    Attributes:
        means: Of each signal, over the questions learned from.
        scales: Standard deviation of each signal.
        weights: Of each standardised signal.
        bias: Of the regression.
        threshold: Below it a question is refused, unless the settings say otherwise.
        trades: What other thresholds would do, on the questions learned from.
        questions: How many answered ones it was learned from.
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    trades: tuple[Trade, ...]
    questions: int

    def support(self, index: Index, question: str, filters: Filters = EVERYWHERE) -> float:
        """Return how likely it is that the documents answer a question, from 0 to 1."""
        return self.of(signals(index, question, filters))

    def of(self, found: Signals) -> float:
        """Return the likelihood for signals."""
        standard = zip(found, self.means, self.scales, self.weights, strict=True)
        total = self.bias + sum(weight * (value - mean) / scale for value, mean, scale, weight in standard)
        return 1 / (1 + math.exp(-max(-500.0, min(500.0, total))))


def signals(index: Index, question: str, filters: Filters = EVERYWHERE, *, without: str = "") -> Signals:
    """Return how well the best passage matches by words, and by meaning where the index has vectors; 0 for none.

    By words it is the geometric mean of the BM25 score and of its share in what the question's words could reach: the
    score alone favours long questions, the share short ones. By meaning it is the cosine.

    Args:
        index: To be asked.
        question: What is asked.
        filters: Where to look.
        without: Id of a document that counts as not there.
    """

    def best(mode: Mode) -> float:
        found = index.search(question, k=_DEPTH if without else 1, filters=filters, mode=mode)
        return next((one.score for one in found if one.document_id != without), 0.0)

    score = best("full-text")
    words = score / math.sqrt(index.reachable(question)) if score else 0.0
    return (words,) if len(index.modes) == 1 else (words, best("dense"))


def learn(
    answered: Sequence[Signals], unanswered: Sequence[Signals], *, false_refusals: float | None = None
) -> Evidence | None:
    """Return what tells answered questions from others; None where there are too few to learn from.

    Args:
        answered: Signals of questions that the documents answer.
        unanswered: Signals of questions that they do not.
        false_refusals: Share of the answered ones below the threshold; by default what suits the signals.
    """
    import numpy as np

    if len(answered) < MIN_QUESTIONS or not unanswered:
        return None
    usual = FALSE_REFUSALS_OF_WORDS if len(answered[0]) == 1 else FALSE_REFUSALS
    share = usual if false_refusals is None else false_refusals
    values = np.array([*answered, *unanswered], dtype=np.float64)
    truth = np.array([1.0] * len(answered) + [0.0] * len(unanswered))
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales[scales == 0] = 1.0
    *weights, bias = _fitted((values - means) / scales, truth)
    made = Evidence(
        means=tuple(means.tolist()),
        scales=tuple(scales.tolist()),
        weights=tuple(weights),
        bias=bias,
        threshold=0.0,
        trades=(),
        questions=len(answered),
    )
    yes, no = sorted(made.of(one) for one in answered), [made.of(one) for one in unanswered]

    def below(wanted: float) -> float:
        """Return the threshold with at most that share of the answered questions below it."""
        return yes[min(int(wanted * len(yes)), len(yes) - 1)]

    return made.model_copy(
        update={
            "threshold": below(share),
            "trades": trades(yes, no, [below(one) for one in SHARES]),
        }
    )


def trades(
    answered: Sequence[float], unanswered: Sequence[float], thresholds: Sequence[float]
) -> tuple[Trade, ...]:
    """Return what each threshold refuses of questions with these likelihoods."""

    def below(values: Sequence[float], threshold: float) -> float:
        return sum(value < threshold for value in values) / max(len(values), 1)

    return tuple(
        Trade(threshold=one, false_refusals=below(answered, one), refusals=below(unanswered, one))
        for one in thresholds
    )


def _fitted(values: Any, truth: Any) -> list[float]:
    """Return the weights and the bias of a logistic regression with a ridge on the weights, by Newton's method."""
    import numpy as np

    features = np.hstack([values, np.ones((len(values), 1))])
    ridge = np.diag([_RIDGE] * values.shape[1] + [0.0])
    found = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(features @ found, -500, 500)))
        gradient = features.T @ (likely - truth) + ridge @ found
        curvature = (features * (likely * (1 - likely))[:, None]).T @ features + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(found)), gradient)
        found -= step
        if float(np.abs(step).max()) < 1e-10:
            break
    return [float(weight) for weight in found]
