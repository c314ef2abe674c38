"""Markdown (CommonMark, GitHub tables, definition lists, MyST) as documents that keep their source text.

Structure comes from pyromark, whose ranges are UTF-8 bytes; they are turned into characters here. Every
character that is not white space belongs to exactly one block.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, BlockKind, Parsed, SourceMap
from lorewright.parsing.licences import is_licence, licence_name

_FRONT_MATTER = {
    "---": re.compile(r"---[ \t]*\n(?=[^\s])(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE),
    "+++": re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE),
}
_FRONT_MATTER_KEY = re.compile(r"^[\w.-]+[ \t]*[:=]|^#", re.MULTILINE)
_FRONT_MATTER_TITLE = re.compile(r"""^title[ \t]*[:=][ \t]*(["']?)(.+?)\1[ \t]*$""", re.MULTILINE)
_COMMENT = re.compile(r"\s*<!--.*?-->[ \t]*\n?", re.DOTALL)
_MYST_ROLE = re.compile(r"\{[\w:.+-]+\}$")
_CODE_DIRECTIVE = re.compile(
    r"\{(?:code|sourcecode|mermaid|graphviz|ipython|prompt|testcode|doctest)[\w-]*\}"
)
_BARE = re.compile(r"\([\w.:-]+\)=|%.*")
_FENCE_BEFORE = re.compile(rb"(?:(?::{3,}[^\n]*|\([\w.:-]+\)=)(?:\n|\Z)\s*)+")
_CLOSING_FENCE = re.compile(rb"[ \t]*:{3,}")
_TEXTUAL = frozenset({"paragraph", "list", "quote", "definition"})
_KINDS: dict[str, BlockKind] = {
    "Paragraph": "paragraph",
    "List": "list",
    "Table": "table",
    "BlockQuote": "quote",
    "HtmlBlock": "other",
    "FootnoteDefinition": "other",
}

Event = tuple[Any, dict[str, int]]


@dataclass
class _Part:
    """A block while it is read: positions are UTF-8 bytes."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    title: list[str] = field(default_factory=list)
    prose: bool = False
    body: int = -1


def parse_markdown(text: str) -> Parsed:
    r"""Return what a Markdown text holds.

    Front matter and a leading licence comment are left out of `Parsed.text` and listed in
    `metadata["dropped"]`; the rest stays as it was written.

    Args:
        text: Decoded, with newlines as "\n".

    Raises:
        ParseError: Nothing is left but white space.
    """
    start, front_title, notice, dropped = _header(text)
    body = text[start:].rstrip()
    blank = len(body) - len(body.lstrip())
    start += body.rfind("\n", 0, blank) + 1
    body = text[start:].rstrip()
    if not body:
        raise ParseError("the file holds no text", hint="lore ingest --report")
    blocks = _blocks(body)
    return Parsed(
        kind="markdown",
        title=_title(blocks, front_title),
        licence=licence_name(notice),
        text=body,
        source_map=SourceMap(numbers=(text.count("\n", 0, start) + 1,)),
        blocks=blocks,
        metadata={"dropped": dropped} if dropped else {},
    )


def _header(text: str) -> tuple[int, str, str, list[dict[str, Any]]]:
    """Return where the text proper begins, the front matter's title, the licence notice, what was dropped."""
    position, title, notice = 0, "", ""
    dropped: list[dict[str, Any]] = []

    def drop(what: str, end: int) -> None:
        first = text.count("\n", 0, position + len(text[position:end]) - len(text[position:end].lstrip())) + 1
        last = text.count("\n", 0, len(text[:end].rstrip())) + 1
        dropped.append({"what": what, "first": first, "last": last})

    pattern = _FRONT_MATTER.get(text[:3])
    front = pattern.match(text) if pattern else None
    if front and _FRONT_MATTER_KEY.search(front.group(1)):
        found = _FRONT_MATTER_TITLE.search(front.group(1))
        title = found.group(2).strip() if found else ""
        drop("front matter", front.end())
        position = front.end()
    while (comment := _COMMENT.match(text, position)) and is_licence(comment.group()):
        notice += comment.group()
        drop("licence", comment.end())
        position = comment.end()
    return position, title, notice, dropped


def _title(blocks: Sequence[Block], front_title: str) -> str:
    headings = [block for block in blocks if block.kind == "heading" and block.title]
    top = next((block.title for block in headings if block.level == 1), "")
    return top or front_title or (headings[0].title if headings else "")


def _blocks(text: str) -> tuple[Block, ...]:
    data = text.encode("utf-8", "replace")
    parts = list(_fill(data, _parts(data)))
    edges = sorted({edge for part in parts for edge in (part.start, part.end, part.body) if edge > 0})
    characters = _characters(data, edges)
    return tuple(_block(part, characters) for part in parts)


def _block(part: _Part, characters: dict[int, int]) -> Block:
    start = characters[part.start]
    return Block(
        kind=part.kind,
        start=start,
        end=characters[part.end],
        level=part.level,
        title=" ".join("".join(part.title).split()) if part.kind in {"heading", "definition"} else "",
        body=characters[part.body] if part.body >= 0 else start,
    )


def _characters(data: bytes, edges: Sequence[int]) -> dict[int, int]:
    """Return the character offset of each byte offset; the offsets are sorted and between characters."""
    if data.isascii():
        return {edge: edge for edge in (0, *edges)}
    found = {0: 0}
    count = 0
    for before, after in pairwise((0, *edges)):
        count += len(data[before:after].decode())
        found[after] = count
    return found


def _parts(data: bytes) -> Iterator[_Part]:
    """Yield the outermost blocks that Markdown itself knows, in order."""
    import pyromark

    options = pyromark.Options
    enabled = (
        options.ENABLE_TABLES
        | options.ENABLE_DEFINITION_LIST
        | options.ENABLE_FOOTNOTES
        | options.ENABLE_GFM
        | options.ENABLE_HEADING_ATTRIBUTES
        | options.ENABLE_STRIKETHROUGH
        | options.ENABLE_TASKLISTS
    )
    part: _Part | None = None
    depth = images = 0
    for event, span in pyromark.events_with_range(data.decode(), options=enabled):
        name, value = _named(event)
        if name == "Start":
            tag, detail = _named(value)
            images += tag == "Image"
            if tag == "DefinitionList" and depth == 0:
                continue
            if tag == "DefinitionListDefinition" and depth == 0 and part:
                _extend_definition(part, data, span)
            elif depth == 0:
                if part:
                    yield part
                part = _opened(tag, detail, span)
            depth += 1
        elif name == "End":
            tag = _named(value)[0]
            images -= tag == "Image"
            depth -= not (tag == "DefinitionList" and depth == 0)
        elif part and name in {"Text", "Code", "SoftBreak", "HardBreak"}:
            _add_words(part, name, value, in_image=images > 0)
    if part:
        yield part


def _named(event: Any) -> tuple[str, Any]:
    if isinstance(event, str):
        return event, None
    name, value = next(iter(event.items()))
    return name, value


def _opened(tag: str, detail: Any, span: dict[str, int]) -> _Part:
    start, end = span["start"], span["end"]
    if tag == "Heading":
        return _Part("heading", start, end, level=int(detail["level"][1:]))
    if tag == "DefinitionListTitle":
        return _Part("definition", start, end)
    if tag == "CodeBlock":
        fence = detail["Fenced"] if isinstance(detail, dict) else ""
        directive = fence.startswith("{") and not _CODE_DIRECTIVE.match(fence)
        return _Part("other" if directive else "code", start, end)
    return _Part(_KINDS.get(tag, "other"), start, end)


def _extend_definition(part: _Part, data: bytes, span: dict[str, int]) -> None:
    if part.kind != "definition":
        return
    start, end = span["start"], span["end"]
    if not data.startswith(b":::", start):
        part.end = end
        part.body = part.body if part.body >= 0 else end - len(data[start + 1 : end].lstrip())
    elif part.body < 0:  # a MyST colon fence right under a paragraph
        part.kind, part.end = "paragraph", end


def _add_words(part: _Part, name: str, value: Any, *, in_image: bool) -> None:
    if part.kind == "definition" and part.body >= 0:
        return
    part.prose = part.prose or (name in {"Text", "Code"} and not in_image and bool(value.strip()))
    if name == "Code" and part.title:
        part.title[-1] = _MYST_ROLE.sub("", part.title[-1])
    part.title.append(value if name in {"Text", "Code"} else "\n")


def _fill(data: bytes, parts: Iterable[_Part]) -> Iterator[_Part]:
    """Yield the parts without surrounding white space, and between them what Markdown gives no block."""
    position = 0
    for part in (*parts, _Part("other", len(data), len(data))):
        _narrow(part, data)
        between = data[position : part.start]
        outside = between.rstrip()
        if outside:
            yield _Part("other", part.start - len(between.lstrip()), position + len(outside))
        if part.end > part.start:
            indent = between[len(between.rstrip(b" \t")) :]
            if not outside or b"\n" in between[len(outside) :]:
                part.start -= len(indent)
            if part.kind == "paragraph" and (not part.prose or _BARE.fullmatch("".join(part.title))):
                part.kind = "other"
            yield part
        position = max(position, part.end)


def _without_closing_fences(text: bytes) -> bytes:
    kept = text.rstrip()
    while _CLOSING_FENCE.fullmatch(kept.rpartition(b"\n")[2]):
        kept = kept.rpartition(b"\n")[0].rstrip()
    return kept


def _narrow(part: _Part, data: bytes) -> None:
    """Leave out white space at the end, and MyST's colon fences and labels around running text."""
    inside = data[part.start : part.end].rstrip()
    if part.kind in _TEXTUAL:
        inside = _without_closing_fences(inside)
        before = _FENCE_BEFORE.match(inside)
        if before and (part.body < 0 or part.start + before.end() <= part.body):
            part.title = ["".join(part.title).split("\n", before.group().count(b"\n"))[-1]]
            part.start += before.end()
            inside = inside[before.end() :]
    part.end = part.start + len(inside)
    part.body = min(part.body, part.end)
