"""Running text of a page: white space as a browser shows it, code in backticks, links and images as their words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lorewright.parsing.html_lines import Line
from lorewright.parsing.html_source import MARK
from lorewright.parsing.html_tree import BLOCKS, Element, Text, short_text_of, text_of

_CODE = frozenset({"code", "tt", "samp", "kbd"})
_POWER = re.compile(r"[+−-]?[0-9a-z]{1,4}")
_TICKS = re.compile("`+")


@dataclass
class Flow:
    """Running text as it is collected.

    A line of the source stays a line, `<br>` begins one, and two of them leave an empty line.

    Attributes:
        pictures_only: Whether all its words are alternatives of images.
        opened: Markup that goes right before the next word.
    """

    lines: list[Line] = field(default_factory=list)
    pictures_only: bool = True
    opened: str = ""
    _space: bool = False
    _source_break: bool = False
    _breaks: int = 0

    def add(self, text: str, line: int) -> None:
        """Append text that begins on a source line and may hold newlines."""
        if "\n" not in text:
            self._add_in_line(text, line)
            return
        for count, part in enumerate(text.split("\n")):
            if count:
                self._source_break = True
            self._add_in_line(part, line + count)

    def end_line(self) -> None:
        """Let what follows begin a new line; a second time, after an empty one."""
        self._breaks += 1

    def end_block(self) -> None:
        """Let what follows begin a new line."""
        self._breaks = max(self._breaks, 1)

    def close(self, markup: str) -> None:
        """Append markup right after the last word."""
        if self.lines and markup:
            self.lines[-1].append((markup, 0))

    def continues(self) -> str:
        """Return the last character if what follows stands right behind it."""
        if not self.lines or self._space or self._source_break or self._breaks or self.opened:
            return ""
        return self.lines[-1][-1][0][-1:]

    def _add_in_line(self, text: str, line: int) -> None:
        words = " ".join(text.split())
        if not words:
            self._space = self._space or bool(text)
            return
        words, self.opened = f"{self.opened}{words}", ""
        if not self.lines or self._breaks or self._source_break:
            if self.lines and self._breaks > 1:
                self.lines.append([])
            self.lines.append([])
        elif self._space or text[0].isspace():
            words = f" {words}"
        self.lines[-1].append((words, line))
        self._breaks, self._source_break, self._space = 0, False, text[-1].isspace()


def flow_of(nodes: Iterable[Element | Text], *, ticks: bool = True) -> Flow:
    """Return nodes as running text; with `ticks`, code stands in backticks."""
    flow = Flow()
    code: Element | None = None
    mark = ""
    for node, is_end in _walked(nodes):
        if isinstance(node, Text):
            flow.add(node.text, node.line)
            flow.pictures_only = flow.pictures_only and not node.text.strip()
        elif node.tag in _CODE and ticks and node.size:
            if code is None:
                code, mark = node, _mark(node)
                flow.opened += mark
            elif is_end and node is code:
                flow.close(mark)
                code = None
        else:
            _add_element(flow, node, is_end=is_end)
    return flow


def _add_element(flow: Flow, element: Element, *, is_end: bool) -> None:
    tag = element.tag
    if tag in BLOCKS:
        flow.end_block()
    elif tag == "br":
        flow.end_line()
    elif tag == "img":
        _add_image(flow, element)
    elif tag == "q" and element.size:
        if is_end:
            flow.close('"')
        else:
            flow.opened += '"'
    elif tag == "sup" and not is_end and _is_power(flow, element):
        flow.close("^")


def _walked(nodes: Iterable[Element | Text]) -> Iterator[tuple[Element | Text, bool]]:
    """Yield texts, and elements when they begin and, if they hold anything, when they end."""
    waiting: list[tuple[Element | None, Iterator[Element | Text]]] = [(None, iter(nodes))]
    while waiting:
        element, rest = waiting[-1]
        node = next(rest, None)
        if node is None:
            waiting.pop()
            if element:
                yield element, True
        else:
            yield node, False
            if isinstance(node, Element) and node.children:
                waiting.append((node, iter(node.children)))


def _mark(code: Element) -> str:
    """Return the backticks for code: one more than in any run of them inside."""
    return "`" * (max(map(len, _TICKS.findall(text_of(code))), default=0) + 1)


def alternative(image: Element) -> Text | None:
    """Return the words that stand for an image."""
    pieces = MARK.split(image.attributes.get("alt") or "")
    return Text(pieces[2], int(pieces[1])) if len(pieces) == 3 and pieces[2].strip() else None


def _add_image(flow: Flow, image: Element) -> None:
    words = alternative(image)
    if words:
        flow.add(f" {words.text} ", words.line)


def _is_power(flow: Flow, element: Element) -> bool:
    return flow.continues().isdigit() and bool(_POWER.fullmatch(short_text_of(element)))
