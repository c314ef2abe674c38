"""The funnel: what came into each stage, what stayed, and why the rest did not, with examples of each reason."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from lorewright.core.records import Example, Record, Rejection

SHOWN = 10
_TEXT_CHARS = 400
T = TypeVar("T")


class LeftOut(Record):
    """One record that was left out.

    Attributes:
        id: Its id.
        name: What a person knows it by: the question of an example, the path of a file.
        answer: What the example answers; empty for other records.
        reason: Why it was left out, with the value that decided.
        twin: Id of the kept record that it duplicates; empty where there is none.
        twin_name: What a person knows the twin by.
    """

    id: str
    name: str
    answer: str = ""
    reason: str
    twin: str = ""
    twin_name: str = ""


class Reason(Record):
    """Those that one filter left out: how many, what the filter wants, and some of them."""

    filter: str
    wants: str = ""
    count: int
    shown: tuple[LeftOut, ...] = ()


class FunnelStep(Record):
    """How many records came into a stage, stayed, and were left out for each reason, the most frequent first."""

    stage: str
    records: str
    came_in: int
    kept: int
    failed: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def share(self) -> float:
        """The share of records that stayed, from 0 to 1."""
        return self.kept / self.came_in if self.came_in else 0.0


def reasons_of(
    rejections: Iterable[Rejection],
    *,
    view: Callable[[Rejection], LeftOut],
    wants: Callable[[str], str],
    shown: int = SHOWN,
) -> tuple[Reason, ...]:
    """Return the filters that rejected something, the one that rejected most first.

    Args:
        rejections: In a stable order.
        view: What is shown of one.
        wants: What a filter wants, by its name.
        shown: How many of each filter are shown: the first, the last, and others evenly between.
    """
    by_filter: dict[str, list[Rejection]] = {}
    for one in rejections:
        by_filter.setdefault(one.filter, []).append(one)
    ordered = sorted(by_filter.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Reason(
            filter=name,
            wants=wants(name),
            count=len(own),
            shown=tuple(view(one) for one in spread(own, shown)),
        )
        for name, own in ordered
    )


def viewer(rejections: Sequence[Rejection], examples: Iterable[Example]) -> Callable[[Rejection], LeftOut]:
    """Return what makes a rejection readable: with the answer that was left out, and the question of its twin.

    Args:
        rejections: All that are to be seen.
        examples: What was given to the stage that rejected them; empty where that were no examples.
    """
    wanted = {one.record_id for one in rejections} | {one.twin for one in rejections} - {""}
    known = {
        one.id: (one.prompt, one.messages[-1].content if one.messages else "")
        for one in examples
        if one.id in wanted
    }

    def view(one: Rejection) -> LeftOut:
        prompt, answer = known.get(one.record_id, (one.name, ""))
        return LeftOut(
            id=one.record_id,
            name=_cut(prompt or one.name),
            answer=_cut(answer),
            reason=one.reason,
            twin=one.twin,
            twin_name=_cut(known[one.twin][0]) if one.twin in known else "",
        )

    return view


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_CHARS else f"{text[:_TEXT_CHARS]} …"


def spread(items: Sequence[T], count: int) -> list[T]:
    """Return at most `count` items, evenly spread from the first to the last."""
    if len(items) <= count:
        return list(items)
    if count < 2:
        return list(items[:count])
    return [items[round(number * (len(items) - 1) / (count - 1))] for number in range(count)]
