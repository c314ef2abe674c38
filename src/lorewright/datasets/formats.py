"""Examples as rows for trainers, and rows as JSON lines."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lorewright.core.errors import DatasetError
from lorewright.core.records import Example

# Line separators that readers other than `\n` splitters break at, and halves of surrogate pairs, which UTF-8 refuses.
_UNSAFE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def prompt_completion(example: Example) -> dict[str, list[dict[str, str]]]:
    """Return the conversational prompt-completion row: all turns before the answer, and the answer."""
    turns = [{"role": turn.role, "content": turn.content} for turn in example.messages]
    return {"prompt": turns[:-1], "completion": turns[-1:]}


def write_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    r"""Yield each row as one line of JSON that ends with `\n` and holds no other line break."""
    for row in rows:
        line = json.dumps(row, ensure_ascii=False)
        yield _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n"


def read_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON object of each line that is not blank.

    Raises:
        DatasetError: When a line holds no JSON object; names its number from 1.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(
                f"line {number} is no JSON: {error}", hint="write one JSON object a line"
            ) from error
        if not isinstance(row, dict):
            raise DatasetError(
                f"line {number} holds {line.strip()[:60]!r}, no JSON object",
                hint="write one JSON object a line",
            )
        yield row
