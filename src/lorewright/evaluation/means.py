"""Means with intervals of each system on one test set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lorewright.core.records import Score
from lorewright.evaluation.bootstrap import Interval, mean_interval
from lorewright.evaluation.scoring import ANSWER_NLL

Values = Mapping[str, Mapping[str, float]]

_FIRST = ("rouge_l", "exact_match")
_LAST = ("json_valid", ANSWER_NLL)


@dataclass(frozen=True)
class SystemRow:
    """One system's means on one test set, by metric; `latency_s` is seconds an answer, where it was timed."""

    system: str
    means: Mapping[str, Interval]
    latency_s: float | None = None


def by_metric_and_system(scores: Iterable[Score]) -> dict[str, dict[str, dict[str, float]]]:
    """Return values by metric, then system, then example id."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for score in scores:
        table.setdefault(score.metric, {}).setdefault(score.system, {})[score.example_id] = score.value
    return table


def system_rows(
    by_metric: Mapping[str, Values],
    metric: str,
    clusters: Mapping[str, str],
    seed: int,
    resamples: int,
    latencies: Mapping[str, float],
) -> tuple[SystemRow, ...]:
    """Return every system's means with intervals, best first by `metric`; the arguments are `verdict.judge`'s."""
    names = [metric, *sorted((name for name in by_metric if name != metric), key=_order)]
    rows = [
        SystemRow(
            system=system,
            means={
                name: mean_interval(
                    by_metric[name][system],
                    clusters,
                    seed=seed,
                    resamples=resamples,
                    bounds=(0.0, None if name == ANSWER_NLL else 1.0),
                )
                for name in names
                if system in by_metric[name]
            },
            latency_s=latencies.get(system),
        )
        for system in by_metric[metric]
    ]
    return tuple(sorted(rows, key=lambda row: -row.means[metric].mean))


def _order(metric: str) -> tuple[int, str]:
    if metric in _FIRST:
        return _FIRST.index(metric), metric
    return (len(_FIRST) + 1 + _LAST.index(metric) if metric in _LAST else len(_FIRST)), metric
