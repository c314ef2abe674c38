"""Plain text as it is, with its paragraphs."""

import re
from typing import Literal

from lorewright.core.records import Block, Parsed

_PARAGRAPH = re.compile(r"\S.*(?:\n[^\S\n]*\S.*)*")
_LONGEST_TITLE = 80


def parse_plain(text: str) -> Parsed:
    """Return a text, whose blocks are the stretches between blank lines.

    Its title is its first line when that stands alone and reads like one.
    """
    return Parsed(kind="text", title=_title(text), text=text, blocks=paragraphs(text))


def paragraphs(text: str, *, kind: Literal["paragraph", "other"] = "paragraph") -> tuple[Block, ...]:
    """Return the stretches of a text between blank lines; those of a log are no prose and hence `other`."""
    return tuple(
        Block(
            kind=kind,
            start=match.start(),
            end=match.start() + len(match[0].rstrip()),
            body=match.start(),
        )
        for match in _PARAGRAPH.finditer(text)
    )


def _title(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    second = rest.split("\n", 1)[0].strip()
    alone = not second or not any(character.isalnum() for character in second)
    if alone and len(first) <= _LONGEST_TITLE and not first.rstrip().endswith((".", ",", ";", ":")):
        return first.strip()
    return ""
