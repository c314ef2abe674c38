"""One decision as it is kept: what was decided, by whom, and what they saw."""

from datetime import UTC, datetime
from typing import Literal

from lorewright.core.assessments import Decision
from lorewright.core.ids import short_id
from lorewright.core.making import turns_of
from lorewright.core.printable import printable
from lorewright.core.records import Message, Record

KEPT = "kept"
"""What the filters said of an example that none of them objected to."""


class Seen(Record):
    """What a reviewer had before them, so that a decision can be read when the runs are gone.

    Attributes:
        example_id: The example, as it was shown.
        task: Its task.
        question: What its last user turn asked, without the passages shown there.
        messages: What it said.
        documents: Ids of the documents that its evidence stands in.
        said: What the filters said by themselves: `kept`, or the name of the one that objected; empty where a person
            had overruled them before, or where nobody knows.
        score: What a judge gave it, 0 to 1.
    """

    example_id: str = ""
    task: str = ""
    question: str = ""
    messages: tuple[Message, ...] = ()
    documents: tuple[str, ...] = ()
    said: str = ""
    score: float | None = None


class Decided(Record):
    """A person's decision about the words of an example.

    Attributes:
        number: Its place in the store, from 1; 0 before it is kept.
        key: `core.making.review_key` of the words that were shown.
        messages: What the example is to say; only after an edit.
        entry: What tells that this very decision was taken in before: see `entry_of`.
        undone: Whether the reviewer took it back.
    """

    number: int = 0
    key: str
    decision: Decision
    messages: tuple[Message, ...] = ()
    note: str = ""
    reviewer: str = ""
    reviewed_at: datetime
    seen: Seen = Seen()
    entry: str
    undone: bool = False


def entry_of(
    key: str,
    decision: Decision | Literal["undo"],
    messages: tuple[Message, ...],
    note: str,
    reviewer: str,
    reviewed_at: str,
) -> str:
    """Return a hash of a decision's content: the same one, from whatever file or server, is kept once."""
    return short_id("decision", key, decision, turns_of(messages), note, reviewer, reviewed_at)


def spelled(moment: datetime) -> str:
    """Return a moment as it is kept: UTC in ISO 8601 to the microsecond, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def make_decided(
    *,
    key: str,
    decision: Decision,
    messages: tuple[Message, ...] = (),
    note: str = "",
    reviewer: str,
    reviewed_at: datetime,
    seen: Seen,
) -> Decided:
    """Return a decision with its entry filled in; note and name lose the characters that nobody sees."""
    note, reviewer = printable(note).strip(), printable(reviewer).strip()
    return Decided(
        key=key,
        decision=decision,
        messages=messages,
        note=note,
        reviewer=reviewer,
        reviewed_at=reviewed_at,
        seen=seen,
        entry=entry_of(key, decision, messages, note, reviewer, spelled(reviewed_at)),
    )
