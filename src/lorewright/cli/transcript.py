"""A conversation kept in a file: as Markdown for people, or as messages, one a line, to go on with."""

import errno
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from lorewright.core.errors import ConfigError, NotFoundError, StorageError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.printable import one_line, printable
from lorewright.core.records import Message, Record, Role
from lorewright.retrieval.answer import Citation

MESSAGES = ".jsonl"
_OWN_WORDS, _REFUSED = "In the words of the documents", "No model was asked"


class Turn(Record):
    """A question and its answer.

    Attributes:
        question: As it was asked.
        answer: Its text, as far as it came.
        citations: What it cites.
        model: Who wrote it; empty for the documents' own words, and where nothing was found in them.
    """

    question: str
    answer: str
    citations: tuple[Citation, ...] = ()
    model: str = ""


def messages_of(turns: Sequence[Turn], *, max_chars: int) -> list[Message]:
    """Return the last turns that fit a budget in characters as messages, each turn whole."""
    kept: list[Message] = []
    for turn in reversed(turns):
        max_chars -= len(turn.question) + len(turn.answer)
        if max_chars < 0:
            break
        kept[:0] = [
            Message(role="user", content=turn.question),
            Message(role="assistant", content=turn.answer),
        ]
    return kept


def save(turns: Sequence[Turn], path: Path, *, title: str, overwrite: bool = False) -> None:
    """Write a conversation: messages to a name that ends in .jsonl, Markdown to any other.

    Args:
        turns: The conversation.
        path: Of the file.
        title: Heading of the Markdown.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConfigError: The file is there already.
        StorageError: It cannot be written.
    """
    if not overwrite and os.path.lexists(path):
        raise ConfigError(f"{path} is there already.", f"/save! {path} replaces it, or give another name")
    lines = _as_messages(turns) if path.suffix == MESSAGES else _as_markdown(turns, title)
    content = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    try:
        with storage_errors(f"writing {path}"):
            write_atomic(path, content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.", "give another name") from error


def resume(path: Path) -> list[Turn]:
    """Return the conversation that `save` wrote as messages.

    Raises:
        NotFoundError: There is no such file.
        ConfigError: It holds something else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        missing = error.errno == errno.ENOENT
        raise NotFoundError(
            f"There is no file {path}." if missing else f"{path} cannot be read: {error.strerror}.",
            f"in a chat, /save {path.with_suffix(MESSAGES).name} makes one",
        ) from error
    turns: list[Turn] = []
    question = ""
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        if not line.strip():
            continue
        said = _read(line, f"{path}:{number}")
        if said.role == "user":
            question = said.content
        elif said.role == "assistant" and question:
            turns.append(
                Turn(
                    question=question,
                    answer=said.content,
                    citations=said.citations,
                    model=said.model or "",
                )
            )
            question = ""
    return turns


class _Line(BaseModel):
    """A message as it stands in a file; what other programs put beside it is passed over."""

    role: Role
    content: str
    model: str | None = None
    citations: tuple[Citation, ...] = ()


def _read(line: str, where: str) -> _Line:
    try:
        return _Line.model_validate_json(line)
    except ValidationError as error:
        raise ConfigError(
            f"{where} is no message of a conversation.", 'a line is {"role": "user", "content": "..."}'
        ) from error


def _as_messages(turns: Sequence[Turn]) -> Iterator[str]:
    for turn in turns:
        yield json.dumps({"role": "user", "content": turn.question}, ensure_ascii=False)
        told = {
            "role": "assistant",
            "content": turn.answer,
            "model": turn.model or None,
            "citations": [citation.model_dump(mode="json") for citation in turn.citations],
        }
        yield json.dumps(told, ensure_ascii=False)


def _as_markdown(turns: Sequence[Turn], title: str) -> Iterator[str]:
    yield f"# {one_line(title)}"
    for turn in turns:
        yield f"\n## {one_line(turn.question)}\n"
        yield printable(turn.answer)
        yield ""
        for citation in turn.citations:
            trail = f" {one_line(citation.trail)}" if citation.trail else ""
            commit = f" ({one_line(citation.commit)[:10]})" if citation.commit else ""
            yield f"* [{citation.number}] `{one_line(citation.label)}`{trail}{commit}"
        yield f"\n*{one_line(turn.model) or (_OWN_WORDS if turn.citations else _REFUSED)}*"
