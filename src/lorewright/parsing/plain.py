"""Plain text and logs: the text as it is, with its paragraphs."""

import re
from pathlib import PurePosixPath
from typing import Literal

from lorewright.core.records import Block, Document, SourceMap, make_document

_PARAGRAPH = re.compile(r"\S.*(?:\n[^\S\n]*\S.*)*")
_LONGEST_TITLE = 80


def parse_plain(text: str, *, kind: str, source: str, path: str) -> Document:
    """Return a text or log as a document whose blocks are the stretches between blank lines.

    A text's title is its first line when that stands alone and reads like one, else the file's name; a log is
    called by its path, which tells more than its first line.
    """
    return make_document(
        source=source,
        path=path,
        kind=kind,
        title=path if kind == "log" else _title(text, path),
        text=text,
        source_map=SourceMap(),
        blocks=paragraphs(text, kind="other" if kind == "log" else "paragraph"),
    )


def paragraphs(text: str, *, kind: Literal["paragraph", "other"] = "paragraph") -> tuple[Block, ...]:
    """Return the stretches of a text between blank lines; those of a log are no prose and hence `other`."""
    return tuple(
        Block(
            kind=kind,
            start=match.start(),
            end=match.start() + len(match[0].rstrip()),
            body=match.start(),
        )
        for match in _PARAGRAPH.finditer(text)
    )


def _title(text: str, path: str) -> str:
    first, _, rest = text.strip().partition("\n")
    second = rest.split("\n", 1)[0].strip()
    alone = not second or not any(character.isalnum() for character in second)
    if alone and len(first) <= _LONGEST_TITLE and not first.rstrip().endswith((".", ",", ";", ":")):
        return first.strip()
    return PurePosixPath(path).name
