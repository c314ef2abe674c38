"""Words, n-grams and whitespace of any script, the same for every comparison of texts."""

import re
import unicodedata
from collections.abc import Sequence

# Han and kana carry no spaces between words: each character counts as one.
_LONE = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# `\w` leaves out vowel signs and other combining marks, which would cut words of these scripts in pieces.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece"
)
_WORD = re.compile(rf"[{_LONE}]|(?:(?![{_LONE}])[\w{_MARKS}])+")
# The same where every character is ASCII, in half the time.
_ASCII_WORD = re.compile(r"[a-z0-9](?:[a-z0-9_]*[a-z0-9])?")


def words(text: str) -> list[str]:
    """Return the words of a text in order, case-folded; punctuation is dropped, `snake_case` is one word.

    Underscores at a word's ends count as punctuation: Markdown writes emphasis with them. Compatibility forms are
    unified first (NFKC), so that full-width and ligature spellings compare equal.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return [word for word in (run.strip("_") for run in found) if word]


def ngrams(items: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """Return every run of `n` neighbouring items, in order; empty when there are fewer than `n`."""
    return [tuple(items[start : start + n]) for start in range(len(items) - n + 1)]


def squash(text: str) -> str:
    """Return the text with every run of whitespace as one space and none at either end."""
    return " ".join(text.split())
