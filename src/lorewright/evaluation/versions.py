"""Two versions of a model on the same test questions: what changed, beyond chance or not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference
from lorewright.evaluation.means import by_metric_and_system

Outcome = Literal["better", "worse", "no difference shown", "too few groups to tell"]
EVEN = 1e-9
"""Scores that are no further apart are a tie."""


@dataclass(frozen=True)
class MetricChange:
    """One metric of two versions.

    Attributes:
        a: Mean of the first.
        b: Mean of the second.
        difference: How much higher the second scores, on the same examples.
        outcome: Of the second against the first, by the interval of the difference.
    """

    metric: str
    a: Interval
    b: Interval
    difference: Interval
    outcome: Outcome


@dataclass(frozen=True)
class Changed:
    """One example on which two versions do not score the same."""

    example_id: str
    a: float
    b: float


@dataclass(frozen=True)
class SetChange:
    """Two versions on the test examples of one task and test set.

    Attributes:
        metrics: The one that decides first.
        wins: Examples on which the second scores higher, by the metric that decides; losses and ties likewise.
        changed: The examples on which they differ, the largest difference first.
    """

    task: str
    test_set: str
    metrics: tuple[MetricChange, ...]
    wins: int
    losses: int
    ties: int
    changed: tuple[Changed, ...]

    @property
    def decisive(self) -> MetricChange:
        """The metric that decides."""
        return self.metrics[0]


def compare_versions(
    scores: Iterable[Score],
    *,
    a: str,
    b: str,
    task: str,
    test_set: str,
    metric: str,
    clusters: Mapping[str, str],
) -> SetChange:
    """Return how a second version stands to a first one on one task and test set.

    It is better where the 95% interval of the paired difference lies above zero, and worse where it lies below;
    elsewhere no difference is shown, which is not that there is none.

    Args:
        scores: Of both, on the same examples; metrics from 0 to 1, higher is better.
        a: System of the first.
        b: System of the second.
        task: Name of the task.
        test_set: `questions`, `unseen-docs` or `seen-docs`.
        metric: The metric that decides.
        clusters: Cluster by example id.

    Raises:
        EvaluationError: There are no scores of one of them, or they were scored on different examples.
    """
    by_metric = by_metric_and_system(scores)
    for system in (a, b):
        if system not in by_metric.get(metric, {}):
            raise EvaluationError(f"{system} has no {metric} scores on {test_set} of {task}", "lore evaluate")
    names = [metric, *sorted(name for name in by_metric if name != metric)]
    first, second = by_metric[metric][a], by_metric[metric][b]
    apart = {
        example_id: second[example_id] - first[example_id] for example_id in first if example_id in second
    }
    changed = sorted(
        (one for one in apart if abs(apart[one]) > EVEN), key=lambda one: (-abs(apart[one]), one)
    )
    wins = sum(apart[one] > 0 for one in changed)
    return SetChange(
        task=task,
        test_set=test_set,
        metrics=tuple(
            _metric_change(name, by_metric[name][a], by_metric[name][b], clusters)
            for name in names
            if by_metric[name].keys() >= {a, b}
        ),
        wins=wins,
        losses=len(changed) - wins,
        ties=len(apart) - len(changed),
        changed=tuple(Changed(one, first[one], second[one]) for one in changed),
    )


def _metric_change(
    metric: str, first: Mapping[str, float], second: Mapping[str, float], clusters: Mapping[str, str]
) -> MetricChange:
    difference = paired_difference(second, first, clusters)
    return MetricChange(
        metric=metric,
        a=mean_interval(first, clusters),
        b=mean_interval(second, clusters),
        difference=difference,
        outcome=outcome_of(difference),
    )


def outcome_of(difference: Interval) -> Outcome:
    """Return what the interval of a difference says."""
    if difference.low is None or difference.high is None:
        return "too few groups to tell"
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "no difference shown"
