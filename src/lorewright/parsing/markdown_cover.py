"""From the parts that Markdown knows to parts that hold every character that is not white space."""

import html
import re
from collections.abc import Iterable, Iterator

from lorewright.parsing.markdown_parts import Part

_BARE = re.compile(r"\([\w.:-]+\)=|%.*(?:\n%.*)*")
_FENCES_BEFORE = re.compile(r"(?:(?::{3,}[^\n]*|\([\w.:-]+\)=)(?:\n|\Z)\s*)+")
_CLOSING_FENCE = re.compile(r"[ \t]*:{3,}")
_TEXTUAL = frozenset({"paragraph", "list", "quote", "definition"})
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>((?:(?!</?h[1-6]).)*)</h\1>", re.DOTALL | re.IGNORECASE)
_MODULE_LINE = re.compile(
    r"import\s(?:.*\sfrom\s+)?['\"][^'\"]*['\"];?\s*|export\s+(?:const|default|function|async|let|type)\s.*"
)
_TAG = re.compile(r"<[^<>]*>")


def covering(text: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts without surrounding white space, and between them what Markdown gives no part."""
    position = 0
    for part in (*parts, Part("other", len(text), len(text))):
        _narrow(text, part)
        gap = text[position : part.start]
        outside = "" if not gap or gap.isspace() else gap.strip()
        if outside:
            start = part.start - len(gap.lstrip())
            yield Part("other", start, start + len(outside))
        if part.end > part.start:
            if gap.endswith((" ", "\t")):
                _take_indentation(part, gap, alone=not outside)
            if part.inline or part.tag or part.kind == "paragraph":
                _refine(text, part)
            yield part
        position = part.end


def _narrow(text: str, part: Part) -> None:
    """Leave out white space at the end, and MyST's colon fences and labels around running text."""
    start, end = part.start, part.end
    while end > start and text[end - 1].isspace():
        end -= 1
    part.end = end
    if part.kind in _TEXTUAL and (
        text.endswith(":::", start, end) or text.startswith((":::", "("), start, end)
    ):
        _narrow_fences(text, part)
    part.body = min(part.body, part.end)


def _narrow_fences(text: str, part: Part) -> None:
    inside = _without_closing_fences(text[part.start : part.end])
    before = _FENCES_BEFORE.match(inside)
    if before and (part.body < 0 or part.start + before.end() <= part.body):
        part.words = "".join(part.words).split("\n", before.group().count("\n"))[-1:]
        part.start += before.end()
        inside = inside[before.end() :]
    part.end = part.start + len(inside)


def _without_closing_fences(text: str) -> str:
    end = len(text.rstrip())
    while _CLOSING_FENCE.fullmatch(text, text.rfind("\n", 0, end) + 1, end):
        end = max(0, text.rfind("\n", 0, end))
        while end and text[end - 1].isspace():
            end -= 1
    return text[:end]


def _take_indentation(part: Part, gap: str, *, alone: bool) -> None:
    bare = gap.rstrip(" \t")
    if alone or bare.endswith("\n"):
        part.start -= len(gap) - len(bare)


def _refine(text: str, part: Part) -> None:
    """Tell labels, comments, images and module lines from paragraphs, and headings from other HTML."""
    if part.kind == "paragraph":
        if part.inline and (not part.inline.prose or _BARE.fullmatch(text, part.start, part.end)):
            part.kind = "other"
        elif text.startswith(("import ", "export "), part.start):
            lines = text[part.start : part.end].split("\n")
            part.kind = "code" if all(map(_MODULE_LINE.fullmatch, lines)) else "paragraph"
    elif part.tag == "html" and text[part.start : part.start + 2].lower() == "<h":
        heading = _HTML_HEADING.fullmatch(text, part.start, part.end)
        words = html.unescape(_TAG.sub("", heading[2])).split() if heading else []
        if heading and words:
            part.kind, part.level, part.words = "heading", int(heading[1]), [" ".join(words)]
