"""The learning curve: what more data has brought so far, and whether it says that still more would help."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lorewright.core.ids import short_id
from lorewright.core.records import Example
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference
from lorewright.evaluation.report_parts import LearningCurve, LearningPoint
from lorewright.evaluation.wording import signed

# Less than this for twice the data is not worth collecting it for.
HARDLY = 0.01


@dataclass(frozen=True)
class Trained:
    """What came of training on a fraction: how many examples of a task that was, and values by test example."""

    fraction: float
    examples: int
    values: Mapping[str, float]


def nested_fraction(examples: Iterable[Example], fraction: float) -> list[Example]:
    """Return a part of the training examples, in their order; a larger fraction holds all of a smaller one.

    Of each task whole groups are taken, in the order of a hash of their names, until there are enough; at least one.
    """
    rows = list(examples)
    if fraction >= 1:
        return rows
    by_task: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for example in rows:
        by_task[example.task][_group(example)] += 1
    kept = {
        (task, group)
        for task, sizes in by_task.items()
        for group in _first(sizes, fraction * sum(sizes.values()))
    }
    return [example for example in rows if (example.task, _group(example)) in kept]


def learning_curve(
    trained: Sequence[Trained],
    clusters: Mapping[str, str],
    *,
    task: str,
    test_set: str,
    system: str,
    metric: str,
) -> LearningCurve:
    """Return the curve of one system on one test set, and in words what its last step says.

    Args:
        trained: In any order, all of the same test examples.
        clusters: Cluster by example id.
        task: Name of the task.
        test_set: What it was tested on.
        system: Who answered.
        metric: From 0 to 1, higher is better.
    """
    ordered = sorted(trained, key=lambda one: one.fraction)
    points = tuple(
        LearningPoint(one.fraction, one.examples, mean_interval(one.values, clusters)) for one in ordered
    )
    return LearningCurve(task, test_set, system, metric, points, words=_words(ordered, clusters))


def _words(ordered: Sequence[Trained], clusters: Mapping[str, str]) -> str:
    if len(ordered) < 2:
        return "One fraction alone says nothing of more data."
    before, last = ordered[-2], ordered[-1]
    step = paired_difference(last.values, before.values, clusters)
    if last.examples <= before.examples:
        return "The last step adds no example of this task, so it says nothing of more data."
    doublings = math.log2(last.examples / before.examples)
    return f"{_step_words(before, last, step)} {_advice(step, doublings)}"


def _step_words(before: Trained, last: Trained, step: Interval) -> str:
    level = "too few groups for an interval"
    if step.low is not None:
        level = f"95% interval {signed(step.low)} to {signed(step.high)}"
    return f"From {before.examples:,} to {last.examples:,} examples: {signed(step.mean)} ({level})."


def _advice(step: Interval, doublings: float) -> str:
    """Return what a step says of more data, as if each doubling brought as much as the last."""
    if step.low is None or step.high is None:
        return "That decides nothing; more test questions would."
    each = step.mean / doublings
    if step.high < 0:
        return "More data made it worse beyond chance: look at the training, its epochs first."
    if step.high / doublings < HARDLY:
        return "More data of this kind would hardly help."
    if step.low > 0:
        return (
            f"More data would probably help: about {signed(each)} for twice as much, if it goes on like that."
        )
    return "That may be chance: whether more data would help is not known; more test questions would tell."


def _group(example: Example) -> str:
    return example.group or example.id


def _first(sizes: Mapping[str, int], wanted: float) -> list[str]:
    chosen: list[str] = []
    count = 0
    for name in sorted(sizes, key=lambda name: short_id("learning", name)):
        if chosen and count >= wanted:
            break
        chosen.append(name)
        count += sizes[name]
    return chosen
