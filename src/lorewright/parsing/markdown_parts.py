"""What Markdown itself knows of a text: its outermost parts, read off pyromark's events.

pyromark counts UTF-8 bytes; positions are characters when they leave this module.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lorewright.core.records import BlockKind

_MYST_ROLE = re.compile(r"\{[\w:.+-]+\}$")
_DIRECTIVE = re.compile(r"\{[^}\s]*\}?")
_CODE_DIRECTIVE = re.compile(
    r"\{(?:code|sourcecode|mermaid|graphviz|ipython|prompt|testcode|doctest)[\w-]*\}"
)
_KINDS: dict[str, BlockKind] = {
    "Heading": "heading",
    "List": "list",
    "Table": "table",
    "BlockQuote": "quote",
    "DefinitionListTitle": "definition",
}
# A heading whose words are its source: no emphasis, code, link, entity or escape can be in it.
_PLAIN_HEADING = re.compile(rb"#+[ \t]+([A-Za-z0-9 .,:;()/'\"?+-]+)\n?")
# What a paragraph or list begins with that may hold no words but those of links and images.
_BARE_PARAGRAPH = frozenset(b"[!<(%&|*_").union(range(0x80, 0x100))
_BARE_LIST = re.compile(rb"(?:[-*+]|\d+[.)])[ \t]+[\[<\x80-\xff]")

_ALNUM = re.compile(r"[^\W_]")
# More links than that which leave the page are content.
_MOST_TURNS = 8

Event = str | dict[str, Any]
Reader = Callable[[Event], bool]


@dataclass(slots=True)
class Inline:
    """What a paragraph or list is made of, read up to the first word outside links and images.

    Attributes:
        words: Whether it has words of its own, outside links and images; nothing behind these has been read.
        images: Addresses of images.
        links: Addresses of links and their words; a link around an image has none.
        html: Inline tags as they are written.
    """

    words: bool = False
    images: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    html: list[str] = field(default_factory=list)

    @property
    def prose(self) -> bool:
        """Whether a word can be read, be it in a link."""
        return self.words or any(words for _, words in self.links)


@dataclass(slots=True)
class Part:
    """A block while it is read.

    Attributes:
        words: Pieces of a heading's or term's plain text.
        body: Where a definition's description begins; -1 where there is none.
        tag: `html` for a block of HTML; the name in braces of a MyST directive, with them.
        inline: What a paragraph or list is made of, where it may be something else than prose.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    words: Sequence[str] = ()
    body: int = -1
    tag: str = ""
    inline: Inline | None = None


class _Words:
    """Reads the plain words of a heading or term."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def read(self, event: Event) -> bool:
        """Take in one event of the part; more is always wanted."""
        if isinstance(event, str):
            self._words.append("\n")
        elif "Text" in event:
            self._words.append(event["Text"])
        elif "Code" in event:
            if self._words:
                self._words[-1] = _MYST_ROLE.sub("", self._words[-1])
            self._words.append(event["Code"])
        return True


class _Making:
    """Reads what a paragraph or list is made of."""

    def __init__(self, inline: Inline) -> None:
        self._inline = inline
        self._images = 0
        self._link: list[str] | None = None
        self._address = ""

    def read(self, event: Event) -> bool:
        """Take in one event of the part; False when no more is wanted."""
        if isinstance(event, str):
            self._inline.words |= event not in {"SoftBreak", "HardBreak"}
        elif "Start" in event:
            self._open(*_named(event["Start"]))
        elif "End" in event:
            self._close(event["End"])
        elif "Text" in event or "Code" in event:
            if not self._images:
                self._add(event.get("Text") or event.get("Code", ""))
        elif "InlineHtml" in event:
            self._inline.html.append(event["InlineHtml"])
        else:
            self._inline.words = True
        return not self._inline.words

    def _open(self, tag: str, detail: Any) -> None:
        if tag == "Image":
            self._images += 1
            self._inline.images.append(detail["dest_url"])
        elif tag == "Link":
            self._link, self._address = [], detail["dest_url"]

    def _close(self, tag: Event) -> None:
        if tag == "Image":
            self._images -= 1
        elif tag == "Link" and self._link is not None:
            self._inline.links.append((self._address, "".join(self._link).strip()))
            self._link = None
            if len(self._inline.links) > _MOST_TURNS and not self._address.startswith("#"):
                self._inline.words = True

    def _add(self, text: str) -> None:
        if self._link is not None:
            self._link.append(text)
        elif _ALNUM.search(text):
            self._inline.words = True


def markdown_parts(text: str) -> list[Part]:
    """Return the outermost blocks that Markdown knows, in order; they may hold white space at their ends."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # lone surrogates
        data = text.encode("utf-8", "replace")
        text = data.decode()
    parts = _parts(text, data)
    if not text.isascii():
        _in_characters(parts, data)
    return parts


@cache
def _markdown() -> Any:
    from pyromark import Markdown, Options

    return Markdown(
        options=Options.ENABLE_TABLES
        | Options.ENABLE_DEFINITION_LIST
        | Options.ENABLE_FOOTNOTES
        | Options.ENABLE_GFM
        | Options.ENABLE_HEADING_ATTRIBUTES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
    )


def _parts(text: str, data: bytes) -> list[Part]:
    parts: list[Part] = []
    read: Reader | None = None
    end = 0
    for event, span in _markdown().events_with_range(text):
        start = span["start"]
        if start < end:
            if read is not None and not read(event):
                read = None
            continue
        opened = event.get("Start") if type(event) is dict else None
        if opened is None or opened == "DefinitionList":
            continue
        end = span["end"]
        if opened == "DefinitionListDefinition":
            read = None
            _extend_definition(parts, data, start, end)
        else:
            part, read = _opened(opened, start, end, data)
            parts.append(part)
    return parts


def _named(event: Event) -> tuple[str, Any]:
    if isinstance(event, str):
        return event, None
    return next(iter(event.items()))


def _opened(opened: Event, start: int, end: int, data: bytes) -> tuple[Part, Reader | None]:
    """Return a part and what reads its inside: nothing for most, whose inside matters to nobody."""
    if opened == "Paragraph":
        part = Part("paragraph", start, end)
        return part, _making(part) if data[start] in _BARE_PARAGRAPH else None
    tag, detail = _named(opened)
    if tag == "Heading":
        part = Part("heading", start, end, int(detail["level"][1]))
        return part, _title_reader(part, data)
    if tag == "CodeBlock":
        return _code(detail, start, end), None
    part = Part(_KINDS.get(tag, "other"), start, end)
    if tag == "List":
        return part, _making(part) if _BARE_LIST.match(data, start) else None
    if tag == "DefinitionListTitle":
        return part, _title_reader(part, data)
    part.tag = "html" if tag == "HtmlBlock" else ""
    return part, None


def _making(part: Part) -> Reader:
    part.inline = Inline()
    return _Making(part.inline).read


def _code(detail: Any, start: int, end: int) -> Part:
    directive = _DIRECTIVE.match(detail["Fenced"]) if type(detail) is dict else None
    if directive and not _CODE_DIRECTIVE.match(directive[0]):
        return Part("other", start, end, tag=directive[0])
    return Part("code", start, end)


def _title_reader(part: Part, data: bytes) -> Reader | None:
    plain = _PLAIN_HEADING.fullmatch(data, part.start, part.end)
    if plain:
        part.words = [plain[1].decode()]
        return None
    part.words = words = list[str]()
    return _Words(words).read


def _extend_definition(parts: list[Part], data: bytes, start: int, end: int) -> None:
    if not parts or parts[-1].kind != "definition":
        return
    part = parts[-1]
    if not data.startswith(b":::", start):
        part.end = end
        part.body = part.body if part.body >= 0 else end - len(data[start + 1 : end].lstrip())
    elif part.body < 0:  # a MyST colon fence right under a paragraph
        part.kind, part.end = "paragraph", end


def _in_characters(parts: list[Part], data: bytes) -> None:
    """Turn positions in bytes, which grow from part to part, into positions in characters."""
    last = count = 0

    def characters(position: int) -> int:
        nonlocal last, count
        count += 1 if position == last + 1 else len(data[last:position].decode())
        last = position
        return count

    for part in parts:
        part.start = characters(part.start)
        if part.body >= 0:
            part.body = characters(part.body)
        part.end = characters(part.end)
