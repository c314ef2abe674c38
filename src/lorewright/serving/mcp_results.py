"""What tools give back: structured for programs, and as text for models. Both hold the same quoted words."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from lorewright.core.records import Document, Passage
from lorewright.llm.retrieval_template import quoted
from lorewright.serving.mcp_quoting import DATA_NOTICE, NOTICE, marked, quoted_line
from lorewright.stages.documents import last_place, part_of

MAX_CHARS = 40_000
NOTHING_FOUND = (
    "No passage was found. Try other words of the subject, fewer words, or leave out kinds, sources and path."
)
NOT_ANSWERED = "The documentation does not seem to answer this question."
NEAREST = "The passages named are the nearest: read them with get_document, or search with other words."


class QuotedPassage(BaseModel):
    """A passage, or where one stands."""

    number: int = Field(description="What [n] in an answer refers to.")
    source: str = Field(description="Name of the source.")
    path: str = Field(description="Path of the document in its source, for get_document.")
    unit: Literal["line", "page"] = Field(description="What first and last count.")
    first: int = Field(description="First line (or page) of the file.")
    last: int = Field(description="Last line (or page) of the file.")
    kind: str = Field(description="Kind of the document, such as markdown or python.")
    title: str = Field(description="Title of the document.")
    headings: list[str] = Field(description="Headings from the top down to the passage's own section.")
    commit: str = Field(description="Commit of the source; empty outside git.")
    score: float = Field(description="Higher is better; comparable within one search only.")
    text: str = Field(description="The passage; empty where it is only pointed at.")


class SearchResult(BaseModel):
    """What a search found."""

    notice: str = Field(DATA_NOTICE, description="How to take what is quoted.")
    query: str = Field(description="What was searched for.")
    passages: list[QuotedPassage] = Field(description="Best first.")
    message: str = Field("", description="What to try where nothing was found.")


class DocumentResult(BaseModel):
    """A document, or a part of it."""

    notice: str = Field(DATA_NOTICE, description="How to take what is quoted.")
    source: str = Field(description="Name of the source.")
    path: str = Field(description="Path in the source.")
    title: str = Field(description="Title of the document.")
    kind: str = Field(description="Kind, such as markdown or python.")
    licence: str = Field(description="SPDX id; empty where none is stated.")
    unit: Literal["line", "page"] = Field(description="What total, first_line and last_line count.")
    total: int = Field(description="Lines (or pages) of the file.")
    chars: int = Field(description="Characters of the document or of the lines asked for.")
    start_char: int = Field(description="Where among them the text begins.")
    next_char: int | None = Field(description="start_char to read on with; null at the end.")
    text: str = Field(description="The text, cleaned of markup that is not Markdown and of boilerplate.")
    message: str = Field("", description="How to read on where the text was cut.")


class AnswerResult(BaseModel):
    """An answer with the passages it cites."""

    notice: str = Field(DATA_NOTICE, description="How to take what is quoted.")
    question: str = Field(description="What was asked.")
    answered: bool = Field(
        description="Whether the documentation answers; if not, the citations are the nearest."
    )
    answer: str = Field(description="Markdown with [n] where passage n is cited; empty where not answered.")
    written_by: str = Field(description="The model that wrote it; empty for the documents' own words.")
    support: float | None = Field(
        description="How likely it is that the documents answer, from 0 to 1; null where that is not known."
    )
    citations: list[QuotedPassage] = Field(description="What the answer rests on, without text.")
    message: str = Field("", description="What to do where the question is not answered.")


def quoted_passages(passages: Sequence[Passage], *, with_text: bool) -> list[QuotedPassage]:
    """Return passages as they leave, numbered from 1."""
    return [
        QuotedPassage(
            number=number,
            source=quoted_line(one.source),
            path=quoted_line(one.path),
            unit=one.place.unit,
            first=one.place.first,
            last=one.place.last,
            kind=one.kind,
            title=quoted_line(one.title),
            headings=[quoted_line(heading) for heading in one.headings],
            commit=quoted_line(one.commit),
            score=round(one.score, 4),
            text=quoted(one.text) if with_text else "",
        )
        for number, one in enumerate(passages, start=1)
    ]


def document_result(
    document: Document, *, first: int | None, last: int | None, start_char: int, max_chars: int = MAX_CHARS
) -> DocumentResult:
    """Return a document as it leaves, from one place on and no longer than a maximum.

    Args:
        document: The document.
        first: First line, or page, of the file; None for the whole.
        last: Last one, inclusive; None for the end.
        start_char: Characters of that part to leave out.
        max_chars: Longest text; it is cut at the end of a line where one is near.
    """
    total = last_place(document)
    is_part = first is not None or last is not None
    part = part_of(document, first or 1, total if last is None else last) if is_part else document.text
    end = _end(part, start_char, max_chars)
    read_on = f"Cut at character {end:,} of {len(part):,}; to read on, ask again with start_char={end}."
    empty = f"Nothing stands there: the document ends at {document.source_map.unit} {total}."
    return DocumentResult(
        source=quoted_line(document.source),
        path=quoted_line(document.path),
        title=quoted_line(document.title),
        kind=document.kind,
        licence=quoted_line(document.licence),
        unit=document.source_map.unit,
        total=total,
        chars=len(part),
        start_char=start_char,
        next_char=end if end < len(part) else None,
        text=quoted(part[start_char:end]),
        message=read_on if end < len(part) else "" if part[start_char:end].strip() else empty,
    )


def search_text(result: SearchResult) -> str:
    """Return what a search found, as text."""
    if not result.passages:
        return result.message
    count = len(result.passages)
    head = f"{count} passage{'s' if count > 1 else ''} for {result.query!r}, best first. {NOTICE}"
    parts = [_numbered(one) for one in result.passages]
    return "\n\n".join([head, *parts])


def document_text(result: DocumentResult) -> str:
    """Return a document as text."""
    about = {
        "source": result.source,
        "path": result.path,
        "title": result.title,
        "kind": result.kind,
        "licence": result.licence,
        f"{result.unit}s": str(result.total),
    }
    header = "\n".join(f"{name}: {value}" for name, value in about.items() if value)
    parts = [NOTICE, marked(f"{header}\n\n{result.text}"), result.message]
    return "\n\n".join(part for part in parts if part)


def answer_text(result: AnswerResult) -> str:
    """Return an answer as text."""
    if not result.citations:
        return result.message
    sources = marked("\n".join(f"[{one.number}] {_pointer(one)}" for one in result.citations))
    if not result.answered:
        return f"{result.message} {NOTICE}\n\n{sources}"
    author = f"written by {result.written_by}" if result.written_by else "in the documents' own words"
    return f"The answer, {author}. {NOTICE}\n\n{marked(result.answer)}\n\nSources:\n{sources}"


def _numbered(one: QuotedPassage) -> str:
    shown = marked(f"{_header(one)}\n\n{one.text}")
    return f"[{one.number}]\n{shown}"


def _header(one: QuotedPassage) -> str:
    about = {
        "path": one.path,
        _unit(one): _range(one),
        "source": one.source,
        "commit": one.commit,
        "title": one.title,
        "headings": " › ".join(one.headings),
    }
    return "\n".join(f"{name}: {value}" for name, value in about.items() if value)


def _pointer(one: QuotedPassage) -> str:
    trail = " › ".join(dict.fromkeys(name for name in (one.title, *one.headings) if name))
    commit = f", commit {one.commit[:10]}" if one.commit else ""
    return f"{one.path}, {_unit(one)} {_range(one)} (source {one.source}{commit}): {trail}"


def _unit(one: QuotedPassage) -> str:
    return one.unit if one.first == one.last else f"{one.unit}s"


def _range(one: QuotedPassage) -> str:
    return f"{one.first}" if one.first == one.last else f"{one.first}-{one.last}"


def _end(text: str, start: int, max_chars: int) -> int:
    """Return where to cut: at the end of a line in the last quarter of what fits, or else where the room ends."""
    end = start + max_chars
    if end >= len(text):
        return len(text)
    line = text.rfind("\n", start + max_chars * 3 // 4, end)
    return line + 1 if line >= 0 else end
