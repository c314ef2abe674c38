"""Rows as JSON: one a line, or an indented array for people."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lorewright.core.errors import DatasetError

# Line separators that readers other than `\n` splitters break at, and halves of surrogate pairs, which UTF-8 refuses.
_UNSAFE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON, without line separators other than the newlines of an indented one."""
    return _escaped(json.dumps(value, ensure_ascii=False, indent=indent))


def write_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    r"""Yield each row as one line of JSON that ends with `\n` and holds no other line break."""
    for row in rows:
        yield json_text(row) + "\n"


def read_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON object of each line that is not blank.

    Raises:
        DatasetError: When a line holds no JSON object; names its number from 1.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield read_line(line, number)


def read_line(line: str, number: int) -> dict[str, Any]:
    """Return the JSON object of a line.

    Raises:
        DatasetError: It holds none; names the line's number.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DatasetError(
            f"line {number} is no JSON: {error}", hint="write one JSON object a line"
        ) from error
    if not isinstance(row, dict):
        raise DatasetError(
            f"line {number} holds {line.strip()[:60]!r}, no JSON object",
            hint="write one JSON object a line",
        )
    return row


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
