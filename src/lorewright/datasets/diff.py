"""What differs between two versions of a dataset: examples added, removed, moved, changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from lorewright.core.records import Example, Metadata, Record
from lorewright.text.tokens import squash

SHOWN = 10


class Difference(Record):
    """One example that differs.

    Attributes:
        id: Of the example, as it is now; of a removed one, as it was.
        task: Of it.
        question: What is asked.
        answer: As it is now; of a removed one, as it was.
        before: The set it was in; empty for an added one.
        after: The set it is in; empty for a removed one.
        answer_before: The earlier answer of a changed one.
    """

    id: str
    task: str
    question: str
    answer: str
    before: str = ""
    after: str = ""
    answer_before: str = ""


class Differences(Record):
    """All that differs between two versions.

    Attributes:
        same: Examples that are in the same set of both.
        added: Examples that only the later has.
        removed: Examples that only the earlier has.
        moved: Examples that are in another set.
        changed: Examples that ask the same and answer otherwise.
        counts: By what is counted (`set`, `task`, `source`) and its value: how many before and after, where that
            differs.
        settings: Settings that differ: before and after, by dotted name.
        filters: Records that each filter took, before and after, where that differs.
    """

    same: int
    added: tuple[Difference, ...]
    removed: tuple[Difference, ...]
    moved: tuple[Difference, ...]
    changed: tuple[Difference, ...]
    counts: dict[str, dict[str, tuple[int, int]]]
    settings: dict[str, tuple[Any, Any]] = Field(default_factory=dict)
    filters: dict[str, tuple[int, int]] = Field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether no example differs."""
        return not (self.added or self.removed or self.moved or self.changed)


Sets = Mapping[str, Sequence[Example]]


def differences(
    before: Sets, after: Sets, *, source_of: Callable[[Example], str] = lambda _example: ""
) -> Differences:
    """Return what differs between the sets of two versions, each example by its id.

    Of examples that only one of them has, those with the same task and question are one changed example. Copies in a
    set count once.

    Args:
        before: Examples by set of the earlier.
        after: Of the later.
        source_of: The source of an example, for the counts.
    """
    was, now = _by_id(before), _by_id(after)
    gone = [key for key in was if key not in now]
    new = [key for key in now if key not in was]
    pairs = _pairs([was[key] for key in gone], [now[key] for key in new])
    changed = {key for pair in pairs for key in (pair[0][1].id, pair[1][1].id)}
    both = [key for key in now if key in was]
    return Differences(
        same=sum(was[key][0] == now[key][0] for key in both),
        added=tuple(_told(now[key][1], after=now[key][0]) for key in new if key not in changed),
        removed=tuple(_told(was[key][1], before=was[key][0]) for key in gone if key not in changed),
        moved=tuple(
            _told(now[key][1], before=was[key][0], after=now[key][0])
            for key in both
            if was[key][0] != now[key][0]
        ),
        changed=tuple(
            _told(later[1], before=earlier[0], after=later[0], answer_before=_answer(earlier[1]))
            for earlier, later in pairs
        ),
        counts={
            "set": _differing(Counter(one[0] for one in was.values()), Counter(o[0] for o in now.values())),
            "task": _differing(_count(was, lambda one: one.task), _count(now, lambda one: one.task)),
            "source": _differing(_count(was, source_of), _count(now, source_of)),
        },
    )


def differing_settings(before: Metadata, after: Metadata) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ, by dotted name, with both values; None where one has no such setting."""
    was, now = dict(_flat(before)), dict(_flat(after))
    names = sorted(was.keys() | now.keys())
    return {name: (was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)}


def _by_id(sets: Sets) -> dict[str, tuple[str, Example]]:
    return {example.id: (name, example) for name, members in sets.items() for example in members}


def _pairs(
    gone: Sequence[tuple[str, Example]], new: Sequence[tuple[str, Example]]
) -> list[tuple[tuple[str, Example], tuple[str, Example]]]:
    """Return examples of which one took the place of the other: each in one pair, in order."""
    waiting: dict[tuple[str, str], list[tuple[str, Example]]] = {}
    for one in gone:
        waiting.setdefault(_asks(one[1]), []).append(one)
    pairs = []
    for one in new:
        same = waiting.get(_asks(one[1]))
        if same:
            pairs.append((same.pop(0), one))
    return pairs


def _asks(example: Example) -> tuple[str, str]:
    return example.task, squash("\n".join(turn.content for turn in example.messages[:-1]))


def _told(example: Example, *, before: str = "", after: str = "", answer_before: str = "") -> Difference:
    return Difference(
        id=example.id,
        task=example.task,
        question=example.prompt,
        answer=_answer(example),
        before=before,
        after=after,
        answer_before=answer_before,
    )


def _answer(example: Example) -> str:
    return example.messages[-1].content if example.messages else ""


def _count(found: Mapping[str, tuple[str, Example]], value: Callable[[Example], str]) -> Counter[str]:
    return Counter(value(example) for _, example in found.values())


def _differing(before: Counter[str], after: Counter[str]) -> dict[str, tuple[int, int]]:
    names = sorted(before.keys() | after.keys())
    return {name: (before[name], after[name]) for name in names if before[name] != after[name]}


def _flat(tree: Metadata, prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
