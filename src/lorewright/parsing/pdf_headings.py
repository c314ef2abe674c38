"""Which lines of a PDF are headings, and of which level.

A line is one when the file's outline names it on that page, when it is set larger than the text, or when it stands
alone in bold. Levels come from the outline where the file has one, else from the sizes, largest first.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from lorewright.parsing.pdf_lines import Font, Line, PageLines

_LABELS = "chapter|appendix|part|kapitel|anhang"
_NUMBERING = re.compile(
    rf"(?:(?:{_LABELS}|section)\s+)?(?:[A-Z]|\d+|[IVXLC]+)(?:\.\d+)*[.:)]?\s+", re.IGNORECASE
)
_DEPTH = re.compile(r"(?:[A-Z](?=\.)|\d+)((?:\.\d+)*)\.?\s")
_TO_NINE = "one|two|three|four|five|six|seven|eight|nine"
_COUNT = rf"{_TO_NINE}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty"
_LABEL = re.compile(rf"(?:{_LABELS})(?:\s+(?:[A-Z]|\d+|[IVXLC]+|{_COUNT})\.?)?|{_COUNT}", re.IGNORECASE)
_TOKEN = re.compile(r"\S+")
_MOST_RUN_IN_WORDS = 10
_NOT_WORD = re.compile(r"[\W_]+")
_ITEM = re.compile(r"[•◦▪‣∙·–—*-]\s")
_NO_HEADING_END = (".", ",", ";", ":", "!")
_LARGER = 1.12
_TITLE_LARGER = 1.3
_AS_LARGE = 0.97
_MOST_LINES = 4
_MOST_CHARACTERS = 200
# Spaces, punctuation and numbering, which the compared form of a title leaves out.
_ROOM_CHARACTERS = 30
_MOST_BOLD_CHARACTERS = 90
_MOST_BOLD_LINES = 2
_SAME_SIZE = 0.3
_TRUSTED_SHARE = 0.5
_TRUSTED_ENTRIES = 3
_MOST_SHARE = 0.3
_MOST_LEVEL = 6
_MOST_DEPTH = 8

Outline = dict[int, dict[str, int]]


@dataclass(slots=True)
class Heading:
    """Some lines that are one heading: how many from the first, its level from 1, and its words."""

    count: int
    level: int
    title: str
    size: float
    font: Font
    outlined: bool = False


def read_outline(file: Any) -> Outline:
    """Return the level of each title that a file's outline names, by page and by `title_key`."""
    outline: Outline = defaultdict(dict)
    for bookmark in file.get_toc(max_depth=_MOST_DEPTH):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is None:
            continue
        title = bookmark.get_title().strip()
        for key in {title_key(title), title_key(_unnumbered(title))} - {""}:
            outline[index + 1].setdefault(key, min(_MOST_LEVEL, bookmark.level + 1))
    return dict(outline)


def find_headings(
    pages: list[PageLines], *, outline: Outline, body_size: float, leading: float
) -> dict[int, dict[int, Heading]]:
    """Return each page's headings by the index of their first line.

    Args:
        pages: The pages' lines without running headers; a heading that the text runs on from is made a line.
        outline: What `read_outline` said.
        body_size: Points of most of the text.
        leading: Usual distance of two lines over their size.
    """
    for page in pages:
        if page.number in outline:
            page.lines = _run_in_headings_apart(page.lines, outline[page.number])
    found = {
        page.number: _candidates(page.lines, outline.get(page.number, {}), body_size, leading)
        for page in pages
    }
    for headings in found.values():
        _put_labels_before(headings)
    every = [heading for page in found.values() for heading in page.values()]
    outlined = [heading for heading in every if heading.outlined]
    entries = len({(page, level) for page, titles in outline.items() for level in titles.values()})
    if len(outlined) >= _TRUSTED_ENTRIES and len(outlined) >= _TRUSTED_SHARE * entries:
        _level_by_outline(found, outlined, body_size)
    else:
        _level_by_size(every, body_size)
    written = sum(len(line.text) for page in pages for line in page.lines)
    if sum(len(heading.title) for heading in every) > _MOST_SHARE * written:
        return {
            page: {index: heading for index, heading in headings.items() if heading.outlined}
            for page, headings in found.items()
        }
    return found


def _run_in_headings_apart(lines: list[Line], titles: dict[str, int]) -> list[Line]:
    """Return a page's lines, with a bold title that the outline names divided from the sentence after it."""
    apart: list[Line] = []
    for line in lines:
        end = _run_in_end(line.text, titles) if line.font.bold and not line.bold else 0
        if end:
            apart.append(replace(line, text=line.text[:end], bold=True, divided=False, cells=()))
            apart.append(replace(line, text=line.text[end:].lstrip(), cells=()))
        else:
            apart.append(line)
    return apart


def _run_in_end(text: str, titles: dict[str, int]) -> int:
    """Return where the longest title ends that a line begins with, 0 when it begins with none or is one."""
    longest = 0
    for match in islice(_TOKEN.finditer(text), _MOST_RUN_IN_WORDS):
        start = text[: match.end()]
        if title_key(start) in titles or title_key(_unnumbered(start)) in titles:
            longest = match.end()
    return longest if text[longest:].strip() else 0


def _candidates(
    lines: list[Line], titles: dict[str, int], body_size: float, leading: float
) -> dict[int, Heading]:
    found: dict[int, Heading] = {}
    longest = max(map(len, titles), default=0)
    index = run_end = 0
    while index < len(lines):
        line = lines[index]
        fits = titles and len(line.text) <= longest + _ROOM_CHARACTERS
        heading = _outlined(lines, index, titles) if fits else None
        if not heading and index >= run_end and (line.bold or line.size >= _LARGER * body_size):
            run_end = _run_end(lines, index, leading)
            heading = _set_apart(lines, index, run_end, body_size, leading)
        if heading:
            found[index] = heading
        index += heading.count if heading else 1
    return found


def _outlined(lines: list[Line], index: int, titles: dict[str, int]) -> Heading | None:
    first = lines[index]
    if first.turned or len(first.text) > _MOST_CHARACTERS or has_leaders(first.text):
        return None
    whole = ""
    for count, line in enumerate(lines[index : index + _MOST_LINES], 1):
        if abs(line.size - first.size) > _SAME_SIZE:
            break
        whole = f"{whole} {_spaced(line)}".strip()
        for key in (title_key(whole), title_key(_unnumbered(whole))):
            if key in titles:
                return Heading(
                    count, titles[key], whole, max(first.size, line.size), first.font, outlined=True
                )
        key = title_key(_unnumbered(whole))
        if key and not any(title.startswith((key, title_key(whole))) for title in titles):
            break
    return None


def _run_end(lines: list[Line], index: int, leading: float) -> int:
    """Return the line after those that are set alike from here on without more space between them."""
    end = index + 1
    while end < len(lines) and _goes_on(lines[end - 1], lines[end], leading):
        end += 1
    return end


def _set_apart(lines: list[Line], index: int, end: int, body_size: float, leading: float) -> Heading | None:
    """Return the heading that a run of large or bold lines makes, if it reads like one."""
    first, part = lines[index], lines[index:end]
    if first.turned or first.mono or len(part) > _MOST_LINES:
        return None
    title = _run_on(part)
    if not _reads_like_one(part, title):
        return None
    if first.size < _LARGER * body_size and not _stands_alone(lines, index, end, title, body_size, leading):
        return None
    return Heading(len(part), 0, title, first.size, first.font)


def _put_labels_before(headings: dict[int, Heading]) -> None:
    """Make one heading of a label, such as "Chapter 3", and the heading under it."""
    for index in sorted(headings, reverse=True):
        label = headings[index]
        following = headings.get(index + label.count)
        if following and not label.outlined and _LABEL.fullmatch(label.title):
            headings.pop(index + label.count)
            label.count += following.count
            label.title = f"{label.title} {following.title}"
            label.size, label.font = following.size, following.font
            label.level, label.outlined = following.level, following.outlined


def _run_on(lines: list[Line]) -> str:
    return "".join(_spaced(line) + ("" if line.divided else " ") for line in lines).strip()


def _goes_on(line: Line, following: Line, leading: float) -> bool:
    return (
        abs(following.size - line.size) <= _SAME_SIZE
        and following.bold == line.bold
        and 0 < line.baseline - following.baseline <= 1.35 * leading * line.size
        and not _DEPTH.match(following.text)
    )


def _reads_like_one(part: list[Line], title: str) -> bool:
    letters = sum(character.isalpha() for character in title)
    return (
        len(title) <= _MOST_CHARACTERS
        and letters >= max(2, len(title) * 0.3)
        and not has_leaders(title)
        and not _ITEM.match(title)
        and not any(_is_row(line) for line in part)
    )


def _is_row(line: Line) -> bool:
    """Whether a wide gap divides a line, other than the one between its number and its words."""
    if not line.cells:
        return False
    return len(line.cells) > 1 or not re.fullmatch(
        r"(?:[A-Z]|\d+)(?:\.\d+)*[.)]?\s*", line.text[: line.cells[0][0]]
    )


def _stands_alone(
    lines: list[Line], index: int, end: int, title: str, body_size: float, leading: float
) -> bool:
    first = lines[index]
    if first.size < _AS_LARGE * body_size or title.endswith(_NO_HEADING_END) or not first.bold:
        return False
    if len(title) > _MOST_BOLD_CHARACTERS or end - index > _MOST_BOLD_LINES:
        return False
    gap = lines[index - 1].baseline - first.baseline if index else 0.0
    return not index or gap < 0 or gap > 1.2 * leading * first.size


def _level_by_outline(
    found: dict[int, dict[int, Heading]], outlined: list[Heading], body_size: float
) -> None:
    """Give headings that the outline does not name the level of those set alike; others are none, but for bold ones."""
    levels: dict[tuple[float, Font], Counter[int]] = defaultdict(Counter)
    for heading in outlined:
        levels[round(heading.size, 1), heading.font][heading.level] += 1
    deepest = min(_MOST_LEVEL, max(heading.level for heading in outlined) + 1)
    first = next((page for page, headings in found.items() if headings), 0)
    largest = max((heading.size for heading in found.get(first, {}).values()), default=0.0)
    for page, headings in found.items():
        for index, heading in list(headings.items()):
            if heading.outlined:
                continue
            alike = levels.get((round(heading.size, 1), heading.font))
            if alike:
                heading.level = alike.most_common(1)[0][0]
            elif page == first and heading.size >= max(largest - _SAME_SIZE, _LARGER * body_size):
                heading.level = 1
            elif heading.font.bold and heading.size < _LARGER * body_size:
                heading.level = deepest
            else:
                del headings[index]


def _level_by_size(headings: list[Heading], body_size: float) -> None:
    sizes = sorted(
        {round(heading.size * 2) / 2 for heading in headings if heading.size >= _LARGER * body_size}
    )
    ranks = {size: rank for rank, size in enumerate(reversed(sizes), 1)}
    for heading in headings:
        rank = ranks.get(round(heading.size * 2) / 2, len(sizes) + 1)
        numbered = _DEPTH.match(heading.title)
        depth = numbered[1].count(".") + 1 if numbered else 0
        heading.level = min(_MOST_LEVEL, max(rank, depth if depth > 1 else 0))


def title_of(headings: dict[int, dict[int, Heading]], *, body_size: float) -> str:
    """Return the title that a file's first page with headings shows: its largest heading, when nothing is larger."""
    first = next((page for page in headings.values() if page), {})
    largest = max(first.values(), key=lambda heading: heading.size, default=None)
    if largest is None or largest.outlined or largest.size < _TITLE_LARGER * body_size:
        return ""
    beyond = max(heading.size for page in headings.values() for heading in page.values())
    return largest.title if largest.size >= beyond - _SAME_SIZE else ""


def has_leaders(text: str) -> bool:
    """Whether a row of dots leads across a line, as in a table of contents."""
    return "...." in text or ". . . ." in text


def _spaced(line: Line) -> str:
    return " ".join(line.text.split())


def _unnumbered(title: str) -> str:
    return _NUMBERING.sub("", title, count=1) if _NUMBERING.match(title) else title


def title_key(title: str) -> str:
    """Return what of a title is compared: its letters and digits, whatever their case."""
    return _NOT_WORD.sub("", title).casefold()
