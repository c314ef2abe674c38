"""Means with intervals of each system on one test set, and what its answers took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lorewright.core.records import Score
from lorewright.evaluation.comparing import Values, simplicity
from lorewright.evaluation.intervals import Interval, mean_interval
from lorewright.evaluation.scoring import ANSWER_NLL

_FIRST = ("rouge_l", "exact_match")
_LAST = ("json_valid", ANSWER_NLL)


@dataclass(frozen=True)
class SystemRow:
    """One system on one test set; what is None is not known.

    Attributes:
        means: By metric, the deciding one first.
        gap: How much higher it scores than the best alternative; None for that one itself.
        latency_s: Seconds an answer, of those that were really asked for.
        cost_usd: Dollars an answer.
        memory_bytes: The most that was used at a time.
        failures: How many answers are errors, empty or cut.
    """

    system: str
    means: Mapping[str, Interval]
    gap: Interval | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    memory_bytes: int | None = None
    failures: int | None = None


def by_metric_and_system(scores: Iterable[Score]) -> dict[str, dict[str, dict[str, float]]]:
    """Return values by metric, then system, then example id."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for score in scores:
        table.setdefault(score.metric, {}).setdefault(score.system, {})[score.example_id] = score.value
    return table


def means_of(
    by_metric: Mapping[str, Values], metric: str, clusters: Mapping[str, str]
) -> dict[str, dict[str, Interval]]:
    """Return every system's means with intervals by metric, `metric` first; the system that does best in it first."""
    names = [metric, *sorted((name for name in by_metric if name != metric), key=_order)]
    means = {
        system: {
            name: mean_interval(
                by_metric[name][system], clusters, bounds=(0.0, None if name == ANSWER_NLL else 1.0)
            )
            for name in names
            if system in by_metric[name]
        }
        for system in by_metric[metric]
    }
    best_first = sorted(means, key=lambda system: (-means[system][metric].mean, simplicity(system)))
    return {system: means[system] for system in best_first}


def _order(metric: str) -> tuple[int, str]:
    if metric in _FIRST:
        return _FIRST.index(metric), metric
    return (len(_FIRST) + 1 + _LAST.index(metric) if metric in _LAST else len(_FIRST)), metric
