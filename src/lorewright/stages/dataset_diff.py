"""dataset diff: two versions of a dataset, or a version and the newest run, side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lorewright.core.records import Example, Metadata
from lorewright.datasets.diff import Differences, differences, differing_settings
from lorewright.stages.dataset_sets import Sets


class Side(NamedTuple):
    """One of the two that are compared.

    Attributes:
        sets: Its examples.
        settings: That decided its content.
        taken: Records that each filter took, by `step: filter`.
    """

    sets: Sets
    settings: Metadata
    taken: Mapping[str, int]


def diff_sides(before: Side, after: Side) -> Differences:
    """Return what differs between two versions or runs: examples, counts, settings, filters."""

    def source_of(example: Example) -> str:
        found = after.sets.source_of(example) or before.sets.source_of(example)
        return found.repository if found else ""

    made = differences(_members(before.sets), _members(after.sets), source_of=source_of)
    was, now = Counter(before.taken), Counter(after.taken)
    names = sorted(was.keys() | now.keys())
    return made.model_copy(
        update={
            "settings": differing_settings(before.settings, after.settings),
            "filters": {name: (was[name], now[name]) for name in names if was[name] != now[name]},
        }
    )


def taken_of(steps: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many records each filter took, by step and name, of `steps` as `dataset.json` has them."""
    return {f"{step['name']}: {name}": int(count) for step in steps for name, count in step["taken"].items()}


def _members(sets: Sets) -> dict[str, list[Example]]:
    return {name: list(sets.read(name)) for name in sets.sizes}
