"""Questions from the rows of tables that describe named things: options, parameters, functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lorewright.core.records import Block, Document
from lorewright.generation import subjects, wording
from lorewright.generation.candidate import Candidate, Span
from lorewright.generation.outline import sections
from lorewright.generation.prose import clean, trim

NAMES = (
    "option", "parameter", "argument", "setting", "flag", "function", "command", "property", "variable", "key",
    "field", "method", "operator", "subcommand", "column", "metric", "attribute", "module", "class", "service",
    "agent", "keyword", "type", "name", "term", "format", "feature", "status", "state", "code",
)  # fmt: skip
_NOUNS = frozenset(NAMES) - {"name", "term", "code", "type", "format", "feature", "status", "state"}
_SAID = {"key": "setting"}
_NAME = re.compile(rf"\b({'|'.join(NAMES)})s?\b")
_DESCRIPTION = re.compile(
    r"\b(?:descriptions?|meanings?|purpose|explanations?|definition|summary|what it does|details)\b"
)
_DEFAULT = re.compile(r"^defaults?(?: values?)?$")
_CELL = re.compile(r"(?<!\\)\|")
_EMPTY = frozenset({"", "-", "--", "---", "n/a", "none.", "—", "–", "tbd", "todo"})


@dataclass(frozen=True)
class _Columns:
    noun: str
    name: int
    description: int | None
    default: int | None


def table_candidates(document: Document, *, project: str) -> Iterator[Candidate]:
    """Yield a candidate a described row and one a default value; tables that describe nothing yield one weak one.

    Args:
        document: Its `table` blocks are pipe tables.
        project: What the documents are about, to name it in questions; may be empty.
    """
    root = subjects.root_name(document.path, project)
    for section in sections(document):
        parents = (*section.parents, section.title)
        left_out = next((title for title in parents if subjects.is_left_out(title)), "")
        for block in section.blocks:
            if block.kind != "table":
                continue
            if left_out:
                yield _weak_table(block, section.title, f"stands under {left_out!r}")
                continue
            yield from _rows(document.text, block, parents, root)


def _weak_table(block: Block, heading: str, weakness: str) -> Candidate:
    return Candidate(f"table under {heading!r}", "", ((block.start, block.end),), "table", heading, weakness)


def _rows(text: str, block: Block, parents: tuple[str, ...], root: str) -> Iterator[Candidate]:
    lines = _line_spans(text, block)
    columns = (
        _columns([clean(text[begin:stop]).casefold() for begin, stop in _cells(text, lines[0])])
        if lines
        else None
    )
    if columns is None or len(lines) < 3:
        yield _weak_table(block, parents[-1], "a table without columns for a name and its description")
        return
    for line in lines[2:]:
        cells = _cells(text, line)
        if len(cells) <= max(columns.name, columns.description or 0, columns.default or 0):
            yield _weak_table(
                block, parents[-1], f"a row of {len(cells)} cells: {text[line[0] : line[0] + 40]!r}"
            )
            continue
        values = [clean(text[begin:stop]) for begin, stop in cells]
        yield from _row(values, (lines[0], line), columns, parents, root)


def _row(
    values: list[str], spans: tuple[Span, Span], columns: _Columns, parents: tuple[str, ...], root: str
) -> Iterator[Candidate]:
    name = values[columns.name].strip("* ")
    bare = name.replace("`", "")
    noun, owner, above = subjects.owner_of(parents)
    noun = _SAID.get(columns.noun, columns.noun) if columns.noun in _NOUNS else noun
    where = subjects.context(above, project=root, own=owner or bare)
    weakness = f"a row named {bare[:40]!r}" if not bare or len(bare) > 80 else ""
    if columns.description is not None:
        answer = values[columns.description]
        question = wording.name_question(name, where, noun=noun, owner=owner)
        missing = "an empty description" if answer.casefold() in _EMPTY else ""
        yield Candidate(question, answer, spans[1:], "table", bare, weakness or missing)
    if columns.default is not None and values[columns.default].casefold() not in _EMPTY:
        shown = f"`{bare}`" + (f" of {owner}" if owner else "")
        value = wording.pick(bare, ("default", "default value"))
        answer = f"The {value} of `{bare}` is {values[columns.default].rstrip('.')}."
        yield Candidate(f"What is the {value} of {shown}{where}?", answer, spans, "table", bare, weakness)


def _columns(titles: list[str]) -> _Columns | None:
    description = next((place for place, title in enumerate(titles) if _DESCRIPTION.search(title)), None)
    default = next((place for place, title in enumerate(titles) if _DEFAULT.match(title)), None)
    named = [
        (NAMES.index(found[1]), place)
        for place, title in enumerate(titles)
        if place not in {description, default} and (found := _NAME.search(title))
    ]
    if (description is None and default is None) or description == 0 or default == 0:
        return None
    named_column = min(named)[1] if named else 0
    noun = NAMES[min(named)[0]] if named else ""
    return _Columns(noun, named_column, description, default)


def _line_spans(text: str, block: Block) -> list[Span]:
    spans: list[Span] = []
    place = block.start
    for line in text[block.start : block.end].splitlines(keepends=True):
        span = trim(text, place, place + len(line))
        place += len(line)
        if span[0] < span[1]:
            spans.append(span)
    return spans


def _cells(text: str, line: Span) -> list[Span]:
    start, end = line
    start += text.startswith("|", start)
    end -= text[start:end].endswith("|") and not text[start:end].endswith("\\|")
    cuts = [match.start() for match in _CELL.finditer(text, start, end)]
    inside_code = [cut for cut in cuts if text.count("`", start, cut) % 2]
    cuts = [cut for cut in cuts if cut not in inside_code]
    return [
        trim(text, begin, stop)
        for begin, stop in zip([start, *(cut + 1 for cut in cuts)], [*cuts, end], strict=True)
    ]
