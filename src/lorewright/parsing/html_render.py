"""The elements of a page as Markdown-like pieces."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from lorewright.parsing.html_inline import flow_of
from lorewright.parsing.html_lines import Line, Piece, joined, on_one_line, plain, prefixed
from lorewright.parsing.html_preformatted import preformatted
from lorewright.parsing.html_tables import is_code_table, is_data, table_lines
from lorewright.parsing.html_tree import BLOCK, BLOCKS, HEADING, HEADINGS, Element, Text

_Nodes = Sequence[Element | Text]
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_DESCRIBED = re.compile(
    r" (?:class|method|function|attribute|exception|data|property|classmethod|staticmethod|macro|type|member) "
)
_DEEPEST = 12
_BODY_INDENT = "    "


def pieces(nodes: _Nodes, depth: int = 0) -> list[Piece]:
    """Return nodes as blocks in reading order; `depth` counts the lists, quotes and cells around them."""
    found: list[Piece] = []
    for part in _parts(nodes, depth):
        if isinstance(part, Element):
            found += _RENDERERS[part.tag](part, depth)
        else:
            found += _paragraphs(part)
    return found


def _parts(nodes: _Nodes, depth: int) -> Iterator[Element | list[Element | Text]]:
    """Yield elements that have a form of their own, and between them runs of what is not in any block."""
    run: list[Element | Text] = []
    waiting = [iter(nodes)]
    while waiting:
        node = next(waiting[-1], None)
        if node is not None and (isinstance(node, Text) or not _is_block(node)):
            run.append(node)
            continue
        if run:
            yield run
            run = []
        if node is None:
            waiting.pop()
        elif _has_form(node, depth):
            yield node
        else:
            waiting.append(iter(node.children))


def _is_block(element: Element) -> bool:
    return element.tag in BLOCKS or bool(element.holds & BLOCK) or (element.tag == "svg" and element.size > 0)


def _has_form(element: Element, depth: int) -> bool:
    """Say whether an element is rendered as a whole; one that is layout only lets its content through."""
    tag = element.tag
    if tag in HEADINGS or tag in {"pre", "listing"}:
        return True
    if depth >= _DEEPEST or tag not in _RENDERERS or element.holds & HEADING:
        return False
    return tag != "table" or is_data(element) or is_code_table(element)


def _paragraphs(nodes: _Nodes) -> Iterator[Piece]:
    flow = flow_of(nodes)
    lines: list[Line] = []
    for line in [*flow.lines, []]:
        if line:
            lines.append(line)
        elif lines:
            yield Piece("other" if flow.pictures_only else "paragraph", lines)
            lines = []


def _heading(element: Element, _: int) -> Iterator[Piece]:
    line = on_one_line(flow_of(element.children, ticks=False).lines)
    if line:
        level = int(element.tag[1])
        yield Piece("heading", [[(f"{'#' * level} ", 0), *line]], level, " ".join(plain(line).split()))


def _list(element: Element, depth: int) -> Iterator[Piece]:
    lines: list[Line] = []
    number = _number(element.attributes.get("start"), 1)
    for child in element.children:
        if isinstance(child, Element) and child.tag in _LISTS:
            lines += prefixed(joined(pieces([child], depth + 1)), _BODY_INDENT, _BODY_INDENT)
            continue
        if isinstance(child, Element) and child.tag == "li":
            number = _number(child.attributes.get("value"), number)
            inside = joined(pieces(child.children, depth + 1))
        else:
            inside = joined(pieces([child], depth + 1))
        if inside:
            marker = f"{_numeral(element, number)}. " if element.tag == "ol" else "- "
            lines += prefixed(inside, marker, " " * len(marker))
            number += 1
    if lines:
        yield Piece("list", lines)


def _number(told: str | None, otherwise: int) -> int:
    digits = (told or "").strip()
    return int(digits) if digits.lstrip("-").isdecimal() and len(digits) <= 9 else otherwise


def _numeral(element: Element, number: int) -> str:
    first = {"a": 97, "A": 65}.get(element.attributes.get("type") or "")
    return chr(first + number - 1) if first and 1 <= number <= 26 else str(number)


def _definitions(element: Element, depth: int) -> Iterator[Piece]:
    terms: list[Line] = []
    title = ""
    body: list[Line] = []
    for child in [*_grouped(element), None]:
        is_term = child is not None and child.tag == "dt"
        if body and (child is None or is_term):
            yield from _definition(terms, title, body)
            terms, title, body = [], "", []
        if child is None:
            break
        if is_term:
            line = on_one_line(flow_of(child.children).lines)
            terms += [line] if line else []
            title = title or _title(child)
            continue
        members = [node for node in child.children if _is_description(node)]
        inside = joined(pieces([node for node in child.children if not _is_description(node)], depth + 1))
        body += [*([[]] if body and inside else []), *prefixed(inside, ":   ", _BODY_INDENT)]
        if members:
            yield from _definition(terms, title, body)
            terms, title, body = [], "", []
            for member in members:
                yield from pieces([member], depth)
    yield from _definition(terms, title, body)


def _definition(terms: list[Line], title: str, body: list[Line]) -> Iterator[Piece]:
    if terms and body:
        yield Piece("definition", [*terms, *body], title=title, body=len(terms))
    elif terms or body:
        yield Piece("other", terms or body)


def _title(term: Element) -> str:
    return " ".join(plain(on_one_line(flow_of(term.children, ticks=False).lines)).split())


def _is_description(node: Element | Text) -> bool:
    """Say whether a node describes code (a method of the class around it), as Sphinx marks it up."""
    return isinstance(node, Element) and node.tag == "dl" and bool(_DESCRIBED.search(node.names))


def _grouped(element: Element) -> Iterator[Element]:
    """Yield terms and descriptions; a group of them is opened, anything else is a description."""
    for child in element.children:
        group = child.children if isinstance(child, Element) and child.tag == "div" else [child]
        for node in group:
            if isinstance(node, Element) and node.tag in {"dt", "dd"}:
                yield node
            elif isinstance(node, Element) or node.text.strip():
                yield Element("dd", {}, [node], holds=BLOCK)


def _quote(element: Element, depth: int) -> Iterator[Piece]:
    inside = pieces(element.children, depth + 1)
    if all(piece.kind in {"paragraph", "other", "quote"} for piece in inside):
        lines = prefixed(joined(inside), "> ", "> ")
        if lines:
            yield Piece("quote", lines)
    else:  # mostly layout: what stands in it matters more than that it is indented
        yield from inside


def _table(element: Element, depth: int) -> Iterator[Piece]:
    for caption in element.children:
        if isinstance(caption, Element) and caption.tag == "caption":
            yield from pieces(caption.children, depth + 1)
    if is_code_table(element):
        yield from preformatted(element)
        return
    lines = table_lines(element, lambda cell: joined(pieces(cell.children, depth + 1)))
    if lines:
        yield Piece("table", lines)


def _picture(element: Element, _: int) -> Iterator[Piece]:
    line = on_one_line(flow_of(element.children).lines)
    if line:
        yield Piece("other", [line])


def _preformatted(element: Element, _: int) -> Iterator[Piece]:
    return preformatted(element)


_RENDERERS: dict[str, Callable[[Element, int], Iterable[Piece]]] = {
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(_LISTS, _list),
    "blockquote": _quote,
    "dl": _definitions,
    "listing": _preformatted,
    "pre": _preformatted,
    "svg": _picture,
    "table": _table,
}
