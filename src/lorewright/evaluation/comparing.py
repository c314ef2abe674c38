"""Systems against each other on the same examples: who the best alternative is, and who beats whom beyond chance."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lorewright.evaluation.intervals import Interval, paired_difference
from lorewright.evaluation.systems import PROJECT_MODELS, RAG_SUFFIX, RETRIEVAL, STRUCTURED_ONLY

Values = Mapping[str, Mapping[str, float]]

TUNED = "tuned"
CANDIDATES = (TUNED, TUNED + RAG_SUFFIX)
_ASKED = (
    (TUNED, "base"),
    (TUNED, RETRIEVAL),
    (TUNED + RAG_SUFFIX, "base" + RAG_SUFFIX),
    (TUNED + RAG_SUFFIX, RETRIEVAL),
)
# Of two that are equally good the one that is simpler to run is named first.
_SIMPLEST_FIRST = (
    *STRUCTURED_ONLY,
    RETRIEVAL,
    *(name + end for end in ("", RAG_SUFFIX) for name in PROJECT_MODELS),
)


@dataclass(frozen=True)
class Comparison:
    """How much higher `system` scores than `against` on the same examples; a verdict rests on decisive ones."""

    system: str
    against: str
    difference: Interval
    decisive: bool = False


@dataclass(frozen=True)
class Compared:
    """What `compare` found.

    Attributes:
        best_other: The best alternative to the tuned systems.
        gaps: Each system's difference to the best alternative; it has none to itself.
        winners: The tuned systems that are better than every alternative.
        comparisons: The decisive ones first, then those that people ask about.
    """

    best_other: str
    gaps: Mapping[str, Interval]
    winners: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


def simplicity(system: str) -> tuple[int, str]:
    """Return a key that sorts systems, the one that is simplest to run first."""
    known = system in _SIMPLEST_FIRST
    return (_SIMPLEST_FIRST.index(system) if known else len(_SIMPLEST_FIRST)), system


def compare(
    values: Values, means: Mapping[str, float], clusters: Mapping[str, str], *, min_gain: float
) -> Compared:
    """Return how the systems stand to the best alternative, and which tuned ones are better than every alternative.

    A tuned system is better when it leads the best alternative by `min_gain` and the interval of its lead over *each*
    alternative lies above zero: the one that seems best may owe that to chance, and to beat it alone proves little.

    Args:
        values: By system and example id; at least one is no tuned system.
        means: Of each system.
        clusters: Cluster by example id.
        min_gain: The least difference worth having.

    Raises:
        EvaluationError: The systems were scored on different examples.
    """
    names = sorted(values, key=simplicity)
    others = [name for name in names if name not in CANDIDATES]
    best = max(others, key=lambda name: means[name])
    gaps = {name: paired_difference(values[name], values[best], clusters) for name in names if name != best}
    winners, decisive = [], {}
    for candidate in filter(values.__contains__, CANDIDATES):
        against = {
            other: gaps[candidate]
            if other == best
            else paired_difference(values[candidate], values[other], clusters)
            for other in others
        }
        unbeaten = [name for name in others if name != best and not _surely_above(against[name])]
        decisive[candidate, best] = against[best]
        if is_sure_gain(against[best], min_gain):
            decisive |= {(candidate, name): against[name] for name in unbeaten}
            winners += [] if unbeaten else [candidate]
    if CANDIDATES[0] in values and CANDIDATES[1] in values and winners:
        decisive[CANDIDATES[::-1]] = paired_difference(values[CANDIDATES[1]], values[TUNED], clusters)
    asked = [
        pair for pair in (*_ASKED, CANDIDATES[::-1]) if pair not in decisive and values.keys() >= set(pair)
    ]
    comparisons = [Comparison(*pair, difference, decisive=True) for pair, difference in decisive.items()]
    comparisons += [Comparison(a, b, paired_difference(values[a], values[b], clusters)) for a, b in asked]
    return Compared(best, gaps, tuple(winners), tuple(comparisons))


def is_sure_gain(difference: Interval, min_gain: float) -> bool:
    """Return whether a difference is worth having and its interval lies above zero."""
    return difference.mean >= min_gain and _surely_above(difference)


def find(comparisons: Iterable[Comparison], system: str, against: str) -> Comparison | None:
    """Return the comparison of two systems, None where they were not compared."""
    return next((pair for pair in comparisons if (pair.system, pair.against) == (system, against)), None)


def clusters_needed(difference: Interval, min_gain: float) -> int | None:
    """Return about how many clusters would make an uncertain lead certain; None where there is none to speak of.

    The interval's half-width shrinks with the square root of the number of clusters.
    """
    if difference.low is None or difference.mean < max(min_gain, 1e-9) or difference.low > 0:
        return None
    half_width = difference.mean - difference.low
    return math.ceil(difference.clusters * (half_width / difference.mean) ** 2)


def _surely_above(difference: Interval) -> bool:
    return difference.low is not None and difference.low > 0
