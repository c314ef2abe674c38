"""Text from documents and models made harmless to show: without characters that do something."""

import re

# Escape sequences could rewrite a screen, bidirectional controls the order of what is read; tag characters (U+E0000
# to U+E007F) are read by language models and seen by nobody; spaces without width could hide in a mark or a word.
UNPRINTABLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
"""Of a class of a regular expression: what `printable` leaves out."""
_CONTROL = re.compile(f"[{UNPRINTABLE}]")


def printable(text: str) -> str:
    """Return a text without control characters, newline and tab excepted."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Return a text as one printable line."""
    return " ".join(printable(text).split())
