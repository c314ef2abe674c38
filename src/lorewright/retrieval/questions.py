"""Questions with known answers: made from headings, the heading then removed from what is searched, or a person's."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from lorewright.core.errors import ConfigError
from lorewright.core.ids import short_id
from lorewright.core.printable import one_line
from lorewright.core.records import PROSE_KINDS, Place, Record
from lorewright.retrieval.rows import IndexRow

HEADING, YOURS = "heading", "yours"
MIN_SECTION_CHARS = 100
EXAMPLE = '{"question": "...", "path": "guide/tasks.md", "lines": [10, 14]}'
_NOT_LETTERS = re.compile(r"[\W_]+")
# What a heading's plain words lack of its line: targets of links, tags, attributes such as {#name}.
_MARKUP = re.compile(r"\]\((?:[^()]|\([^()]*\))*\)|\]\[[^\[\]]*\]|<[^<>]*>|\{[#.:][^{}]*\}\s*$")
# Setext headings, CommonMark 4.3: an underline stands below a paragraph, not below what begins with a mark.
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*")
_MARKED = re.compile(r"\s*(?:[>*+-]|#{1,6}|\d+[.)])\s")


def _in_order(lines: tuple[int, int]) -> tuple[int, int]:
    if lines[0] > lines[1]:
        message = "the first line comes after the last"
        raise ValueError(message)
    return lines


Number = Annotated[int, Field(ge=1)]
Lines = Annotated[tuple[Number, Number], AfterValidator(_in_order)]


class Span(Record):
    """Where an answer stands: lines of a file, from first to last counted from 1, pages of a PDF, or a quotation.

    `path` may begin with the name of the source, to tell two files of one path apart.
    """

    path: str = Field(min_length=1)
    lines: Lines | None = None
    quote: str = ""

    def holds(self, row: IndexRow) -> bool:
        """Whether a row shares a line with the span and holds its quotation, as far as these are given."""
        if self.path not in _names(row):
            return False
        met = self.lines is None or (row.place.first <= self.lines[1] and self.lines[0] <= row.place.last)
        return met and _folded(self.quote) in _folded(row.text)

    def label(self, unit: Literal["line", "page"]) -> str:
        """Return path and place for people, as citations show them."""
        if self.lines is None:
            return f"{self.path} “{self.quote}”" if self.quote else self.path
        return label(self.path, Place(unit=unit, first=self.lines[0], last=self.lines[1]))


class UserQuestion(Record):
    """A line of the user's questions file.

    Attributes:
        question: As a person would ask it.
        answer: The reference answer, if there is one.
        path: Of the document that answers it, with `lines` or a `quote` to say where in it.
        also: Other places that answer it as well.
        answerable: False for a question that the documents do not answer.
    """

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    answer: str = ""
    path: str = ""
    lines: Lines | None = None
    quote: str = ""
    also: tuple[Span, ...] = ()
    answerable: bool = True

    @model_validator(mode="after")
    def _told(self) -> "UserQuestion":
        if self.answerable != bool(self.path):
            message = "an answerable question names the `path` of its answer, another has `answerable: false` and none"
            raise ValueError(message)
        return self

    def spans(self) -> tuple[Span, ...]:
        """Return every place that answers it."""
        return (Span(path=self.path, lines=self.lines, quote=self.quote), *self.also) if self.path else ()


class Probe(Record):
    """A question with the chunks that answer it; none where the documents do not.

    Attributes:
        sort: `heading` or `yours`.
        chunk_ids: Chunks that answer.
        document_id: Of the document that answers, like `source`, `kind` and `path`; empty where none does.
        where: Path and place of the answer, for people.
        lost: Whether a place was named that is in no chunk, so that nothing can find it.
    """

    question: str
    sort: Literal["heading", "yours"]
    chunk_ids: tuple[str, ...]
    document_id: str = ""
    source: str = ""
    kind: str = ""
    path: str = ""
    where: str = ""
    lost: bool = False


def label(path: str, place: Place) -> str:
    """Return `path:first-last`, or `path p. 3` for pages."""
    return f"{path}{' ' if place.unit == 'page' else ':'}{place}"


def read_questions(text: str, *, name: str) -> list[UserQuestion]:
    """Return the questions of a JSON Lines text.

    Args:
        text: One JSON object a line; empty lines are ignored.
        name: Of the file, for messages.

    Raises:
        ConfigError: A line is none; it is named.
    """
    found = []
    # Not splitlines: a JSON string may hold U+2028 and other ends of lines.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(UserQuestion.model_validate(json.loads(line)))
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"{name}:{number} is no question: {_told(error)}",
                f"{EXAMPLE} is one",
            ) from error
    return found


def user_probes(questions: Sequence[UserQuestion], rows: Iterable[IndexRow]) -> list[Probe]:
    """Return the user's questions with the chunks that answer them, found by path, lines and quotation."""
    wanted: dict[str, list[tuple[int, Span]]] = {}
    for number, question in enumerate(questions):
        for span in question.spans():
            wanted.setdefault(span.path, []).append((number, span))
    answering: list[list[IndexRow]] = [[] for _ in questions]
    for row in rows:
        for number, span in (one for name in _names(row) for one in wanted.get(name, ())):
            if span.holds(row):
                answering[number].append(row)
    return [_user_probe(question, found) for question, found in zip(questions, answering, strict=True)]


def _names(row: IndexRow) -> set[str]:
    return {row.path, f"{row.source}/{row.path}"}


def _user_probe(question: UserQuestion, found: Sequence[IndexRow]) -> Probe:
    unit = found[0].place.unit if found else "line"
    return Probe(
        question=question.question,
        sort="yours",
        chunk_ids=tuple(dict.fromkeys(row.chunk_id for row in found)),
        document_id=found[0].document_id if found else "",
        source=found[0].source if found else "",
        kind=found[0].kind if found else "",
        path=question.path,
        where=" or ".join(span.label(unit) for span in question.spans()),
        lost=question.answerable and not found,
    )


class Section(NamedTuple):
    """A section of a document, by its headings from the top down."""

    document_id: str
    headings: tuple[str, ...]


def choose_sections(rows: Iterable[IndexRow], *, limit: int) -> list[Section]:
    """Return sections of prose that can be asked for by their heading: a stable choice, whatever else is there.

    Left out are sections named like their document or without a letter, and those with less than a hundred characters
    besides the heading.
    """
    sizes: dict[Section, int] = {}
    for row in rows:
        heading = row.headings[-1] if row.headings else ""
        if row.kind in PROSE_KINDS and heading != row.title and _bare(heading):
            section = Section(row.document_id, row.headings)
            left = len(_without(row.text, heading).strip())
            sizes[section] = sizes.get(section, 0) + left
    usable = [section for section, size in sizes.items() if size >= MIN_SECTION_CHARS]
    return sorted(usable, key=lambda section: short_id(*section.headings, section.document_id))[:limit]


def heading_probes(sections: Iterable[Section], rows: Iterable[IndexRow]) -> list[Probe]:
    """Return one question a section: its heading and the one above it; each chunk of that section answers."""
    members: dict[Section, list[IndexRow]] = {section: [] for section in sections}
    for row in rows:
        found = members.get(Section(row.document_id, row.headings))
        if found is not None:
            found.append(row)
    return [_heading_probe(section, found) for section, found in members.items() if found]


def _heading_probe(section: Section, found: Sequence[IndexRow]) -> Probe:
    heading = section.headings[-1]
    above = section.headings[-2] if len(section.headings) > 1 else found[0].title
    about = f" in {above}" if above and above != heading else ""
    first, last = min(row.place.first for row in found), max(row.place.last for row in found)
    whole = found[0].place.model_copy(update={"first": first, "last": last})
    return Probe(
        question=f"How does {heading} work{about}?",
        sort="heading",
        chunk_ids=tuple(dict.fromkeys(row.chunk_id for row in found)),
        document_id=section.document_id,
        source=found[0].source,
        kind=found[0].kind,
        path=found[0].path,
        where=label(found[0].path, whole),
    )


def beheaded(rows: Iterable[IndexRow], sections: Iterable[Section]) -> Iterator[IndexRow]:
    """Yield rows without the headings of the chosen sections, in those and in all below them; ids stay.

    What is searched then says of these sections only what their own text says.
    """
    chosen: dict[str, set[tuple[str, ...]]] = {}
    for section in sections:
        chosen.setdefault(section.document_id, set()).add(section.headings)
    for row in rows:
        paths = chosen.get(row.document_id, set())
        depths = [depth for depth in range(1, len(row.headings) + 1) if row.headings[:depth] in paths]
        yield _behead(row, depths) if depths else row


def _behead(row: IndexRow, depths: Sequence[int]) -> IndexRow:
    text = row.text
    for depth in depths:
        text = _without(text, row.headings[depth - 1])
    left = tuple(name for depth, name in enumerate(row.headings, start=1) if depth not in depths)
    return row.model_copy(update={"text": text, "headings": left})


def _without(text: str, heading: str) -> str:
    """Return a text without the lines that are a heading, whatever its markup, and their underlines."""
    wanted = _bare(heading)
    if not wanted:
        return text
    kept: list[str] = []
    underlined = False
    for line in text.splitlines(keepends=True):
        plain = line if line.lstrip().startswith("!") else html.unescape(_MARKUP.sub(" ", line))
        dropped = wanted in {_bare(line), _bare(plain)}
        if not dropped and not (underlined and _UNDERLINE.fullmatch(line)):
            kept.append(line)
        underlined = dropped and not _MARKED.match(line)
    return "".join(kept)


def _bare(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _told(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    if not isinstance(error, ValidationError):
        return str(error)
    first: Mapping[str, Any] = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    given = one_line(json.dumps(first["input"], ensure_ascii=False))[:80]
    said = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "model_type":
        told = f"it is {given}, where a JSON object is wanted"
    elif first["type"] == "extra_forbidden":
        told = f"an unknown key; a question has {', '.join(UserQuestion.model_fields)}"
    else:
        told = said if first["type"] == "missing" or not place else f"{said}, not {given}"
    return f"{place}: {told}" if place else told
