"""Which lines of a task log may hold its error, and what of them a model needs to see."""

import re

from lorewright.text.timestamps import LEADING_TIMESTAMP

_LOCATION = re.compile(r"^\{{1,2}[\w./<>-]+:\d+\}{1,2}\s*")
_WORKER = re.compile(r"^\[?(?:pid|worker|thread)[\s=:-]*\d+\]?[\s:|-]*", re.I)
_LEVEL_ERROR = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|SEVERE|ALERT|EMERG)\b|^\[(?:error|critical)\s*\]|\"level\":\s?\"(?:error|critical)\""
)
_EXCEPTION = re.compile(
    r"^(?:[\w.]*(?:Error|Exception|Timeout|Interrupt|Exit|Failure|Warning))(?::|\(|$)|\b\w+(?:Error|Exception)\b"
)
_WORDS = re.compile(
    r"\b(?:fail(?:ed|ure|s)?|denied|refused|unable|cannot|can't|could not|killed|abort(?:ed)?|timed? ?out|exceeded"
    r"|exhausted|not found|no such|invalid|missing|unreachable|forbidden|unauthorized|panic|segfault|rejected"
    r"|violates?)\b",
    re.I,
)
_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\)|^\s+File \"|^\s{4,}\S|^\s+at \S+\(|^Caused by:|^During handling"
)
_QUIET_LEVEL = re.compile(
    r"^(?:-\s*)?(?:INFO|DEBUG|TRACE|NOTICE)\b|(?:^|\s-\s)(?:INFO|DEBUG)\s-\s"
    r"|^\[(?:info|debug)\s*\]|\"level\":\s?\"(?:info|debug)\""
)


def candidate_lines(text: str, *, limit: int = 10) -> list[tuple[int, int]]:
    """Return the last lines that look like errors, with the lines that lead to them, as spans without newlines.

    A line counts when it has an error level, names an exception or speaks of failure without a quiet level; lines
    of a traceback count, and so does the line before each one. A log without such lines gives its last ones.

    Args:
        text: A task's log.
        limit: How many lines at most.
    """
    lines = _lines(text)
    wanted: set[int] = set()
    for place, (start, end) in enumerate(lines):
        raised = place > 0 and _ends_traceback(text[slice(*lines[place - 1])], text[start:end])
        if raised or _is_error(text[start:end]):
            wanted.update({place, max(place - 1, 0)})
    chosen = [lines[place] for place in sorted(wanted)] if wanted else lines
    return chosen[-limit:]


def normalise(line: str) -> str:
    """Return a log line without its timestamp and source location; level and message stay as they are."""
    bare = LEADING_TIMESTAMP.sub("", line.rstrip())
    if bare == line.rstrip():
        return bare
    bare = _WORKER.sub("", _LOCATION.sub("", bare))
    return bare.lstrip("- ") if not bare.startswith("--") else bare


def context(text: str, *, limit: int = 10) -> str:
    """Return the candidate lines of a log, normalised, one a line: what a model is asked about."""
    return "\n".join(normalise(text[start:end]) for start, end in candidate_lines(text, limit=limit))


def _lines(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    place = 0
    for line in text.split("\n"):
        if line.strip():
            spans.append((place, place + len(line.rstrip("\r"))))
        place += len(line) + 1
    return spans


def _ends_traceback(before: str, line: str) -> bool:
    return (
        before.startswith(("    ", "  File ")) and not line[0].isspace() and not LEADING_TIMESTAMP.match(line)
    )


def _is_error(line: str) -> bool:
    bare = normalise(line)
    if _LEVEL_ERROR.search(bare) or _TRACEBACK.match(bare):
        return True
    quiet = _QUIET_LEVEL.search(bare) is not None
    return not quiet and bool(_EXCEPTION.search(bare) or _WORDS.search(bare))
