"""What one prompt shows: chunks of a document as a model may see them, and the way back to their own characters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent

from lorewright.core.records import PROSE_KINDS, Chunk, Document, Evidence
from lorewright.text.masking import Masked

_OPENING = re.compile(r"(?:[rRuUbB]{0,2}(?:\"\"\"|'''|\"|')|/\*[*!]?|//[/!]?|\#+)[ \t]*$")
_CLOSING = re.compile(r"\s*(?:\"\"\"|'''|\*+/)[ \t]*|[ \t]*[\"']?[ \t]*")


@dataclass(frozen=True)
class Piece:
    """A chunk as a model may see it.

    Attributes:
        chunk: With its own text.
        masked: Its text with secrets masked.
    """

    chunk: Chunk
    masked: Masked

    @property
    def text(self) -> str:
        """What a model sees of it."""
        return self.masked.text

    def evidence(self, start: int, end: int) -> tuple[Evidence, ...]:
        """Return the quotes of the chunk that characters of the masked text are; what is masked stands in none."""
        hidden = [mark for mark in self.masked.marks if mark.masked_start < end and start < mark.masked_end]
        starts = [start, *(mark.masked_end for mark in hidden)]
        ends = [*(mark.masked_start for mark in hidden), end]
        quotes: list[Evidence] = []
        for begin, stop in zip(starts, ends, strict=True):
            first, _ = self.masked.to_original(begin, stop)
            quote = self.chunk.text[first : first + max(stop - begin, 0)]
            bare = quote.strip()
            if any(sign.isalnum() for sign in bare):
                first += quote.index(bare)
                last = first + len(bare)
                quotes.append(Evidence(chunk_id=self.chunk.id, start=first, end=last, quote=bare))
        return tuple(quotes)


@dataclass(frozen=True)
class Material:
    """What one prompt is about; it knows no path.

    Attributes:
        document_id: The document's.
        project: What the documents are about; may be empty.
        title: The document's own title; empty where its title is made of its path.
        headings: Down to the passage.
        kind: The document's.
        pieces: The chunks, where evidence is looked for.
        shown: What a model sees where that is not the chunks' text, such as the candidate lines of a log.
        definitions: Names of the classes and functions that the chunks hold.
        code: The chunks' text without doc comments, where the document is code.
    """

    document_id: str
    project: str
    title: str
    headings: tuple[str, ...]
    kind: str
    pieces: tuple[Piece, ...]
    shown: str = ""
    definitions: tuple[str, ...] = ()
    code: str = ""

    @property
    def text(self) -> str:
        """What a model sees."""
        return self.shown or "\n\n".join(piece.text for piece in self.pieces)


def make_material(document: Document, pieces: Sequence[Piece], *, project: str, shown: str = "") -> Material:
    """Return what a prompt about some chunks of a document shows.

    Args:
        document: Its title counts only where its content states it; its path counts nowhere.
        pieces: One chunk or several, in order.
        project: What the documents are about; may be empty.
        shown: In place of the chunks' text, masked like it.
    """
    is_code = group_of(document.kind) == "code"
    return Material(
        document_id=document.id,
        project=project,
        title=document.title if document.titled else "",
        headings=_common([piece.chunk.headings for piece in pieces]),
        kind=document.kind,
        pieces=tuple(pieces),
        shown=shown,
        definitions=_definitions(document, pieces) if is_code else (),
        code="\n\n".join(_without_docs(document, piece) for piece in pieces) if is_code else "",
    )


def group_of(kind: str) -> str:
    """Return `prose`, `log` or `code`."""
    return "prose" if kind in PROSE_KINDS else "log" if kind == "log" else "code"


def document_parts(pieces: Sequence[Piece], *, max_chars: int) -> list[tuple[Piece, ...]]:
    """Return a document's chunks in runs of at most `max_chars` characters; a longer chunk is a run of its own."""
    parts: list[list[Piece]] = []
    room = 0
    for piece in pieces:
        if not parts or len(piece.text) > room:
            parts.append([])
            room = max_chars
        parts[-1].append(piece)
        room -= len(piece.text)
    return [tuple(part) for part in parts]


def _common(trails: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    shared: list[str] = []
    for level in zip(*trails, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)


def _definitions(document: Document, pieces: Sequence[Piece]) -> tuple[str, ...]:
    held = (
        block.title
        for block in document.blocks
        if block.kind in {"class", "function"}
        and any(piece.chunk.start <= block.start < piece.chunk.end for piece in pieces)
    )
    return tuple(dict.fromkeys(name for name in held if name))


def _without_docs(document: Document, piece: Piece) -> str:
    """Return a piece's masked text without the doc comments in it."""
    text, start, end = piece.text, piece.chunk.start, piece.chunk.end
    kept: list[str] = []
    reached = 0
    for block in document.blocks:
        if block.kind != "docstring" or not start <= block.start < end:
            continue
        first, last = piece.masked.to_masked(block.start - start, min(block.end, end) - start)
        line = text.rfind("\n", 0, first) + 1
        opening = _OPENING.search(text, line, first)
        closing = _CLOSING.match(text, last)
        first, last = opening.start() if opening else first, closing.end() if closing else last
        if not text[line:first].strip() and text.startswith("\n", last):
            first, last = line, last + 1
        if first >= reached:
            kept.append(text[reached:first])
            reached = last
    return dedent("".join([*kept, text[reached:]]))
