"""The elements and texts of a page, in plain objects that know their lines and what they hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lorewright.parsing.html_code import language_of
from lorewright.parsing.html_source import BEGIN, END, MARK

HEADING, TOP_HEADING, TABLE, CODE, BLOCK = 1, 2, 4, 8, 16
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADINGS | frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "datalist",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "noscript",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SHORT = 400
_NOT_SHOWN = str.maketrans(
    {"\xad": None, "\u200b": None, "\u2060": None, "\ufeff": None}
    | dict.fromkeys("\xa0\x85\u2028\u2029", " ")
)


@dataclass(slots=True)
class Text:
    """A stretch of text; `line` is the 1-based source line of its first character."""

    text: str
    line: int


@dataclass(slots=True, eq=False)
class Element:
    """An element.

    Attributes:
        names: Classes and id, in lower case, with a space around each; empty without any.
        language: Programming language that it or an element around it names.
        holds: What stands in it: HEADING, TOP_HEADING, TABLE, CODE (of several lines), BLOCK.
        size: Characters of text in it.
        linked: How many of them are links.
    """

    tag: str
    attributes: dict[str, str | None]
    children: list["Element | Text"] = field(default_factory=list)
    names: str = ""
    language: str = ""
    holds: int = 0
    size: int = 0
    linked: int = 0


@dataclass
class Page:
    """All elements of a page in document order; `elements[0]` is the root."""

    elements: list[Element]

    def first(self, tag: str) -> Element | None:
        """Return the first element of a name."""
        return next((element for element in self.elements if element.tag == tag), None)

    def title(self) -> str:
        """Return what `<title>` says; pictures may hold titles too, which are not the page's."""
        for element in self.elements:
            if element.tag in {"head", "body"}:
                for child in element.children:
                    if isinstance(child, Element) and child.tag == "title" and child.size:
                        return " ".join(text_of(child).split())
        return ""

    def measure(self) -> None:
        """Tell each element what it holds, from the innermost outwards."""
        for element in reversed(self.elements):
            size = linked = holds = 0
            for child in element.children:
                if isinstance(child, Text):
                    size += len(child.text.strip())
                else:
                    size += child.size
                    linked += child.linked
                    holds |= child.holds | _KINDS.get(child.tag, 0)
                    if child.tag == "pre" and not holds & CODE and _has_lines(child):
                        holds |= CODE
                    elif child.tag == "svg" and child.size:
                        holds |= BLOCK
            is_link = element.tag == "a" and "href" in element.attributes
            element.size, element.linked, element.holds = size, size if is_link else linked, holds


_KINDS = (
    dict.fromkeys(BLOCKS, BLOCK)
    | dict.fromkeys(HEADINGS, HEADING | BLOCK)
    | {"h1": HEADING | TOP_HEADING | BLOCK, "table": TABLE | BLOCK}
)


def _has_lines(element: Element) -> bool:
    return "\n" in text_of(element).strip("\n") or any(
        isinstance(node, Element) and node.tag == "br" for node in descendants(element)
    )


def read_page(html: str) -> Page:
    """Return the page that a browser would make of source with marks."""
    from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

    parser = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS)
    root = Element("-document", {})
    elements = [root]
    line = 1
    waiting = [(parser.root, root)]
    while waiting:
        node, parent = waiting.pop()
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                line = _add_text(parent, node.text_content or "", line)
            elif not tag.startswith("-"):
                element = _element(tag, node.attributes, parent)
                parent.children.append(element)
                elements.append(element)
                child = node.first_child
                if child is not None and tag != "template":
                    waiting.append((node.next, parent))
                    node, parent = child, element
                    continue
            node = node.next
    return Page(elements)


def _element(tag: str, attributes: dict[str, str | None], parent: Element) -> Element:
    element = Element(tag, attributes)
    classes, identity = attributes.get("class"), attributes.get("id")
    if classes or identity:
        element.names = f" {classes or ''} {identity or ''} ".lower()
    element.language = language_of(tag, attributes, parent.language)
    return element


def _add_text(parent: Element, marked: str, line: int) -> int:
    """Add texts without their marks; return the line where they end."""
    if marked.isspace():
        parent.children.append(Text(marked, line))
        return line + marked.count("\n")
    blank, mark, rest = marked.partition(BEGIN)
    if mark and BEGIN not in rest and not blank:
        number, _, piece = rest.partition(END)
        shown = piece if piece.isascii() else piece.translate(_NOT_SHOWN)
        parent.children.append(Text(shown, int(number)))
        return int(number) + piece.count("\n")
    pieces = MARK.split(marked)
    for index in range(0, len(pieces), 2):
        if index:
            line = int(pieces[index - 1])
        piece = pieces[index]
        if piece:
            shown = piece if piece.isascii() else piece.translate(_NOT_SHOWN)
            parent.children.append(Text(shown, line))
            line += piece.count("\n")
    return line


def descendants(element: Element) -> Iterator[Element | Text]:
    """Yield what stands in an element, in document order."""
    waiting = [iter(element.children)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        yield node
        if isinstance(node, Element):
            waiting.append(iter(node.children))


def text_of(element: Element) -> str:
    """Return the bare text in an element."""
    return "".join(node.text for node in descendants(element) if isinstance(node, Text))


def short_text_of(element: Element) -> str:
    """Return the bare text in an element of few words; empty for one that is large or full of other elements."""
    if element.size > _SHORT:
        return ""
    nodes = list(islice(descendants(element), _SHORT + 1))
    return "".join(node.text for node in nodes if isinstance(node, Text)) if len(nodes) <= _SHORT else ""
