"""The parts of a docstring: its summary, what it says of parameters, what it returns."""

import re
from dataclasses import dataclass

from lorewright.generation.candidate import Span
from lorewright.generation.prose import trim

_GOOGLE = re.compile(
    r"^[ \t]*(?:Args|Arguments|Parameters|Keyword Arguments|Keyword Args|Attributes|Other Parameters):[ \t]*$"
)
_NUMPY = re.compile(r"^[ \t]*(?:Parameters|Other Parameters|Attributes)[ \t]*\n[ \t]*-{3,}[ \t]*$", re.M)
_UNDERLINED = re.compile(r"^[ \t]*\S.*\n[ \t]*[-=~]{3,}[ \t]*$", re.M)
_FIELD = re.compile(
    r"^[ \t]*:(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:\n]*?\s)?(?P<name>[*\w]+):[ \t]*", re.M
)
_NEXT_FIELD = re.compile(r"^[ \t]*:\w[^:\n]*:|\n[ \t]*\n", re.M)
_ENTRY = re.compile(
    r"(?:-[ \t]+)?`{0,2}(?P<name>\*{0,2}\w+)`{0,2}(?:[ \t]*\([^)\n]*\))?[ \t]*(?::|--)[ \t]+(?=\S)"
)
_SUMMARY_END = re.compile(
    r"\n[ \t]*\n|\n[ \t]*:\w[^:\n]*:[ \t]|\n[ \t]*(?:Args|Arguments|Returns|Raises|Parameters):[ \t]*\n"
    r"|\n[ \t]*>>> "
)
_RETURNS_END = re.compile(r"\n[ \t]*\n|\n[ \t]*:\w[^:\n]*:|\n[ \t]*[A-Z]\w+:[ \t]*\n")
_RETURNS = re.compile(r"^[ \t]*(?::returns?:[ \t]*|Returns?:[ \t]*(?:\n[ \t]*)?)(?=\S)", re.M)


@dataclass(frozen=True)
class DocumentedName:
    """A parameter's name and where its description and the whole entry stand."""

    name: str
    entry: Span
    description: Span


def summary_span(text: str, start: int, end: int) -> Span:
    """Return the first paragraph of the docstring at `text[start:end]`, ended by the first field or section too."""
    start, end = trim(text, start, end)
    found = _SUMMARY_END.search(text, start, end)
    return trim(text, start, found.start() if found else end)


def returns_span(text: str, start: int, end: int) -> Span | None:
    """Return where a docstring says what is returned, or None."""
    found = _RETURNS.search(text, start, end)
    if not found:
        return None
    stop = _RETURNS_END.search(text, found.end(), end)
    return trim(text, found.end(), stop.start() if stop else end)


def documented_names(text: str, start: int, end: int) -> list[DocumentedName]:
    """Return the parameters that a docstring describes in field, Google or NumPy style, or as `name -- text`."""
    found = _fields(text, start, end) or _entries(text, start, end) or _numpy(text, start, end)
    return [name for name in found if name.description[0] < name.description[1]]


def _fields(text: str, start: int, end: int) -> list[DocumentedName]:
    names = []
    for field in _FIELD.finditer(text, start, end):
        stop = _NEXT_FIELD.search(text, field.end(), end)
        description = trim(text, field.end(), stop.start() if stop else end)
        entry = trim(text, field.start(), description[1])
        names.append(DocumentedName(field["name"].lstrip("*"), entry, description))
    return names


def _lines(text: str, start: int, end: int) -> list[Span]:
    spans, place = [], start
    for line in text[start:end].splitlines(keepends=True):
        spans.append((place, place + len(line)))
        place += len(line)
    return spans


def _indent(text: str, line: Span) -> int:
    content = text[slice(*line)].rstrip()
    return len(content) - len(content.lstrip()) if content else -1


def _entries(text: str, start: int, end: int) -> list[DocumentedName]:
    lines = _lines(text, start, end)
    names: list[DocumentedName] = []
    for place, line in enumerate(lines):
        if _GOOGLE.match(text[slice(*line)].rstrip("\n")):
            names += _block_entries(text, lines[place + 1 :], _indent(text, line))
    return names


def _block_entries(text: str, lines: list[Span], outer: int) -> list[DocumentedName]:
    names: list[DocumentedName] = []
    depth: int | None = None
    for line in lines:
        indent = _indent(text, line)
        if indent < 0:
            if depth is None:
                continue
            if names:
                depth = depth if depth > outer else None
            if depth is None:
                break
            continue
        if indent < outer or (indent == outer and not _ENTRY.match(text[slice(*line)].lstrip())):
            break
        depth = indent if depth is None else depth
        entry = _ENTRY.match(text, line[0] + indent, line[1])
        if indent == depth and entry:
            span = trim(text, line[0], line[1])
            names.append(DocumentedName(entry["name"].lstrip("*"), span, (entry.end(), span[1])))
        elif indent > depth and names:
            last = names[-1]
            stop = trim(text, *line)[1]
            names[-1] = DocumentedName(last.name, (last.entry[0], stop), (last.description[0], stop))
    return names


def _numpy(text: str, start: int, end: int) -> list[DocumentedName]:
    header = _NUMPY.search(text, start, end)
    if not header:
        return []
    following = _UNDERLINED.search(text, header.end(), end)
    lines = _lines(text, header.end() + 1, following.start() if following else end)
    depth = min((indent for line in lines if (indent := _indent(text, line)) >= 0), default=0)
    names: list[DocumentedName] = []
    for line in lines:
        indent = _indent(text, line)
        if indent == depth:
            first = text[slice(*line)].strip().split(":")[0].split(",")[0].strip().lstrip("*")
            names.append(DocumentedName(first, trim(text, *line), (line[1], line[1])))
        elif indent > depth and names:
            last = names[-1]
            stop = trim(text, *line)[1]
            begin = (
                trim(text, line[0], stop)[0]
                if last.description[0] == last.description[1]
                else last.description[0]
            )
            names[-1] = DocumentedName(last.name, (last.entry[0], stop), (begin, stop))
    return names
