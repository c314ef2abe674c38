"""The part of a passage that a search was about: a short line around the words that matched."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from lorewright.core.printable import one_line
from lorewright.retrieval.words import searchable, terms

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[.!?:。！？]\s+")
# How far before the first matched word a snippet may begin, so that its sentence is whole.
_LEAD_CHARS = 80


class Snippet(NamedTuple):
    """One printable line of a passage.

    Attributes:
        text: With `…` where something is left out.
        matches: Start and end in `text` of each word that was searched for.
    """

    text: str
    matches: tuple[tuple[int, int], ...]


class _Match(NamedTuple):
    start: int
    end: int
    stems: frozenset[str]


def snippet(text: str, asked: Collection[str], *, stemming: str, max_chars: int) -> Snippet:
    """Return the stretch of a text with most of the stems that were asked for; its beginning where it has none.

    Args:
        text: Of a passage.
        asked: Stems of what was searched for, as `terms` returns them.
        stemming: Of the index.
        max_chars: Longest stretch in characters, marks of omission excluded.
    """
    line = one_line(text)
    found = list(_matches(line, frozenset(asked), stemming))
    start, end = _stretch(line, found, max_chars)
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    inside = tuple(
        (one.start + shift, one.end + shift) for one in found if start <= one.start < one.end <= end
    )
    return Snippet(before + line[start:end] + after, inside)


def _matches(line: str, asked: frozenset[str], stemming: str) -> Iterator[_Match]:
    @cache
    def stems(word: str) -> frozenset[str]:
        return asked & frozenset(terms(word, stemming))

    for word in _WORD.finditer(line):
        for start, end in _parts(word):
            if found := stems(line[start:end]):
                yield _Match(start, end, found)


def _parts(word: re.Match[str]) -> list[tuple[int, int]]:
    """Return where a word stands; of a script without spaces, where each of its characters does."""
    start, end = word.span()
    unspaced = not word.group().isascii() and any(searchable(sign).startswith(" ") for sign in word.group())
    return [(at, at + 1) for at in range(start, end)] if unspaced else [(start, end)]


def _stretch(line: str, found: list[_Match], max_chars: int) -> tuple[int, int]:
    if len(line) <= max_chars:
        return 0, len(line)
    lead = min(_LEAD_CHARS, max_chars // 3)

    def covered(first: _Match) -> int:
        return len(
            {
                stem
                for one in found
                if one.start >= first.start and one.end <= first.start + max_chars - lead
                for stem in one.stems
            }
        )

    best = max(found, key=lambda one: (covered(one), -one.start), default=None)
    start = _beginning(line, best.start, lead) if best else 0
    start = max(0, min(start, len(line) - max_chars))
    if start and line[start - 1] != " ":
        start = line.find(" ", start, start + lead) + 1 or start
    return start, _ending(line, start + max_chars, best.end if best else 0)


def _beginning(line: str, at: int, lead: int) -> int:
    """Return where a sentence begins shortly before a place, or else a word."""
    earliest = at - lead
    if earliest <= 0:
        return 0
    sentences = [mark.end() for mark in _SENTENCE.finditer(line, earliest, at)]
    return sentences[0] if sentences else line.find(" ", earliest, at) + 1 or at


def _ending(line: str, limit: int, least: int) -> int:
    if limit >= len(line):
        return len(line)
    space = line.rfind(" ", least, limit + 1)
    return space if space > 0 else limit
