"""The decisions of people in the database: added, taken back, forgotten; never changed."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lorewright.core.records import Message
from lorewright.store.database import Database
from lorewright.store.decided import Decided, Seen, entry_of, spelled

if TYPE_CHECKING:
    from sqlalchemy import Connection, TableClause

_UNDO = "undo"
_COLUMNS = (
    "number",
    "entry",
    "key",
    "decision",
    "undoes",
    "messages",
    "note",
    "reviewer",
    "reviewed_at",
    "example_id",
    "task",
    "question",
    "seen_messages",
    "documents",
    "said",
    "score",
)


def add_decisions(database: Database, decisions: Iterable[Decided]) -> list[Decided]:
    """Keep decisions, all or none, but for those that are there already; return the new ones with their numbers.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    from sqlalchemy import select

    added: list[Decided] = []
    with database.writing() as connection:
        table = _table()
        known = set(connection.execute(select(table.c.entry)).scalars())
        for decided in decisions:
            if decided.entry in known:
                continue
            known.add(decided.entry)
            connection.execute(table.insert().values(**_row_of(decided)))
            added.append(decided.model_copy(update={"number": _number_of(connection, table, decided.entry)}))
    return added


def all_decisions(database: Database) -> list[Decided]:
    """Return every decision, oldest first, those that were taken back among them; none where nothing was decided.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    from sqlalchemy import select

    with database.reading() as connection:
        if connection is None:
            return []
        table = _table()
        rows = connection.execute(select(table).order_by(table.c.number)).mappings().all()
    taken_back = {row["undoes"] for row in rows if row["decision"] == _UNDO}
    return [_decided_of(row, taken_back) for row in rows if row["decision"] != _UNDO]


def undo_last(
    database: Database, *, reviewer: str, now: datetime, number: int | None = None
) -> Decided | None:
    """Take back the last decision of a reviewer that still holds; return it, None where there is none.

    Args:
        database: Where it stands.
        reviewer: Whose.
        now: When it is taken back.
        number: Only the one of this number.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    from sqlalchemy import select

    if not database.exists():
        return None
    with database.writing() as connection:
        table = _table()
        taken_back = select(table.c.undoes).where(table.c.undoes.is_not(None))
        theirs = (
            select(table)
            .where(table.c.reviewer == reviewer, table.c.decision != _UNDO, table.c.number.not_in(taken_back))
            .order_by(table.c.number.desc())
            .limit(1)
        )
        if number is not None:
            theirs = theirs.where(table.c.number == number)
        row = connection.execute(theirs).mappings().first()
        if row is None:
            return None
        decided = _decided_of(row, {row["number"]})
        undoing = _row_of(decided) | {
            "entry": entry_of(decided.key, "undo", (), "", reviewer, str(decided.number)),
            "decision": _UNDO,
            "undoes": decided.number,
            "messages": "[]",
            "note": "",
            "reviewed_at": spelled(now),
        }
        connection.execute(table.insert().values(**undoing))
    return decided


def forget_decisions(database: Database, concerns: Callable[[Decided], bool]) -> int:
    """Remove the decisions that are concerned, and every trace of their words in the file; return how many.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    from sqlalchemy import or_

    numbers = [decided.number for decided in all_decisions(database) if concerns(decided)]
    if not numbers:
        return 0
    with database.writing() as connection:
        table = _table()
        for some in _in_parts(numbers):
            connection.execute(table.delete().where(or_(table.c.number.in_(some), table.c.undoes.in_(some))))
    database.empty_log()
    return len(numbers)


def _table() -> "TableClause":
    from sqlalchemy import column, table

    return table("decisions", *(column(name) for name in _COLUMNS))


def _number_of(connection: "Connection", table: "TableClause", entry: str) -> int:
    from sqlalchemy import select

    return int(connection.execute(select(table.c.number).where(table.c.entry == entry)).scalar_one())


def _in_parts(numbers: Sequence[int], size: int = 500) -> Iterable[Collection[int]]:
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _row_of(decided: Decided) -> dict[str, Any]:
    return {
        "entry": decided.entry,
        "key": decided.key,
        "decision": decided.decision,
        "undoes": None,
        "messages": _spelled_messages(decided.messages),
        "note": decided.note,
        "reviewer": decided.reviewer,
        "reviewed_at": spelled(decided.reviewed_at),
        "example_id": decided.seen.example_id,
        "task": decided.seen.task,
        "question": json.dumps(decided.seen.question),
        "seen_messages": _spelled_messages(decided.seen.messages),
        "documents": json.dumps(decided.seen.documents),
        "said": decided.seen.said,
        "score": decided.seen.score,
    }


def _decided_of(row: Any, taken_back: Collection[int]) -> Decided:
    return Decided(
        number=row["number"],
        key=row["key"],
        decision=row["decision"],
        messages=_messages(row["messages"]),
        note=row["note"],
        reviewer=row["reviewer"],
        reviewed_at=datetime.fromisoformat(row["reviewed_at"]),
        seen=Seen(
            example_id=row["example_id"],
            task=row["task"],
            question=json.loads(row["question"]),
            messages=_messages(row["seen_messages"]),
            documents=tuple(json.loads(row["documents"])),
            said=row["said"],
            score=row["score"],
        ),
        entry=row["entry"],
        undone=row["number"] in taken_back,
    )


def _spelled_messages(messages: tuple[Message, ...]) -> str:
    # Escaped, so that half a surrogate pair, which no database takes as text, comes back as it was.
    return json.dumps([[message.role, message.content] for message in messages])


def _messages(spelled_so: str) -> tuple[Message, ...]:
    return tuple(Message(role=role, content=content) for role, content in json.loads(spelled_so))
