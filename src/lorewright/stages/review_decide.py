"""A decision about an example, checked and kept; and taken back."""

from datetime import UTC, datetime

from lorewright.core.assessments import Decision
from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Message
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import SCHEMA
from lorewright.curation.editing import bad_edit
from lorewright.stages.review_examples import Background, Reviewable, seen_of
from lorewright.store.database import Database
from lorewright.store.decided import Decided, make_decided
from lorewright.store.reviews import add_decisions, all_decisions, undo_last


def decide(
    workspace: Workspace,
    reviewable: Reviewable,
    decision: Decision,
    *,
    background: Background,
    messages: tuple[Message, ...] = (),
    note: str = "",
    reviewer: str,
) -> Decided:
    """Keep a decision; it is durable when this returns.

    Args:
        workspace: Of the project.
        reviewable: What is decided about.
        decision: What is decided.
        background: What it was made of.
        messages: What it is to say, for an edit.
        note: Why.
        reviewer: Who decides.

    Raises:
        ConfigError: The edit is no conversation or changes nothing, the note is empty, or what is to be accepted is no
            conversation.
        StorageError: The disk or the server refuses.
    """
    name = reviewable.example.id
    if decision == "edit" and (fault := bad_edit(reviewable.example, messages)):
        raise ConfigError(f"The edit of {name} cannot be kept: {fault}.", f"lore review edit {name}")
    if decision == "note" and not note.strip():
        raise ConfigError("The note is empty.", f"lore review note {name} --note 'what there is to say'")
    if decision == "accept" and reviewable.filter == SCHEMA:
        raise ConfigError(
            f"{name} cannot be accepted as it is: {reviewable.reason}.", f"lore review edit {name}"
        )
    made = make_decided(
        key=reviewable.key,
        decision=decision,
        messages=messages,
        note=note,
        reviewer=reviewer,
        reviewed_at=datetime.now(UTC),
        seen=seen_of(reviewable, background),
    )
    return add_decisions(Database(workspace.root), [made])[0]


def take_back(workspace: Workspace, *, reviewer: str, number: int | None = None) -> Decided:
    """Take back the last decision of a reviewer that still holds, or the one of a number, and return it.

    Raises:
        NotFoundError: There is none.
        StorageError: The disk or the server refuses.
    """
    now = datetime.now(UTC)
    undone = undo_last(Database(workspace.root), reviewer=reviewer, now=now, number=number)
    if undone is None:
        raise _nothing(reviewer)
    return undone


def last_of(workspace: Workspace, *, reviewer: str, count: int) -> list[Decided]:
    """Return the last decisions of a reviewer that still hold, at most so many, the newest first.

    Raises:
        NotFoundError: There is none.
        StorageError: The disk or the server refuses.
    """
    theirs = [
        one for one in all_decisions(Database(workspace.root)) if one.reviewer == reviewer and not one.undone
    ]
    if not theirs:
        raise _nothing(reviewer)
    return theirs[::-1][:count]


def _nothing(reviewer: str) -> NotFoundError:
    return NotFoundError(
        f"{reviewer} has decided nothing that could be taken back.", "`lore review list` shows decisions"
    )
