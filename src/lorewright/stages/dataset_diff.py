"""Two versions of a dataset, or a version and the current run, compared: examples, counts, settings, filters."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lorewright.core.records import Example, Metadata, Record, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.datasets.diff import Difference, difference
from lorewright.datasets.tally import Tally
from lorewright.stages.dataset_card import run_facts
from lorewright.stages.dataset_versions import Version, read_set

_COUNTED = {"task": "by_task", "origin": "by_origin", "source": "by_source"}


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        label: What a person knows it by.
        read: The examples of a set.
        sets: What is in each set, as `dataset.json` has it.
        settings: Those that decided the content.
        steps: What each filter took, as `dataset.json` has it.
    """

    label: str
    read: Callable[[str], Iterator[Example]]
    sets: Metadata
    settings: Metadata
    steps: list[Metadata]


class Compared(Record):
    """What changed.

    Attributes:
        before: Label of the first.
        after: Label of the second.
        examples: Example by example.
        counts: `set`, `task`, `origin` and `source`, each from its values to the rows before and after, those that
            changed.
        settings: Settings that changed, with both values; None where there was none.
        filters: What the filters took, as far as that changed: `step: filter` to both numbers.
    """

    before: str
    after: str
    examples: Difference
    counts: dict[str, dict[str, tuple[int, int]]]
    settings: dict[str, tuple[Any, Any]]
    filters: dict[str, tuple[int, int]]


def version_side(version: Version) -> Side:
    """Return a version as one side of a comparison."""
    facts = version.facts
    return Side(
        version.label,
        lambda name: read_set(version, name),
        facts.get("sets", {}),
        facts.get("settings", {}),
        facts.get("steps", []),
    )


def run_side(workspace: Workspace, runs: Mapping[str, Run]) -> Side:
    """Return the run of dataset, given with all it needs, as one side of a comparison."""
    run = runs["dataset"]
    folder = workspace.run_dir("dataset", run.id)
    facts = run_facts(workspace, runs, title="")

    def read(name: str) -> Iterator[Example]:
        return read_table(folder / f"{name}.parquet", Example)

    told = {}
    for name in run.metrics["sets"]:
        tally = Tally(facts.source_of)
        for _ in tally.passing(read(name)):
            pass
        told[name] = asdict(tally.told())
    steps = [asdict(step) for step in facts.steps]
    return Side(f"dataset/{run.id}", read, told, facts.settings, steps)


def compare(before: Side, after: Side) -> Compared:
    """Return what changed from one to the other."""
    sets = [{name: side.read(name) for name in side.sets} for side in (before, after)]
    rows = [{name: int(one["rows"]) for name, one in side.sets.items()} for side in (before, after)]
    counts = {"set": _pairs(*rows)}
    for what, key in _COUNTED.items():
        counts[what] = _pairs(*(_summed(side.sets, key) for side in (before, after)))
    old, new = _flat(before.settings), _flat(after.settings)
    keys = sorted(old.keys() | new.keys())
    return Compared(
        before=before.label,
        after=after.label,
        examples=difference(*sets),
        counts={what: found for what, found in counts.items() if found},
        settings={key: (old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)},
        filters=_pairs(*(_taken(side.steps) for side in (before, after))),
    )


def _summed(sets: Metadata, key: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in sets.values():
        for value, number in one[key].items():
            found[value] = found.get(value, 0) + number
    return found


def _taken(steps: list[Metadata]) -> dict[str, int]:
    return {f"{step['name']}: {name}": number for step in steps for name, number in step["taken"].items()}


def _pairs(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return what differs, with both numbers."""
    keys = dict.fromkeys([*before, *after])
    pairs = {key: (before.get(key, 0), after.get(key, 0)) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict) or not tree:
        return {prefix.rstrip("."): tree} if prefix else {}
    found: dict[str, Any] = {}
    for key, value in tree.items():
        found |= _flat(value, f"{prefix}{key}.")
    return found
