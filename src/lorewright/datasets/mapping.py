"""Which columns of somebody else's file hold what: found by their names and what is in them, or said by a person."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args

from lorewright.core.errors import ConfigError, DatasetError

Column = Literal[
    "messages", "question", "answer", "context", "system", "chosen", "rejected", "task", "metadata"
]
COLUMNS: tuple[Column, ...] = get_args(Column)
"""What a column may hold; all others become metadata under their own name."""
NAMES: Mapping[Column, tuple[str, ...]] = {
    "messages": ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns"),
    "question": (
        *(
            "question",
            "instruction",
            "prompt",
            "query",
            "user",
            "user_prompt",
            "human",
            "q",
            "ask",
            "problem",
        ),
        *("frage", "pregunta", "domanda", "pergunta", "vraag", "input"),
    ),
    "answer": (
        *(
            "answer",
            "output",
            "completion",
            "response",
            "reply",
            "assistant",
            "a",
            "solution",
            "target",
            "gpt",
        ),
        *("antwort", "respuesta", "réponse", "reponse", "risposta", "resposta", "antwoord"),
    ),
    "context": ("input", "context", "kontext", "passage"),
    "system": ("system", "system_prompt", "system_message", "sys"),
    "chosen": ("chosen", "preferred", "chosen_response"),
    "rejected": ("rejected", "dispreferred", "rejected_response"),
    "task": ("task",),
    "metadata": ("metadata",),
}
"""Usual names of each, the likeliest first; case, spaces and punctuation do not count."""
_REQUIRED: tuple[tuple[Column, ...], ...] = (("messages",), ("chosen", "rejected"), ("question", "answer"))
_SHOWN_CHARS = 50


@dataclass(frozen=True)
class Columns:
    """Where the parts of an example stand in a file.

    Attributes:
        of: What is held to the name of its column.
        others: Columns that become metadata.
    """

    of: Mapping[Column, str]
    others: tuple[str, ...]

    def value(self, row: Mapping[str, Any], what: Column) -> Any:
        """Return what a row holds, or None."""
        name = self.of.get(what)
        return None if name is None else row.get(name)


def find_columns(samples: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> Columns:
    """Return where things stand in rows like these.

    Args:
        samples: Some rows.
        given: What a person said: what is held to the name of its column.

    Raises:
        ConfigError: A person named a column, or something to be held, that does not exist.
        DatasetError: A column is missing; the message names it and the hint how to say which it is.
    """
    names = list(dict.fromkeys(name for row in samples for name in row))
    of = {_known(what): _existing(column, names) for what, column in given.items()}
    filled = [name for name in names if any(_is_filled(row.get(name)) for row in samples)]
    apart = of.keys() & {"question", "answer", "chosen", "rejected"}
    for what in COLUMNS:
        if what in of or (what == "messages" and apart):
            continue
        if found := _named(what, filled, of, samples):
            of[what] = found
    if "messages" in of and "messages" not in given:
        # Beside a conversation such columns repeat a part of it.
        of = {what: name for what, name in of.items() if what in given or what not in {"question", "answer"}}
    wanted = next((one for one in _REQUIRED if all(what in of for what in one)), None)
    if wanted is None:
        raise _missing(of, filled, samples)
    return Columns(of, tuple(name for name in names if name not in of.values()))


def turns_in(value: Any) -> Any:
    """Return a value, or what it spells where it is the JSON text of a list, as cells of CSV are."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            spelled = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return spelled if _are_turns(spelled) else value
    return value


def _named(
    what: Column, filled: Sequence[str], of: Mapping[Column, str], samples: Sequence[Mapping[str, Any]]
) -> str | None:
    free = {_plain(name): name for name in reversed(filled) if name not in of.values()}
    for usual in NAMES[what]:
        name = free.get(_plain(usual))
        if name is not None and (what != "messages" or _holds_turns(name, samples)):
            return name
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _holds_turns(name: str, samples: Sequence[Mapping[str, Any]]) -> bool:
    return any(_are_turns(turns_in(row.get(name))) for row in samples)


def _are_turns(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _is_filled(value: Any) -> bool:
    return value is not None and value not in ("", [])


def _known(what: str) -> Column:
    for known in COLUMNS:
        if what == known:
            return known
    raise ConfigError(f"--map {what}=...: no example has a {what!r}.", f"--map takes {', '.join(COLUMNS)}")


def _existing(column: str, names: Sequence[str]) -> str:
    if column in names:
        return column
    near = get_close_matches(column, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(map(repr, names))}"
    raise ConfigError(f"--map: there is no column {column!r}.", hint)


def _missing(
    of: Mapping[Column, str], filled: Sequence[str], samples: Sequence[Mapping[str, Any]]
) -> DatasetError:
    if not filled:
        return DatasetError("There is no row with anything in it.", "check that this is the file")
    free = [name for name in filled if name not in of.values()]
    pairs: tuple[tuple[Column, ...], ...] = (
        _REQUIRED[1:] if {"chosen", "rejected"} & of.keys() else _REQUIRED[2:]
    )
    missing = [what for what in pairs[0] if what not in of]
    shown = ", ".join(f"{name!r} ({_sample(name, samples)})" for name in free) or "none"
    held = "".join(f"{name!r} holds the {what}; " for what, name in of.items())
    empty = [name for name in dict.fromkeys(name for row in samples for name in row) if name not in filled]
    held += f"{', '.join(map(repr, empty))} empty; " if empty else ""
    return DatasetError(
        f"No column is known to hold the {' or the '.join(missing)}: {held}not placed: {shown}.",
        _how_to_say(missing, free, samples),
    )


def _sample(name: str, samples: Sequence[Mapping[str, Any]]) -> str:
    value = next(row[name] for row in samples if _is_filled(row.get(name)))
    shown = " ".join(str(value).split())
    return f"{shown[:_SHOWN_CHARS]}…" if len(shown) > _SHOWN_CHARS else shown


def _how_to_say(missing: Sequence[Column], free: Sequence[str], samples: Sequence[Mapping[str, Any]]) -> str:
    """Return the options that say it, with the likeliest columns: questions ask, and are shorter than answers."""

    def unlike_a_question(name: str) -> tuple[int, int]:
        values = [str(row.get(name) or "") for row in samples]
        return -sum(value.rstrip().endswith("?") for value in values), sum(map(len, values))

    texts = [name for name in free if any(isinstance(row.get(name), str) for row in samples)]
    longest = sorted(texts, key=lambda name: sum(len(str(row.get(name) or "")) for row in samples))
    chosen = longest[-len(missing) :] if len(longest) >= len(missing) else []
    guessed = sorted(chosen, key=unlike_a_question)
    if not guessed:
        return "a row needs a question and an answer; text alone is a source: [[sources]] in lore.toml"
    return "say which it is: " + " ".join(
        f"--map {what}={_quoted(name)}" for what, name in zip(missing, guessed, strict=True)
    )


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f"'{name}'"
