"""Which system to use, decided from paired differences, and why, in words."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
from lorewright.evaluation.bootstrap import ENOUGH_CLUSTERS, Interval, paired_difference
from lorewright.evaluation.means import SystemRow, by_metric_and_system, system_rows
from lorewright.evaluation.systems import RAG_SUFFIX
from lorewright.evaluation.wording import (
    label_words,
    metric_name,
    reason_words,
    sentence,
    system_name,
    test_set_words,
)

Choice = Literal["tuned", "tuned+rag", "retrieval", "base", "base+rag", "more-data", "not-better"]

TUNED = "tuned"
TEST_SETS = ("questions", "unseen-docs", "seen-docs")
UNFIT_BELOW = 0.25
_CHOICES: Mapping[str, Choice] = {"retrieval": "retrieval", "base": "base", "base+rag": "base+rag"}


@dataclass(frozen=True)
class Comparison:
    """How much higher `system` scores than `against`, on the same examples."""

    system: str
    against: str
    difference: Interval


@dataclass(frozen=True)
class Verdict:
    """What to use for a task, judged on one test set.

    Attributes:
        metric: The one that decides; higher is better.
        rows: Every system, best first.
        comparisons: Each tuned system against the best of the others; then `tuned+rag` against `tuned`.
        better: Whether a tuned system beats all others beyond chance.
        choice: What to do.
        use: The system to use now.
        label: The choice as a short sentence.
        reason: Why, with the figures.
        warnings: What limits the verdict.
    """

    task: str
    test_set: str
    metric: str
    rows: tuple[SystemRow, ...]
    comparisons: tuple[Comparison, ...]
    better: bool
    choice: Choice
    use: str
    label: str
    reason: str
    warnings: tuple[str, ...] = ()


def judge(
    scores: Iterable[Score],
    *,
    task: str,
    test_set: str,
    metric: str,
    clusters: Mapping[str, str],
    seed: int,
    min_gain: float = 0.02,
    resamples: int = 2000,
    latencies: Mapping[str, float] | None = None,
) -> Verdict:
    """Return the verdict on one task and one test set.

    A tuned system must beat the best other system by at least `min_gain` with an interval above zero. The best other
    is chosen on the same scores, which favours it: a claim for the tuned model is only harder to make. A lead that
    is not certain asks for more data while there are fewer than 50 clusters; beyond, it counts as not better.

    Args:
        scores: Of this task and test set only, every system on every example.
        task: Name of the task.
        test_set: `questions`, `unseen-docs` or `seen-docs`.
        metric: The metric that decides.
        clusters: Cluster by example id, normally `Example.group`.
        seed: Of the bootstrap.
        min_gain: The least difference worth having, in units of the metric.
        resamples: Of the bootstrap.
        latencies: Seconds an answer by system, where measured.

    Raises:
        EvaluationError: There are no scores of the metric, the systems were scored on different examples, or only
            tuned systems were scored.
    """
    by_metric = by_metric_and_system(scores)
    values = by_metric.get(metric)
    if not values:
        raise EvaluationError(f"task {task} has no {metric} scores on {test_set}", hint="lore evaluate")
    rows = system_rows(by_metric, metric, clusters, seed, resamples, latencies or {})
    headline_means = {row.system: row.means[metric] for row in rows}
    others = [name for name in values if not _is_tuned(name)]
    if not others:
        raise EvaluationError(
            f"only {' and '.join(values)} answered {test_set} of {task}: there is nothing to be better than",
            hint='add "base" or "retrieval" to evaluation.systems in lore.toml',
        )
    best_other = max(others, key=lambda name: headline_means[name].mean)
    comparisons = tuple(
        Comparison(a, b, paired_difference(values[a], values[b], clusters, seed=seed, resamples=resamples))
        for a, b in _pairs(values, best_other)
    )
    choice, use = decide(comparisons, best_other, min_gain=min_gain)
    return Verdict(
        task=task,
        test_set=test_set,
        metric=metric,
        rows=rows,
        comparisons=comparisons,
        better=choice in {"tuned", "tuned+rag"},
        choice=choice,
        use=use,
        label=label_words(choice, use),
        reason=_reason(choice, use, best_other, comparisons, headline_means, test_set, metric, min_gain),
        warnings=_warnings(headline_means, use, comparisons, min_gain),
    )


def decide(comparisons: Sequence[Comparison], best_other: str, *, min_gain: float) -> tuple[Choice, str]:
    """Return what to do and the system to use now.

    Args:
        comparisons: As in `Verdict.comparisons`.
        best_other: The system to use where no tuned one is better.
        min_gain: The least difference worth having.
    """
    against_other = [pair for pair in comparisons if pair.against == best_other]
    winners = {pair.system for pair in against_other if is_sure_gain(pair.difference, min_gain)}
    if winners:
        retrieval_helps = any(
            pair.against == TUNED and is_sure_gain(pair.difference, min_gain) for pair in comparisons
        )
        # Without a sure gain from retrieval the plain model is the simpler thing to run.
        chosen: Choice = "tuned" if TUNED in winners and not retrieval_helps else "tuned+rag"
        return chosen, chosen
    if any(pair.difference.few and pair.difference.mean >= min_gain for pair in against_other):
        return "more-data", best_other
    return _CHOICES.get(best_other, "not-better"), best_other


def is_sure_gain(difference: Interval, min_gain: float) -> bool:
    """Return whether a difference is worth having and its interval lies above zero."""
    return difference.mean >= min_gain and difference.low is not None and difference.low > 0


def headline(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that counts: on the user's own questions, else on unseen documents, else on seen ones.

    Raises:
        EvaluationError: There is none.
    """
    for test_set in TEST_SETS:
        for verdict in verdicts:
            if verdict.test_set == test_set:
                return verdict
    raise EvaluationError("no test set was evaluated", hint="lore evaluate")


def _is_tuned(system: str) -> bool:
    return system.removesuffix(RAG_SUFFIX) == TUNED


def _pairs(systems: Iterable[str], best_other: str) -> list[tuple[str, str]]:
    tuned = [name for name in systems if _is_tuned(name)]
    between = [(TUNED + RAG_SUFFIX, TUNED)] if len(tuned) > 1 else []
    return [(name, best_other) for name in tuned] + between


def _reason(
    choice: Choice,
    use: str,
    best_other: str,
    comparisons: Sequence[Comparison],
    headline_means: Mapping[str, Interval],
    test_set: str,
    metric: str,
    min_gain: float,
) -> str:
    against_other = [pair for pair in comparisons if pair.against == best_other]
    if not against_other:
        best = headline_means[use]
        return (
            f"No tuned model was evaluated. {sentence(system_name(use))} does best on {test_set_words(test_set)}: "
            f"{best.mean:.2f} {metric_name(metric)}."
        )
    shown = next((pair for pair in against_other if pair.system == use), None) or max(
        against_other, key=lambda pair: pair.difference.mean
    )
    return reason_words(
        choice=choice,
        system=shown.system,
        against=best_other,
        score=headline_means[shown.system],
        other_score=headline_means[best_other],
        difference=shown.difference,
        test_set=test_set,
        metric=metric,
        min_gain=min_gain,
    )


def _warnings(
    headline_means: Mapping[str, Interval], use: str, comparisons: Sequence[Comparison], min_gain: float
) -> tuple[str, ...]:
    used = headline_means[use]
    warnings = []
    if used.few:
        warnings.append(
            f"Only {used.clusters} independent groups of examples: below {ENOUGH_CLUSTERS} the intervals are rough."
        )
    if used.mean < UNFIT_BELOW:
        warnings.append(
            f"Even so, {system_name(use)} scores only {used.mean:.2f}: do not rely on its answers unread."
        )
    needed = [
        count for pair in comparisons if (count := clusters_needed(pair.difference, min_gain)) is not None
    ]
    if needed and min(needed) > used.clusters:
        warnings.append(f"A lead of this size would be certain with about {min(needed)} groups.")
    return tuple(warnings)


def clusters_needed(difference: Interval, min_gain: float) -> int | None:
    """Return about how many clusters would make an uncertain lead certain; None where there is none to speak of.

    The interval's half-width shrinks with the square root of the number of clusters.
    """
    if difference.low is None or difference.mean < max(min_gain, 1e-9) or difference.low > 0:
        return None
    half_width = difference.mean - difference.low
    return math.ceil(difference.clusters * (half_width / difference.mean) ** 2)
