"""Why a verdict is what it is, and what limits it, as sentences."""

from collections.abc import Mapping

from lorewright.evaluation.comparing import CANDIDATES, Compared, Comparison, clusters_needed
from lorewright.evaluation.intervals import ENOUGH_CLUSTERS, FEWEST_CLUSTERS, Interval
from lorewright.evaluation.wording import (
    metric_name,
    number,
    reason_words,
    sentence,
    system_name,
    test_set_words,
)

UNFIT_BELOW = 0.25


def reason(
    found: Compared,
    choice: str,
    use: str,
    means: Mapping[str, Interval],
    *,
    test_set: str,
    metric: str,
    min_gain: float,
) -> str:
    """Return why a verdict is what it is: the deciding pair of systems, its figures, and what follows from them.

    Args:
        found: All comparisons.
        choice: Of the verdict.
        use: The system to use.
        means: Of the deciding metric, by system.
        test_set: Of the verdict.
        metric: The deciding one.
        min_gain: The least difference worth having.
    """
    pair = _deciding_pair(found, use)
    if pair is None:
        return (
            f"No tuned model was evaluated. {sentence(system_name(use))} does best on {test_set_words(test_set)}: "
            f"{number(means[use].mean)} {metric_name(metric)}."
        )
    return reason_words(
        choice=choice,
        system=pair.system,
        against=pair.against,
        score=means[pair.system],
        other_score=means[pair.against],
        difference=pair.difference,
        test_set=test_set,
        metric=metric,
        min_gain=min_gain,
    )


def _deciding_pair(found: Compared, use: str) -> Comparison | None:
    """Return the winner against the best alternative; else the foremost tuned system against what it did not beat."""
    pairs = [pair for pair in found.comparisons if pair.decisive and pair.against not in CANDIDATES]
    if not pairs:
        return None
    first = use if use in CANDIDATES else max(pairs, key=lambda pair: found.gaps[pair.system].mean).system
    own = [pair for pair in pairs if pair.system == first]
    return own[0] if first in found.winners else own[-1]


def warnings_of(
    found: Compared, use: str, used: Interval, *, failed: int, min_gain: float
) -> tuple[str, ...]:
    """Return what limits a verdict: few groups, a low score, failed answers, and how much more data would settle it.

    Args:
        found: All comparisons.
        use: The system to use.
        used: Its mean.
        failed: How many of its answers are no answers.
        min_gain: The least difference worth having.
    """
    warnings = []
    if used.clusters < FEWEST_CLUSTERS:
        warnings.append(f"Only {_groups(used.clusters)} of examples: nothing can be told from so few.")
    elif used.few:
        warnings.append(
            f"Only {used.clusters} independent groups of examples: below {ENOUGH_CLUSTERS} the intervals are rough."
        )
    if used.mean < UNFIT_BELOW:
        warnings.append(
            f"Even so, {system_name(use)} scores only {number(used.mean)}: do not rely on its answers unread."
        )
    if failed:
        warnings.append(
            f"{sentence(system_name(use))} gave no whole answer to {failed:,} of {used.n:,} questions; "
            "each counts as wrong."
        )
    needed = [
        count
        for pair in found.comparisons
        if pair.decisive and (count := clusters_needed(pair.difference, min_gain)) is not None
    ]
    if not found.winners and needed and min(needed) > used.clusters:
        warnings.append(f"A lead of this size would be certain with about {min(needed):,} groups.")
    return tuple(warnings)


def _groups(count: int) -> str:
    return "one independent group" if count == 1 else f"{count} independent groups"
