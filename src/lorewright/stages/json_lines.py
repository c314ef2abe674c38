"""Files of a person's JSON lines: labels, real questions."""

import json
from collections.abc import Iterator
from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def numbered_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, with their numbers from 1."""
    for number, line in enumerate(content.removeprefix(_BYTE_ORDER_MARK).splitlines(), 1):
        if line.strip():
            yield number, line


def value_of(line: bytes) -> Any:
    """Return the JSON value of a line.

    Raises:
        ValueError: It is no JSON in UTF-8, or holds half a character (a lone surrogate).
    """
    value = json.loads(line.decode("utf-8"))
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value
