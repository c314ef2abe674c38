"""A docutils tree as Markdown-like pieces, each line with the source line that it came from.

This module needs docutils and is only imported while a reST document is parsed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from docutils import nodes

from lorewright.core.records import BlockKind
from lorewright.parsing.rest_inline import image, markdown, plain

_FILE_WIDE = frozenset({"orphan", "tocdepth", "nocomments", "nosearch", "no-search"})
_BODY_INDENT = "    "
_ERROR = 3


class Line(NamedTuple):
    """A rendered line and its 1-based source line as docutils tells it; 0 when it does not."""

    text: str
    number: int = 0


@dataclass(frozen=True)
class Piece:
    """A block of rendered lines. `body` is the index of the line where a definition's description begins."""

    kind: BlockKind
    lines: tuple[Line, ...]
    level: int = 0
    title: str = ""
    body: int = -1


def pieces(node: Any, level: int = 0) -> Iterator[Piece]:
    """Yield the blocks of a node in reading order; `level` counts the sections around it."""
    for child in node.children:
        if isinstance(child, nodes.section):
            yield from pieces(child, level + 1)
        elif isinstance(child, nodes.title):
            yield _title(child, node, level)
        else:
            yield from _RENDERERS.get(type(child), _other)(child, level)


def joined(found: Iterable[Piece]) -> list[Line]:
    """Return the lines of pieces with an empty line between them."""
    lines: list[Line] = []
    for piece in found:
        lines.extend([Line("")] if lines else [])
        lines.extend(piece.lines)
    return lines


def _flow(node: Any) -> list[Line]:
    """Return a node's content as the lines of one block; a tight list has no empty line before it."""
    lines: list[Line] = []
    for piece in pieces(node):
        tight = piece.kind == "list" and len(lines) > 0
        lines.extend([Line("")] if lines and not tight else [])
        lines.extend(piece.lines)
    return lines


def _numbered(text: str, first: int) -> tuple[Line, ...]:
    return tuple(Line(line, first + count if first else 0) for count, line in enumerate(text.split("\n")))


def _line_of(node: Any) -> int:
    return int(node.line or 0)


def _prefixed(lines: Sequence[Line], first: str, rest: str) -> tuple[Line, ...]:
    return tuple(
        Line(f"{first if count == 0 else rest}{line.text}".rstrip(), line.number)
        for count, line in enumerate(lines)
    )


def _title(node: Any, parent: Any, level: int) -> Piece:
    title = plain(node)
    if isinstance(parent, nodes.section):
        return Piece("heading", (Line(f"{'#' * min(level, 6)} {title}", _line_of(node)),), level, title)
    return Piece("paragraph", (Line(f"**{title}**", _line_of(node)),))


def _paragraph(node: Any, _: int) -> Iterator[Piece]:
    text = markdown(node).strip()
    if text:
        only_images = not any(True for child in node.children if not _pictorial(child))
        yield Piece("other" if only_images else "paragraph", _numbered(text, _line_of(node)))


def _pictorial(node: Any) -> bool:
    if isinstance(node, nodes.reference):
        return all(_pictorial(child) for child in node.children)
    return isinstance(node, nodes.image) or not node.astext().strip()


def _image(node: Any, _: int) -> Iterator[Piece]:
    yield Piece("other", (Line(image(node), _line_of(node)),))


def _literal(node: Any, _: int) -> Iterator[Piece]:
    text, first = node.astext().rstrip(), _line_of(node)
    skipped = len(text) - len(text.lstrip("\n"))
    text, first = text[skipped:], first + skipped if first else 0
    if not text.strip():
        return
    if node.get("bare"):
        yield Piece("other", _numbered(text, first))
        return
    fence = "```"
    while fence in text:
        fence += "`"
    content = _numbered(text, first)
    opened = Line(f"{fence}{_language(node)}", max(first - 1, 0))
    yield Piece("code", (opened, *content, Line(fence, content[-1].number)))


def _language(node: Any) -> str:
    if isinstance(node, nodes.doctest_block):
        return "pycon"
    if isinstance(node, nodes.math_block):
        return "math"
    return str(node.get("language", ""))


def _bullets(node: Any, _: int) -> Iterator[Piece]:
    yield from _listed(node, ("- " for _ in node.children))


def _enumerated(node: Any, _: int) -> Iterator[Piece]:
    start = int(node.get("start", 1))
    letters = {"loweralpha": 96, "upperalpha": 64}.get(node.get("enumtype", ""))
    numbers = range(start, start + len(node.children))
    yield from _listed(node, (f"{chr(letters + n) if letters else n}. " for n in numbers))


def _listed(node: Any, markers: Iterable[str]) -> Iterator[Piece]:
    lines: list[Line] = []
    for item, marker in zip(node.children, markers, strict=False):
        inside = _flow(item)
        lines.extend(_prefixed(inside, marker, " " * len(marker)))
    if lines:
        yield Piece("list", tuple(lines))


def _definitions(node: Any, level: int) -> Iterator[Piece]:
    for item in node.children:
        terms = [child for child in item.children if isinstance(child, nodes.term)]
        classifiers = [plain(child) for child in item.children if isinstance(child, nodes.classifier)]
        heads = [Line(markdown(term).replace("\n", " "), _line_of(term) or _line_of(item)) for term in terms]
        if classifiers and heads:
            heads[-1] = Line(" : ".join([heads[-1].text, *classifiers]), heads[-1].number)
        title = plain(terms[0]) if terms else ""
        for child in item.children:
            if isinstance(child, nodes.definition):
                yield from _described(heads, title, child, level)


def _described(heads: Sequence[Line], title: str, content: Any, level: int) -> Iterator[Piece]:
    """Yield a definition; definitions of code inside it (a class's methods) follow it instead of nesting."""
    members = [child for child in content.children if child.get("described")]
    for member in members:
        content.remove(member)
    body = _flow(content)
    if body:
        lines = (*heads, *_prefixed(body, ":   ", _BODY_INDENT))
        yield Piece("definition", lines, title=title, body=len(heads))
    elif heads:
        yield Piece("other", tuple(heads))
    for member in members:
        yield from _definitions(member, level)


def _fields(node: Any, level: int) -> Iterator[Piece]:
    for field in node.children:
        name, body = field.children[0], field.children[1]
        title = plain(name)
        top = isinstance(node.parent, nodes.document)
        if not (top and title.lower().split(" ")[0] in _FILE_WIDE):
            yield from _described(
                [Line(markdown(name).replace("\n", " "), _line_of(field))], title, body, level
            )


def _options(node: Any, level: int) -> Iterator[Piece]:
    for item in node.children:
        group, description = item.children[0], item.children[1]
        title = ", ".join(option.astext() for option in group.children)
        yield from _described([Line(title, _line_of(item))], title, description, level)


def _quote(node: Any, level: int) -> Iterator[Piece]:
    simple = all(isinstance(child, (nodes.paragraph, nodes.attribution)) for child in node.children)
    if simple:
        lines = _flow(node)
        if lines:
            yield Piece("quote", _prefixed(lines, "> ", "> "))
    else:  # mostly an accident of indentation: what stands in it matters more than that it is indented
        yield from pieces(node, level)


def _attribution(node: Any, _: int) -> Iterator[Piece]:
    yield Piece("paragraph", _numbered(f"— {markdown(node)}", _line_of(node)))


def _verse(node: Any, _: int) -> Iterator[Piece]:
    lines = tuple(_verse_lines(node, ""))
    if any(line.text for line in lines):
        yield Piece("paragraph", lines)


def _verse_lines(node: Any, indent: str) -> Iterator[Line]:
    for child in node.children:
        if isinstance(child, nodes.line_block):
            yield from _verse_lines(child, indent + "  ")
        else:
            for line in _numbered(markdown(child), _line_of(child)):
                yield Line(f"{indent}{line.text}".rstrip(), line.number)


def _footnote(node: Any, _: int) -> Iterator[Piece]:
    labels = [child for child in node.children if isinstance(child, nodes.label)]
    for label in labels:
        node.remove(label)
    lines = _flow(node)
    mark = f"[{labels[0].astext()}] " if labels else ""
    if lines:
        yield Piece("paragraph", _prefixed(lines, mark, ""))


def _table(node: Any, level: int) -> Iterator[Piece]:
    for child in node.children:
        if isinstance(child, nodes.title):
            yield _title(child, node, level)
    for group in node.findall(nodes.tgroup):
        yield from _group(group)


def _group(group: Any) -> Iterator[Piece]:
    heads: list[Line] = []
    rows: list[Line] = []
    width = int(group.get("cols", 1))
    for part in group.children:
        for row in part.children if isinstance(part, (nodes.thead, nodes.tbody)) else []:
            (heads if isinstance(part, nodes.thead) else rows).append(_row(row, width))
    if not heads:
        heads = [Line("|" + "   |" * width, max(rows[0].number - 1, 0))] if rows else []
    rule = Line("|" + " --- |" * width, heads[0].number if heads else 0)
    if heads:
        yield Piece("table", (heads[0], rule, *heads[1:], *rows))


def _row(row: Any, width: int) -> Line:
    cells: list[str] = []
    number = 0
    for entry in row.children:
        lines = _flow(entry)
        number = number or next((line.number for line in lines if line.number), 0)
        words = " ".join(line.text.strip() for line in lines if line.text.strip())
        cells.append(words.replace("|", "\\|"))
        cells.extend([""] * int(entry.get("morecols", 0)))
    padded = [cell or "" for cell, _ in zip_longest(cells, range(width))]
    return Line("| " + " | ".join(padded) + " |", number)


def _message(node: Any, _: int) -> Iterator[Piece]:
    """Yield what docutils could not place and only repeats in its message."""
    parsed_all_the_same = int(node.get("level", 0)) < _ERROR and node.children[0].astext().startswith(
        "Title "
    )
    for child in node.children:
        if isinstance(child, nodes.literal_block) and not parsed_all_the_same:
            yield _salvaged(child.astext().strip("\n"), int(node.get("line", 0)))


def _salvaged(text: str, line: int) -> Piece:
    lines = [part for part in text.split("\n") if part.strip()]
    marks = [part for part in lines if len(set(part.strip())) == 1 and not part.strip()[0].isalnum()]
    words = [part.strip() for part in lines if part not in marks]
    if marks and len(words) == 1 and len(lines) <= 3:
        return Piece("heading", (Line(f"### {words[0]}", line),), 3, words[0])
    return Piece("other", _numbered(text, line))


def _nothing(*_: Any) -> Iterator[Piece]:
    return iter(())


def _other(node: Any, level: int) -> Iterator[Piece]:
    """Yield the blocks of an element without a form of its own, or its inline text as a paragraph."""
    if isinstance(node, (nodes.Text, nodes.Inline)):
        text = markdown(node).strip()
        if text:
            yield Piece("paragraph", _numbered(text, 0))
    elif isinstance(node, nodes.TextElement):
        yield from _paragraph(node, level)
    else:
        yield from pieces(node, level)


_RENDERERS: dict[type, Callable[[Any, int], Iterator[Piece]]] = {
    nodes.paragraph: _paragraph,
    nodes.caption: _paragraph,
    nodes.image: _image,
    nodes.literal_block: _literal,
    nodes.doctest_block: _literal,
    nodes.math_block: _literal,
    nodes.bullet_list: _bullets,
    nodes.enumerated_list: _enumerated,
    nodes.definition_list: _definitions,
    nodes.field_list: _fields,
    nodes.option_list: _options,
    nodes.block_quote: _quote,
    nodes.attribution: _attribution,
    nodes.line_block: _verse,
    nodes.footnote: _footnote,
    nodes.citation: _footnote,
    nodes.table: _table,
    nodes.system_message: _message,
    nodes.comment: _nothing,
    nodes.pending: _nothing,
    nodes.target: _nothing,
    nodes.substitution_definition: _nothing,
    nodes.transition: _nothing,
}
