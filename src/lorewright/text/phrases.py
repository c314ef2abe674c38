"""Phrases by which texts are told: a file a subject, a regular expression a line, read without regard to case."""

import re
from functools import cache
from importlib.resources import files

_BOOK = files("lorewright.text") / "phrasebook"
_NAME = re.compile(r"([A-Z_]+) = (.*)")


@cache
def phrases(name: str) -> re.Pattern[str]:
    """Return the expression that finds any of the phrases of a file.

    Lines that begin with `#` are comments. `NAME = expression` names a part, which later lines write as `{NAME}`.

    Args:
        name: The file's name without its ending, such as `declining`.
    """
    parts: dict[str, str] = {}
    found: list[str] = []
    for line in _lines(name):
        whole = re.sub(r"\{([A-Z_]{2,})\}", lambda match: parts.get(match[1], match[0]), line)
        named = _NAME.fullmatch(whole)
        if named:
            parts[named[1]] = named[2]
        else:
            found.append(whole)
    return re.compile("|".join(found), re.IGNORECASE)


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of a file, which has them in lines of any length."""
    return frozenset(word for line in _lines(name) for word in line.split())


def _lines(name: str) -> list[str]:
    text = (_BOOK / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
