"""Rows of somebody else's file as examples."""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.datasets.formats.format import DEFAULT_ORIGIN
from lorewright.datasets.formats.instructions import alpaca_messages
from lorewright.datasets.formats.preference import REPLACED_ANSWER
from lorewright.datasets.formats.provenance import unpacked
from lorewright.datasets.formats.turns import TurnError, text, turns
from lorewright.datasets.mapping import Column, Columns, turns_in


def example_of(row: Mapping[str, Any], columns: Columns, *, task: str) -> Example:
    """Return the example of a row; its other columns are metadata.

    Args:
        row: Column to value.
        columns: Where things stand in it.
        task: Of an example whose row does not say.

    Raises:
        TurnError: It holds no conversation; the message says why.
    """
    found: dict[str, str] = {}
    if "messages" in columns.of:
        messages = _conversation(row, columns)
    elif "chosen" in columns.of:
        messages, found = _preference(row, columns)
    else:
        messages = _pair(row, columns)
    packed = unpacked(columns.value(row, "metadata"), messages)
    if packed is not None:
        return packed
    named = columns.value(row, "task")
    return make_example(
        task=named if isinstance(named, str) and named else task,
        messages=messages,
        evidence=(),
        origin=DEFAULT_ORIGIN,
        metadata={**_metadata(row, columns), **found},
    )


def _conversation(row: Mapping[str, Any], columns: Columns) -> tuple[Message, ...]:
    messages = turns(turns_in(columns.value(row, "messages")))
    return (*_system(row, columns, messages), *messages)


def _pair(row: Mapping[str, Any], columns: Columns) -> tuple[Message, ...]:
    question, answer = (turns_in(columns.value(row, what)) for what in ("question", "answer"))
    if isinstance(question, list) or isinstance(answer, list):
        messages = (*_turns_or_text(question, "user"), *_turns_or_text(answer, "assistant"))
    else:
        context = columns.value(row, "context")
        messages = alpaca_messages(
            _said(question, "question", columns),
            "" if context is None else _said(context, "context", columns),
            _said(answer, "answer", columns),
            columns.value(row, "metadata"),
        )
    return (*_system(row, columns, messages), *messages)


def _preference(row: Mapping[str, Any], columns: Columns) -> tuple[tuple[Message, ...], dict[str, str]]:
    chosen, rejected = (turns_in(columns.value(row, what)) for what in ("chosen", "rejected"))
    asked = turns_in(columns.value(row, "question"))
    preferred, other = _turns_or_text(chosen, "assistant"), _turns_or_text(rejected, "assistant")
    # Where there is no prompt both hold the whole conversation.
    prompt = () if asked is None else _turns_or_text(asked, "user")
    if prompt and preferred[: len(prompt)] == prompt:
        prompt = ()
    messages = (*prompt, *preferred)
    if other[-1] == preferred[-1]:
        raise TurnError("what was chosen and what was rejected are the same")
    return (*_system(row, columns, messages), *messages), {REPLACED_ANSWER: other[-1].content}


def _system(row: Mapping[str, Any], columns: Columns, messages: Sequence[Message]) -> tuple[Message, ...]:
    said = columns.value(row, "system")
    if said is None or said == "" or (messages and messages[0].role == "system"):
        return ()
    return (Message(role="system", content=_said(said, "system", columns)),)


def _turns_or_text(value: Any, role: str) -> tuple[Message, ...]:
    if isinstance(value, list):
        return turns(value)
    return turns([{"role": role, "content": _number_as_text(value)}])


def _said(value: Any, what: Column, columns: Columns) -> str:
    name = columns.of.get(what)
    return text(_number_as_text(value), f"its {what} (column {name!r})")


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _metadata(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    own = columns.value(row, "metadata")
    if isinstance(own, str):
        try:
            spelled = json.loads(own)
        except (ValueError, RecursionError):
            spelled = own
        own = spelled if isinstance(spelled, dict) else own
    kept = own if isinstance(own, Mapping) else {} if own is None else {"metadata": own}
    others = {name: row[name] for name in columns.others if row.get(name) not in (None, "")}
    return {str(name): plain(value) for name, value in {**kept, **others}.items()}


def plain(value: Any) -> Any:
    """Return a value of a table as JSON can say it: dates and bytes as text, what is no number as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
