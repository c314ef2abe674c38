"""Conversations as the rows of a format say them, and back."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lorewright.core.records import Example, Message, Role

SPEAKERS: Mapping[str, Role] = {
    "system": "system",
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bing", "bard", "bot", "model", "ai"), "assistant"),
}
"""What files call those who speak."""
_CALLS = ("tool_calls", "function_call", "images", "audio")
_SHOWN_CHARS = 40


class Pair(NamedTuple):
    """A conversation of one question and one answer; `system` is None where there is no such turn."""

    system: str | None
    question: str
    answer: str


class TurnError(ValueError):
    """A row's value is no conversation; the message says why."""


def pair(example: Example) -> Pair | str:
    """Return an example's one question and answer, or why it is not of that form."""
    roles = [turn.role for turn in example.messages]
    said = [turn.content for turn in example.messages]
    if roles == ["user", "assistant"]:
        return Pair(None, *said)
    if roles == ["system", "user", "assistant"]:
        return Pair(*said)
    if roles.count("user") > 1 and roles.count("assistant") > 1:
        return "it is a conversation of several turns"
    return f"its turns are {', '.join(roles)}, not a question and an answer"


def messages_of(one: Pair) -> tuple[Message, ...]:
    """Return the turns of a pair."""
    system = () if one.system is None else (Message(role="system", content=one.system),)
    return (
        *system,
        Message(role="user", content=one.question),
        Message(role="assistant", content=one.answer),
    )


def turns(value: Any) -> tuple[Message, ...]:
    """Return the turns of a list of `{"role", "content"}` or `{"from", "value"}`.

    Raises:
        TurnError: It is no such list.
    """
    if not isinstance(value, (list, tuple)) or not value:
        raise TurnError(f"{_shown(value)} is no list of turns")
    return tuple(_turn(one) for one in value)


def _turn(value: Any) -> Message:
    if not isinstance(value, Mapping):
        raise TurnError(f"the turn {_shown(value)} is no object")
    speaker = _first(value, ("role", "from", "speaker"))
    content = _first(value, ("content", "value", "text"))
    role = SPEAKERS.get(str(speaker).strip().lower())
    if role is None:
        raise TurnError(f"a turn is of {_shown(speaker)}, not of a system, user or assistant")
    calls = next((name for name in _CALLS if value.get(name)), None)
    if calls is not None:
        raise TurnError(f"a turn of the {role} has {calls}, for which an example has no place")
    return Message(role=role, content=text(content, f"the {role}'s turn"))


def text(value: Any, what: str) -> str:
    """Return a value that is a text, or the texts of a list of `{"type": "text", "text"}`.

    Raises:
        TurnError: It is no text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(_is_text_part(one) for one in value):
        return "".join(one["text"] for one in value)
    raise TurnError(f"{what} is {_shown(value)}, no text")


def has_half_a_character(example: Example) -> bool:
    """Tell whether any text of an example cannot be written as UTF-8."""
    texts = [example.task, example.origin, example.group]
    texts += [turn.content for turn in example.messages]
    texts += [part for piece in example.evidence for part in (piece.chunk_id, piece.quote)]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return True
    return False


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _is_text_part(one: Any) -> bool:
    return isinstance(one, Mapping) and one.get("type") == "text" and isinstance(one.get("text"), str)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN_CHARS else shown[:_SHOWN_CHARS] + "…"
