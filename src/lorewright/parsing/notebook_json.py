"""JSON whose strings know the line of the file where they stand."""

import json
import re
from typing import Any, NamedTuple

from lorewright.core.errors import ParseError

_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|[{}\[\]]|[^\s",:{}\[\]]++')
# JSON can spell byte 0 and halves of surrogate pairs, which no text can hold.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Text(NamedTuple):
    """A string, and the 1-based line where it stands."""

    text: str
    line: int


def read_json(text: str) -> Any:
    """Return what a JSON text says; strings other than keys are `Text`, with U+FFFD for what no text can hold.

    Raises:
        ParseError: The text is no JSON, is cut short, or is nested too deeply.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"the file is not JSON: {error.msg} in line {error.lineno}"
        raise ParseError(reason, hint="lore ingest --report") from error
    except (RecursionError, ValueError) as error:
        raise ParseError(f"the file is not JSON that can be read: {error}") from error
    return _built(text)


def _built(text: str) -> Any:
    """Return the values of a text that is known to be JSON."""
    top: list[Any] = []
    around: list[list[Any] | dict[str, Any]] = [top]
    keys: list[str | None] = [None]
    line, counted = 1, 0
    for match in _TOKEN.finditer(text):
        found, container = match[0], around[-1]
        if found in "}]":
            around.pop()
            keys.pop()
            continue
        value: Any
        if match[1] is not None:
            plain = match[1] if "\\" not in found else _NO_TEXT.sub("\ufffd", json.loads(found, strict=False))
            if isinstance(container, dict) and keys[-1] is None:
                keys[-1] = plain
                continue
            line += text.count("\n", counted, match.start())
            counted = match.start()
            value = Text(plain, line)
        else:
            value = {"{": dict, "[": list}[found]() if found in "{[" else json.loads(found)
        if isinstance(container, dict):
            container[keys[-1] or ""] = value
            keys[-1] = None
        else:
            container.append(value)
        if found in "{[":
            around.append(value)
            keys.append(None)
    return top[0]
