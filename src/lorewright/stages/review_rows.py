"""Decisions as rows of a table that people fill in, and rows as decisions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lorewright.core.assessments import Decision
from lorewright.core.making import make_example, review_key
from lorewright.core.records import Example, Message
from lorewright.curation.curate import SCHEMA
from lorewright.curation.editing import asked, bad_edit, metadata_after, rewritten
from lorewright.stages.review_examples import Reviewable
from lorewright.store.decided import Decided, Seen, entry_of, make_decided, spelled

COLUMNS = (
    "decision",
    "note",
    "question",
    "answer",
    "new_question",
    "new_answer",
    "task",
    "said",
    "score",
    "example_id",
    "reviewer",
    "reviewed_at",
    "documents",
    "key",
    "messages",
    "new_messages",
)
_DECISIONS: dict[str, Decision] = {
    "accept": "accept",
    "accepted": "accept",
    "edit": "edit",
    "edited": "edit",
    "reject": "reject",
    "rejected": "reject",
    "note": "note",
}
_CLOCKS_APART = timedelta(days=1)


class RowProblemError(Exception):
    """A row that cannot be taken in; its text says why."""


@dataclass(frozen=True)
class Known:
    """The examples of this project, by the key of their words and by their ids."""

    by_key: Mapping[str, Reviewable]
    by_id: Mapping[str, Reviewable]


def row_of(decided: Decided) -> dict[str, Any]:
    """Return a decision as a row: messages as lists of role and content, a score as a number."""
    edited = _example(decided.seen, decided.messages) if decided.messages else None
    return {
        **_seen_row(decided.seen, decided.key),
        "decision": decided.decision,
        "note": decided.note,
        "new_question": asked(edited) if edited else "",
        "new_answer": _answer(decided.messages),
        "reviewer": decided.reviewer,
        "reviewed_at": spelled(decided.reviewed_at),
        "new_messages": _plain(decided.messages),
    }


def open_row(seen: Seen, key: str) -> dict[str, Any]:
    """Return an example as a row that waits for a decision."""
    blank = dict.fromkeys(COLUMNS, "")
    return {**blank, **_seen_row(seen, key), "new_messages": []}


def cells_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row as texts: lists as JSON, and half a surrogate pair, which no file takes, as a question mark."""
    return {name: _cell(row[name]) for name in COLUMNS}


def decided_of(row: Mapping[str, Any], known: Known, *, reviewer: str, now: datetime) -> Decided | None:
    """Return what a row decides; None where its decision is empty.

    A row needs a decision and what it is about: `messages`, or the `key` or `example_id` of an example of the project.
    An edit has `new_question`, `new_answer`, or both.

    Args:
        row: Column to value: texts, or what `row_of` returns.
        known: The examples of the project.
        reviewer: Who decides where the row names nobody.
        now: When, where the row does not say it.

    Raises:
        RowProblemError: The row cannot be taken in.
    """
    said = _text(row, "decision").casefold()
    if not said:
        _refuse_half_filled(row)
        return None
    decision = _DECISIONS.get(said)
    if decision is None:
        raise RowProblemError(f"{said!r} is no decision; write accept, edit, reject or note")
    key, seen, example = _about(row, known)
    at = known.by_key.get(key)
    if decision == "accept" and at is not None and at.filter == SCHEMA:
        raise RowProblemError(f"it cannot be accepted as it is: {at.reason}")
    messages = _new_messages(row, example, decision)
    note = _text(row, "note")
    if decision == "note" and not note:
        raise RowProblemError("its note is empty")
    named, moment = _text(row, "reviewer"), _moment(row, now)
    made = make_decided(
        key=key,
        decision=decision,
        messages=messages,
        note=note,
        reviewer=named or reviewer,
        reviewed_at=moment or now,
        seen=seen,
    )
    written = spelled(moment) if moment else ""
    return made.model_copy(
        update={"entry": entry_of(key, decision, messages, made.note, named, written), "undone": False}
    )


def _refuse_half_filled(row: Mapping[str, Any]) -> None:
    for name, wanted in (("new_question", "edit"), ("new_answer", "edit"), ("note", "note")):
        if _text(row, name):
            raise RowProblemError(
                f"its {name} is filled in and its decision is empty: write {wanted}, for instance"
            )


def _about(row: Mapping[str, Any], known: Known) -> tuple[str, Seen, Example]:
    """Return the key of what a row is about, what was seen of it, and the example."""
    key, example_id = _text(row, "key"), _text(row, "example_id")
    messages = _messages(row, "messages")
    if messages and key and review_key(messages) != key:
        raise RowProblemError(
            "its key does not fit its messages: leave both as they were and write what it is to say into new_answer"
        )
    key = review_key(messages) if messages else key
    found = known.by_key.get(key) if key else known.by_id.get(example_id)
    if found is None and not messages:
        named = f"the key {key!r}" if key else f"the example_id {example_id!r}" if example_id else ""
        why = (
            f"no example has {named}"
            if named
            else "neither key, example_id nor messages says what it is about"
        )
        broken = "; its messages are no JSON, or were cut" if _text(row, "messages") else ""
        raise RowProblemError(why + broken)
    example = found.example if found else None
    words = messages or (example.messages if example else ())
    seen = Seen(
        example_id=example_id or (example.id if example else ""),
        task=_text(row, "task") or (example.task if example else ""),
        question=asked(example) if example else _text(row, "question", strip=False),
        messages=words,
        documents=tuple(str(one) for one in _list(row, "documents")),
        said=_text(row, "said"),
        score=_number(row, "score"),
    )
    return review_key(words), seen, example or _example(seen, words)


def _new_messages(row: Mapping[str, Any], example: Example, decision: Decision) -> tuple[Message, ...]:
    if decision not in {"edit", "accept"}:
        return ()
    base = (decision == "edit" and _messages(row, "new_messages")) or example.messages
    before = example.model_copy(update={"messages": base})
    question, answer = _text(row, "new_question", strip=False), _text(row, "new_answer", strip=False)
    if not any(turn.role == "user" for turn in base[:-1]):
        words = base
    else:
        words = rewritten(
            before,
            question=None if _same(question, asked(before)) else question,
            answer=None if _same(answer, _answer(base)) else answer,
        )
    if decision == "accept":
        if words != example.messages:
            raise RowProblemError("it is accepted and has other words: write edit, or clear the new ones")
        return ()
    if fault := bad_edit(example, words):
        raise RowProblemError(f"its edit cannot be kept: {fault}")
    return words


def _same(cell: str, words: str) -> bool:
    """Whether a cell is empty or says what was there, whatever a spreadsheet did to ends of lines."""
    return not cell.strip() or _ends(cell) == _ends(_cell(words))


def _ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _moment(row: Mapping[str, Any], now: datetime) -> datetime | None:
    text = _text(row, "reviewed_at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RowProblemError(f"its reviewed_at {text!r} is no time; clear it, and it is now") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now + _CLOCKS_APART:
        raise RowProblemError(f"its reviewed_at {text!r} is yet to come")
    return moment


def _seen_row(seen: Seen, key: str) -> dict[str, Any]:
    return {
        "question": seen.question,
        "answer": _answer(seen.messages),
        "task": seen.task,
        "said": seen.said,
        "score": "" if seen.score is None else seen.score,
        "example_id": seen.example_id,
        "documents": list(seen.documents),
        "key": key,
        "messages": _plain(seen.messages),
    }


def _example(seen: Seen, messages: tuple[Message, ...]) -> Example:
    """Return an example that says what was seen, for who wants to know its question apart from passages."""
    prompt = next((turn.content for turn in reversed(seen.messages) if turn.role == "user"), "")
    shown = {"question": seen.question} if seen.question and seen.question != prompt else {}
    made = make_example(
        task=seen.task, messages=seen.messages or messages, evidence=(), origin="", metadata=shown
    )
    if messages == made.messages:
        return made
    return made.model_copy(update={"messages": messages, "metadata": metadata_after(made, messages)})


def _messages(row: Mapping[str, Any], name: str) -> tuple[Message, ...]:
    try:
        turns = tuple(Message(role=turn["role"], content=turn["content"]) for turn in _list(row, name))
    except (TypeError, KeyError, ValueError):
        return ()
    return turns


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []


def _number(row: Mapping[str, Any], name: str) -> float | None:
    text = _text(row, name).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError as error:
        raise RowProblemError(f"its {name} {text!r} is no number") from error


def _text(row: Mapping[str, Any], name: str, *, strip: bool = True) -> str:
    value = row.get(name)
    if value is None or isinstance(value, list | dict):
        return "" if value is None else json.dumps(value)
    return str(value).strip() if strip else str(value)


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return "" if value == [] else text.encode("utf-8", "replace").decode()


def _plain(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.content} for turn in messages]


def _answer(messages: tuple[Message, ...]) -> str:
    return messages[-1].content if messages else ""
