"""Marks in place of what must not leave the machine, and the way from the masked text back to the original.

`find_secrets` and `find_personal` say where something stands; here it is replaced. Nothing in this module keeps or
shows a value: a `Found` is a kind and a place, a `Masked` holds the masked text alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

PERSONAL_KINDS = frozenset({"email", "user"})
"""Kinds that are personal data; every other kind is a secret."""

GENERAL_KINDS = frozenset({"api key", "authorization", "cookie", "credential", "password", "secret", "token"})
"""Kinds that a label gives, not the value's own form; they give way to those that say more."""


class Found(NamedTuple):
    """Where something that must not leave the machine stands; never what it is.

    Attributes:
        kind: Such as `github token`, `password`, `email`, `user`.
        start: First character in the text that was searched.
        end: One past the last character.
    """

    kind: str
    start: int
    end: int


class Mark(NamedTuple):
    """One replacement: the stretch of the original that is hidden, and where its mark stands in the masked text."""

    kind: str
    start: int
    end: int
    masked_start: int
    masked_end: int


class Masked(NamedTuple):
    """A text with its secrets and personal data replaced, and the exact way between its characters and the original's.

    Attributes:
        text: The masked text.
        marks: The replacements, in order, with a character of text between any two or none.
    """

    text: str
    marks: tuple[Mark, ...] = ()

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original for `text[start:end]`; a mark that it touches counts whole."""
        return _across(
            start, end, [(one.masked_start, one.masked_end, one.start, one.end) for one in self.marks]
        )

    def to_masked(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the masked text for `original[start:end]`; a hidden stretch counts whole."""
        return _across(
            start, end, [(one.start, one.end, one.masked_start, one.masked_end) for one in self.marks]
        )


def mask(text: str, found: Iterable[Found]) -> Masked:
    """Return a text with a mark such as `[secret: github token]`, `[email]` or `[user]` in place of each find.

    Finds that overlap become one; it takes the kind of a secret before that of personal data, the
    kind that says most, and then that of the longest. The same finds give the same marks, always.
    """
    return mask_chunk(text, 0, len(text), found)


def mask_chunk(document_text: str, start: int, end: int, found: Iterable[Found]) -> Masked:
    """Return the stretch `document_text[start:end]` masked; offsets to and from the original count from its start.

    Args:
        document_text: The text that was searched.
        start: First character of the stretch.
        end: One past its last.
        found: What was found in the whole document, so that a find which the border of a chunk cuts is hidden on
            both sides of it.
    """
    pieces: list[str] = []
    marks: list[Mark] = []
    reached, length = start, 0
    for one in merge(one for one in found if one.start < end and start < one.end):
        first, last = max(one.start, start), min(one.end, end)
        label = mark_text(one.kind)
        pieces += document_text[reached:first], label
        length += first - reached
        marks.append(Mark(one.kind, first - start, last - start, length, length + len(label)))
        reached, length = last, length + len(label)
    pieces.append(document_text[reached:end])
    return Masked("".join(pieces), tuple(marks))


def merge(found: Iterable[Found]) -> list[Found]:
    """Return finds in order of place, those that overlap as one."""
    merged: list[Found] = []
    leading: Found | None = None
    for one in sorted(found, key=lambda one: (one.start, one.end, one.kind)):
        if one.start >= one.end:
            continue
        if leading is None or one.start >= merged[-1].end:
            leading = one
            merged.append(one)
            continue
        leading = max(leading, one, key=_weight)
        merged[-1] = Found(leading.kind, merged[-1].start, max(merged[-1].end, one.end))
    return merged


def mark_text(kind: str) -> str:
    """Return what stands in the masked text for a find of this kind."""
    return f"[{kind}]" if kind in PERSONAL_KINDS else f"[secret: {kind}]"


def _weight(one: Found) -> tuple[bool, bool, int]:
    return one.kind not in PERSONAL_KINDS, one.kind not in GENERAL_KINDS, one.end - one.start


def _across(start: int, end: int, marks: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """Carry a stretch over marks (from start, from end, to start, to end); an empty stretch stays empty."""
    first = _point(start, marks, towards_end=False)
    if end <= start:
        return first, first
    return first, _point(end, marks, towards_end=True)


def _point(offset: int, marks: Sequence[tuple[int, int, int, int]], *, towards_end: bool) -> int:
    """Carry one offset over; inside a mark, to its start or its end."""
    before = bisect_right(marks, (offset - 1 if towards_end else offset), key=lambda mark: mark[0]) - 1
    if before < 0:
        return offset
    from_start, from_end, to_start, to_end = marks[before]
    if from_start <= offset < from_end or (towards_end and offset == from_end):
        return to_end if towards_end else to_start
    return to_end + offset - from_end
