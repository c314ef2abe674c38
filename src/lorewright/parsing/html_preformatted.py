"""Preformatted text of a page as fenced code, character for character."""

import re
from collections.abc import Iterator

from lorewright.parsing.html_inline import alternative
from lorewright.parsing.html_lines import Line, Piece, plain
from lorewright.parsing.html_tree import BLOCKS, Element, Text, descendants, text_of

_FENCES = re.compile("`{3,}")
_LINES_OF_THEIR_OWN = BLOCKS - {"td", "th", "tbody", "thead", "table", "pre"}


def preformatted(element: Element) -> Iterator[Piece]:
    """Yield an element's text as fenced code, its lines, indentation and empty lines as they stand.

    Codes that follow each other without anything between (one example in several languages) are a block each.
    """
    if len(element.children) > 1 and all(_is_code(child) for child in element.children):
        for child in element.children:
            if isinstance(child, Element):
                yield from preformatted(child)
        return
    lines = _lines(element)
    told = [index for index, line in enumerate(lines) if plain(line).strip()]
    if not told:
        return
    lines = lines[told[0] : told[-1] + 1]
    text, last = lines[-1][-1]
    lines[-1][-1] = (text.rstrip(), last)
    yield fenced(lines, _language(element))


def fenced(lines: list[Line], language: str) -> Piece:
    """Return lines as fenced code; the fence is longer than any run of backticks in them."""
    longest = max((len(run) for line in lines for run in _FENCES.findall(plain(line))), default=2)
    fence = "`" * (longest + 1)
    opened: Line = [(f"{fence}{language}", lines[0][0][1])]
    return Piece("code", [opened, *lines, [(fence, lines[-1][-1][1])]])


def _is_code(node: Element | Text) -> bool:
    return isinstance(node, Element) and node.tag == "code" and "\n" in text_of(node).strip()


def _language(element: Element) -> str:
    """Return the language that the element or the code in it names."""
    inside = (
        node.language for node in descendants(element) if isinstance(node, Element) and node.tag == "code"
    )
    return next(inside, "") or element.language


def _lines(element: Element) -> list[Line]:
    """Return the lines in an element; `<br>` and blocks inside break them too."""
    lines: list[Line] = [[]]
    waiting = [(element, iter(element.children))]
    while waiting:
        around, rest = waiting[-1]
        node = next(rest, None)
        if isinstance(node, Text):
            _add(lines, node)
            continue
        if node is None:
            waiting.pop()
        elif node.tag == "img" and (words := alternative(node)):
            _add(lines, words)
        elif node.tag == "br":
            lines.append([])
        else:
            waiting.append((node, iter(node.children)))
        if (node or around).tag in _LINES_OF_THEIR_OWN and lines[-1] and plain(lines[-1]):
            lines.append([])
    return [[stretch for stretch in line if stretch[0]] or line[-1:] for line in lines]


def _add(lines: list[Line], text: Text) -> None:
    for count, part in enumerate(text.text.split("\n")):
        if count:
            lines.append([])
        lines[-1].append((part, text.line + count))
