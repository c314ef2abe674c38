"""Filters of the examples on a page, as radio buttons that its style sheet reads: no script is needed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lorewright.evaluation.report_data import TaskReport
from lorewright.evaluation.report_examples import ExampleView
from lorewright.evaluation.wording import test_set_words

_OUTCOMES = {"wins": "tuned wins", "loses": "tuned loses", "even": "no difference"}
_FAILED = "failures"
_FIRST = (*_OUTCOMES.values(), _FAILED)


@dataclass(frozen=True)
class Option:
    """One radio button: the id that is also the class of the examples it shows, its label, how many it shows."""

    id: str
    label: str
    count: int


@dataclass(frozen=True)
class FilterGroup:
    """Radio buttons of which one counts, after one that shows all; groups count together."""

    id: str
    legend: str
    options: tuple[Option, ...]


def filter_groups(tasks: Sequence[TaskReport]) -> tuple[FilterGroup, ...]:
    """Return the filters that part the examples of a report: by outcome, task, test set, category."""
    counts: dict[str, dict[str, int]] = {}
    shown = [(task, example) for task in tasks for example in task.examples]
    for task, example in shown:
        for legend, label in _kinds(task, example):
            labels = counts.setdefault(legend, {})
            labels[label] = labels.get(label, 0) + 1
    return tuple(
        FilterGroup(
            f"f{place}",
            legend,
            tuple(
                Option(f"f{place}-{number}", label, labels[label])
                for number, label in enumerate(sorted(labels, key=_order))
            ),
        )
        for place, (legend, labels) in enumerate(counts.items())
        if len(labels) > 1 or any(count < len(shown) for count in labels.values())
    )


def option_ids(groups: Iterable[FilterGroup], task: TaskReport, example: ExampleView) -> str:
    """Return the ids of the options that show an example, as classes of its element."""
    kinds = set(_kinds(task, example))
    return " ".join(
        option.id for group in groups for option in group.options if (group.legend, option.label) in kinds
    )


def _kinds(task: TaskReport, example: ExampleView) -> Iterator[tuple[str, str]]:
    if example.outcome:
        yield "Outcome", _OUTCOMES[example.outcome]
    if example.failed:
        yield "Outcome", _FAILED
    yield "Task", task.task
    yield "Test set", test_set_words(example.test_set)
    if example.category:
        yield "Category", example.category


def _order(label: str) -> tuple[int, str]:
    return (_FIRST.index(label) if label in _FIRST else len(_FIRST)), label
