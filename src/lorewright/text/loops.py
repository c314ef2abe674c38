"""Texts of small models: the same words, lines or sentences again and again, or the words of a prompt's example."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from lorewright.text.prose import sentences
from lorewright.text.tokens import words

_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_LEAST_WORDS = 4
"""Words of a sentence that counts when sentences come again."""
_LEAST_SENTENCES = 6
_LEAST_NUMBERS = 12
"""How often numbers or single letters must come in a row: tables and matrices have several."""
_LONG_TOKEN = 24
_STUTTER = re.compile(r"(\S{2,30}?)\1{7,}")
_LEAST_LETTERS = 40
"""How often one letter or digit must come in a row: digests and paddings have many."""
_ECHO_WORDS = 8
_SHOWN = 60


class _Run(NamedTuple):
    """Items that are the same unit again and again."""

    start: int
    period: int
    times: int


def loop(text: str, *, known: str = "") -> str:
    """Return what a text repeats in a row, and how often; empty where it does not.

    Words go round when one stands there five times in a row, two or three four times, and a longer stretch three
    times; lines when one stands there four times, several in turn three times; sentences when at least six are at most
    half as many different ones; numbers and single letters twelve times. Rows of tables are lines alone.

    Args:
        text: An answer.
        known: Texts that may go round themselves: what repeats as often there is content.
    """
    bare = _ROW.sub(" ", text)
    said, lines = words(bare), [line.rstrip() for line in text.splitlines() if line.strip()]
    source = _Source(known)
    for run in _runs(said, need=_words_needed, key_length=3):
        unit = said[run.start : run.start + run.period]
        told = _unknown(unit, run, _words_needed(run.period), source)
        if told and (run.period > 1 or _in_one_line(unit[0], bare)):
            return told
    for run in _runs(lines, need=_lines_needed, key_length=1):
        unit = words("\n".join(lines[run.start : run.start + run.period]))
        if told := _unknown(unit, run, _lines_needed(run.period), source):
            return told
    return _stutter(text, known) or _same_sentences(bare, source)


def echo(text: str, example: str, *, known: str = "") -> str:
    """Return the first eight words in a row that a text has of an example and that are not known, if there are any."""
    own = words(text)
    shown, passage = _joined(words(example)), _joined(words(known))
    for start in range(len(own) - _ECHO_WORDS + 1):
        run = _joined(own[start : start + _ECHO_WORDS])
        if run in shown and run not in passage:
            return run.strip()
    return ""


class _Source:
    """What is known, its words taken apart when they are first needed."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _words(self) -> str:
        return _joined(words(self._text))

    def repeats(self, unit: Sequence[str], times: int) -> bool:
        """Whether a unit stands there so often in a row."""
        return _joined([*unit] * times) in self._words

    def counts(self, unit: Sequence[str]) -> int:
        """Return how often a unit stands there, wherever."""
        return self._words.count(_joined(unit))


def _runs(items: Sequence[Hashable], *, need: Callable[[int], int], key_length: int) -> Iterator[_Run]:
    """Yield stretches in which one unit comes as often as is needed for its length, in order of their keys.

    Keys are runs of `key_length` items: where a unit comes three times, one of its keys does, at the same distance.
    """
    places: dict[tuple[Hashable, ...], list[int]] = {}
    for start in range(len(items) - key_length + 1):
        places.setdefault(tuple(items[start : start + key_length]), []).append(start)
    for found in places.values():
        for first, second, third in zip(found, found[1:], found[2:], strict=False):
            period = second - first
            if third - second == period and (times := _times(items, first, period)) >= need(period):
                yield _Run(first, period, times)
                break


def _times(items: Sequence[Hashable], start: int, period: int) -> int:
    """Return how often the unit at a place stands there in a row."""
    end = start + period
    while end < len(items) and items[end] == items[end - period]:
        end += 1
    return (end - start) // period


def _unknown(unit: Sequence[str], run: _Run, needed: int, source: _Source) -> str:
    """Return what goes round, unless that is the source's own, or numbers and letters that do not go on long."""
    least = needed if _speaks(unit) else _LEAST_NUMBERS
    return (
        _told(" ".join(unit), run.times)
        if unit and run.times >= least and not source.repeats(unit, least)
        else ""
    )


def _words_needed(period: int) -> int:
    return {1: 5, 2: 4, 3: 4}.get(period, 3)


def _lines_needed(period: int) -> int:
    return 4 if period == 1 else 3


def _in_one_line(word: str, text: str) -> bool:
    """Whether a word goes round in a sentence; closing words and tags of code (`end`, `</div>`) do not."""
    gap = r"[ \t,;.!]*" if not word.isascii() else r"[ \t,;.!]+"
    return re.search(rf"{re.escape(word)}(?:{gap}{re.escape(word)}){{4}}", text.casefold()) is not None


def _stutter(text: str, known: str) -> str:
    """Return a piece of a long word that it repeats without a space."""
    for token in text.split():
        if len(token) >= _LONG_TOKEN and token not in known:
            for found in _STUTTER.finditer(token):
                unit = found[1] if len(set(found[1])) > 1 else found[1][0]
                times = len(found[0]) // len(unit)
                if any(map(str.isalnum, unit)) and (len(unit) > 1 or times >= _LEAST_LETTERS):
                    return _told(unit, times)
    return ""


def _same_sentences(text: str, source: _Source) -> str:
    """Return the sentence that comes most often where few of many are different."""
    said = [tuple(words(one)) for one in sentences(text)]
    counted = Counter(one for one in said if len(one) >= _LEAST_WORDS)
    if counted.total() < _LEAST_SENTENCES or 2 * len(counted) > counted.total():
        return ""
    often, times = counted.most_common(1)[0]
    return "" if source.counts(often) >= times else _told(" ".join(often), times)


def _speaks(unit: Sequence[str]) -> bool:
    """Whether there is a word in it, not only numbers and single letters."""
    return any((len(word) > 1 or not word.isascii()) and any(map(str.isalpha, word)) for word in unit)


def _joined(run: Iterable[str]) -> str:
    return f" {' '.join(run)} "


def _told(unit: str, times: int) -> str:
    return f"a loop: {unit[:_SHOWN]!r} {times:,} times"
