"""Markdown inside what plain Markdown takes for code: admonitions of MkDocs and of MyST.

Their bodies are read as Markdown of their own; a heading in one is a paragraph, for it heads no section.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from lorewright.parsing.markdown_parts import Part, markdown_parts

_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]?)[ \t]+[\w\"].*")
_INDENTATION = re.compile(r"(?: {4}|\t)")
_PROSE = re.compile(
    r"\{(?:note|tip|hint|important|warning|caution|danger|attention|error|seealso|admonition|dropdown|details|topic"
    r"|sidebar|margin|epigraph|versionadded|versionchanged|versionremoved|deprecated|card|tab-item)\}"
)
_OPTIONS = re.compile(r"---[ \t]*\n(?:(?!---).*\n)*---[ \t]*(?:\n|\Z)|(?:[ \t]*:[\w-]+:.*(?:\n|\Z))+")
_COLON_CODE = re.compile(r":{3,}[ \t]*\{(?:code|sourcecode|mermaid|literalinclude)[\w-]*\}")
_COLONS_ALONE = re.compile(r"^[ \t]*:{3,}[ \t]*$", re.MULTILINE)
_DEEPEST = 8


def with_nested(text: str, parts: Sequence[Part], *, depth: int = 0) -> list[Part]:
    """Return the parts, those of admonitions replaced by the parts of their heads and bodies."""
    found: list[Part] = []
    position = 0
    for part in parts:
        if part.start < position:
            continue
        first = text[part.start : part.start + 1] or " "
        if part.tag and _PROSE.fullmatch(part.tag) and depth < _DEEPEST:
            found.extend(_directive(text, part, depth))
        elif first in "!?=" and part.kind == "paragraph" and depth < _DEEPEST:
            opened, position = _indented(text, part, depth)
            found.extend(opened)
        elif (
            first == ":" and part.kind in {"paragraph", "definition"} and _COLON_CODE.match(text, part.start)
        ):
            closing = _COLONS_ALONE.search(text, part.start)
            position = closing.end() if closing else len(text)
            found.append(Part("code", part.start, position))
        else:
            found.append(part)
    return found


def _directive(text: str, part: Part, depth: int) -> Iterator[Part]:
    """Yield a fence's first line with its options, what stands inside, and its last line."""
    content = text[part.start : part.end].rstrip()
    start = part.start + content.find("\n") + 1
    last = part.start + content.rfind("\n") + 1
    fence = text[part.start] * 3
    closed = text[last : part.end].strip()
    end = (
        last
        if last >= start and closed == closed[:1] * len(closed) and closed.startswith(fence)
        else part.end
    )
    if start == part.start or text[max(0, part.start - 1) : part.start] not in {"", "\n"}:
        yield part
        return
    options = _OPTIONS.match(text, start, end)
    start = options.end() if options else start
    yield Part("other", part.start, start)
    yield from _inside(text[start:end], [0], [start], depth)
    if end < part.end:
        yield Part("other", end, part.end)


def _indented(text: str, part: Part, depth: int) -> tuple[list[Part], int]:
    """Return the parts of a head and its indented body, and where the body ends; the part itself where none is."""
    head_end = text.find("\n", part.start) + 1
    if not head_end or not _INDENTED.match(text, part.start):
        return [part], part.end
    lines: list[str] = []
    ours: list[int] = [0]
    theirs: list[int] = []
    place = body_end = head_end
    while place < len(text):
        line_end = text.find("\n", place) + 1 or len(text)
        line = text[place:line_end]
        indent = _INDENTATION.match(line)
        if line.strip() and not indent:
            break
        removed = indent.end() if indent else 0
        lines.append(line[removed:])
        ours.append(ours[-1] + len(line) - removed)
        theirs.append(place + removed)
        place = line_end
        body_end = line_end if line.strip() else body_end
    if body_end == head_end:
        return [part], part.end
    parts = [Part("other", part.start, head_end), *_inside("".join(lines), ours[:-1], theirs, depth)]
    if part.end > body_end:
        parts.append(Part("paragraph", body_end, part.end))
    return parts, max(body_end, part.end)


def _inside(text: str, ours: Sequence[int], theirs: Sequence[int], depth: int) -> Iterator[Part]:
    """Yield the parts of a body, at their places outside.

    Args:
        text: The body as Markdown.
        ours: Where stretches of it begin, in it.
        theirs: Where the same stretches begin outside.
        depth: How many bodies hold this one.
    """

    def outside(position: int) -> int:
        stretch = max(0, bisect_right(ours, position) - 1)
        return theirs[stretch] + position - ours[stretch]

    for part in with_nested(text, markdown_parts(text), depth=depth + 1):
        part.start, part.end = outside(part.start), outside(part.end)
        part.body = outside(part.body) if part.body >= 0 else -1
        if part.kind == "heading":
            part.kind, part.level, part.words = "paragraph", 0, []
        yield part
