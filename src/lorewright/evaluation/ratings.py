"""What people think of answers, beside what metrics and judges say of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lorewright.core.ids import short_id
from lorewright.core.records import Prediction, Record, Score
from lorewright.evaluation.judged import JUDGE
from lorewright.text.calibration import FEWEST, Decided, calibrate

GOOD = 4
"""From this rating, of 1 to 5, an answer counts as good."""
_GOOD_SHARE = 0.75


class Rating(NamedTuple):
    """What a person thinks of an answer: 1 is worthless, 5 right and complete."""

    key: str
    rating: int
    rater: str = ""


class Agreement(Record):
    """How far one metric agrees with people.

    Attributes:
        metric: Its name.
        answers: That people rated and the metric scored.
        rank_correlation: Spearman's, from -1 to 1; None where either knows one value only.
        kappa: Cohen's, of good and bad answers; the judge's only, whose points mean the same as theirs.
    """

    metric: str
    answers: int
    rank_correlation: float | None
    kappa: float | None = None

    def told(self) -> str:
        """Return it in one line."""
        rank = "" if self.rank_correlation is None else f"rank correlation {self.rank_correlation:.2f}"
        kappa = "" if self.kappa is None else f"kappa {self.kappa:.2f}"
        told = ", ".join(filter(None, (kappa, rank))) or "nothing can be told: all are rated or scored alike"
        few = f"; fewer than {FEWEST} are too few to trust that" if self.answers < FEWEST else ""
        return f"{self.metric} and people on {self.answers:,} answers: {told}{few}"


def rating_key(example_id: str, text: str) -> str:
    """Return what an answer to an example is rated under; another answer to it has another one."""
    return short_id(example_id, text.strip())


def agreements(
    ratings: Iterable[Rating], predictions: Sequence[Prediction], scores: Iterable[Score]
) -> list[Agreement]:
    """Return how far each metric agrees with people, the judge first; empty where nobody rated these answers.

    Several ratings of one answer count as their mean. One answer of several systems counts once.

    Args:
        ratings: Of people, of these answers or others.
        predictions: The answers.
        scores: Of them.
    """
    rated = _means(ratings)
    keys = {(row.example_id, row.system): rating_key(row.example_id, row.text) for row in predictions}
    by_metric: dict[str, dict[str, float]] = {}
    for score in scores:
        key = keys.get((score.example_id, score.system), "")
        if key in rated:
            by_metric.setdefault(score.metric, {})[key] = score.value
    order = sorted(by_metric, key=lambda name: (name != JUDGE, name))
    return [_agreement(name, by_metric[name], rated) for name in order]


def _means(ratings: Iterable[Rating]) -> dict[str, float]:
    found: dict[str, list[int]] = {}
    for one in ratings:
        found.setdefault(one.key, []).append(one.rating)
    return {key: sum(values) / len(values) for key, values in found.items()}


def _agreement(metric: str, scored: Mapping[str, float], rated: Mapping[str, float]) -> Agreement:
    pairs = [(scored[key], rated[key]) for key in sorted(scored)]
    kappa = None
    if metric == JUDGE:
        decided = [Decided(value, rating >= GOOD) for value, rating in pairs]
        kappa = calibrate(decided, min_score=_GOOD_SHARE).kappa
    return Agreement(metric=metric, answers=len(pairs), rank_correlation=rank_correlation(pairs), kappa=kappa)


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank.

    C. Spearman, "The proof and measurement of association between two things" (1904). None for fewer than two pairs
    and where all of one side are equal.
    """
    if len(pairs) < 2:
        return None
    one, other = (_ranks(np.asarray(side, dtype=np.float64)) for side in zip(*pairs, strict=True))
    if not one.std() or not other.std():
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _ranks(values: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places], dtype=np.float64)
