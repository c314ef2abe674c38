"""An example as a text to be edited: in the editor that the environment names, or line by line."""

import os
import re
from collections.abc import Callable

import click

from lorewright.core.errors import ConfigError
from lorewright.core.records import Example, Message
from lorewright.curation.editing import asked, rewritten

_MARK = "%%%"
_HELP = (
    "# Change what stands below the marks and keep the marks; save and close.\n"
    "# A file without any words changes nothing. These two lines are left out.\n"
)
_SUFFIX = ".md"
_END = "."


def edited(example: Example, read: Callable[[str], str]) -> tuple[Message, ...] | None:
    """Return what a person makes of an example; None where they leave it as it is.

    Args:
        example: As it is.
        read: Asks for a line, where the environment names no editor (`VISUAL`, `EDITOR`).

    Raises:
        ConfigError: The marks between the turns are gone, or the editor fails.
    """
    if not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        return _unless_same(example, _asked_for(example, read))
    try:
        text = click.edit(form(example), extension=_SUFFIX, require_save=True)
    except click.ClickException as error:
        hint = "set EDITOR to an editor that is there, or unset it and type the words here"
        raise ConfigError(f"The editor failed: {error.format_message()}.", hint) from error
    return None if text is None else parse_form(text, example)


def form(example: Example) -> str:
    """Return the text in which a person edits an example: a mark before each turn.

    Where the prompt shows passages, only what is asked stands in it.
    """
    mark = _mark(example)
    parts = [f"{mark} {name}\n{_plain(text)}\n" for name, text in _parts(example)]
    return "\n".join([_HELP, *parts])


def parse_form(text: str, example: Example) -> tuple[Message, ...] | None:
    """Return what a form says after it was edited; None where nothing was changed or all was deleted.

    Turns that were left alone keep every character, whatever an editor did to ends of lines.

    Raises:
        ConfigError: The marks between the turns are gone or another order.
    """
    pieces = re.split(rf"^{re.escape(_mark(example))} (.*)$", _plain(text), flags=re.MULTILINE)
    if len(pieces) == 1 and not set(_plain(text).splitlines()) - {*_HELP.splitlines(), ""}:
        return None
    names, texts = [name.strip() for name in pieces[1::2]], pieces[2::2]
    parts = _parts(example)
    if names != [name for name, _ in parts]:
        wanted = ", ".join(f"`{_mark(example)} {name}`" for name, _ in parts)
        raise ConfigError("The marks of the form were changed.", f"keep these lines: {wanted}")
    said = [
        old if _plain(new) == _plain(old) else _plain(new) for (_, old), new in zip(parts, texts, strict=True)
    ]
    return _unless_same(example, _with_turns(example, said))


def _parts(example: Example) -> list[tuple[str, str]]:
    """Return name and words of each turn; the question alone where passages are shown above it."""
    last = _last_asked(example)
    return [
        (f"{number} {turn.role}", asked(example) if number - 1 == last else turn.content)
        for number, turn in enumerate(example.messages, 1)
    ]


def _with_turns(example: Example, said: list[str]) -> tuple[Message, ...]:
    turns = tuple(
        Message(role=turn.role, content=text) for turn, text in zip(example.messages, said, strict=True)
    )
    last = _last_asked(example)
    if last is None:
        return turns
    whole = rewritten(example, question=said[last])
    return (*turns[:last], whole[last], *turns[last + 1 :])


def _last_asked(example: Example) -> int | None:
    places = [at for at, turn in enumerate(example.messages) if turn.role == "user"]
    return places[-1] if places else None


def _asked_for(example: Example, read: Callable[[str], str]) -> tuple[Message, ...]:
    if len(example.messages) < 2 or _last_asked(example) is None:
        raise ConfigError("Such an example needs an editor.", "set EDITOR, as in EDITOR=nano lore review")
    question = read("question (Enter keeps it): ").strip()
    first = read(f"answer (Enter keeps it; several lines end with a line of {_END!r}): ")
    lines = [first] if first.strip() else []
    while lines and lines[-1].strip() != _END:
        lines.append(read("… "))
    answer = "\n".join(line for line in lines if line.strip() != _END).strip()
    return rewritten(example, question=question or None, answer=answer or None)


def _unless_same(example: Example, messages: tuple[Message, ...]) -> tuple[Message, ...] | None:
    return None if messages == example.messages else messages


def _plain(text: str) -> str:
    """Return a text as every editor keeps it: one kind of line ends, no blank lines around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _mark(example: Example) -> str:
    mark = _MARK
    while any(mark in turn.content for turn in example.messages):
        mark += "%"
    return mark
