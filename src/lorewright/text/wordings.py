"""Texts as the numbers of their words, each text read once for all that compare it."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from typing import TYPE_CHECKING, TypeAlias

from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.shingles import EMPTY, Hashes, HashSets, Positions, joined, run_hashes, word_hash
from lorewright.text.stems import stem
from lorewright.text.tokens import squash, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Numbers: TypeAlias = "npt.NDArray[np.uint32]"

# Adverbs that can stand anywhere and change nothing.
_LOOSE = "already still please simply actually usually normally currently exactly schon bereits bitte genau déjà ya уже"
_NO_CONTENT = EVERY_FUNCTION_WORD.union(_LOOSE.split())
_TEXTS_AT_A_TIME = 1024
_NONE = 0


class Wordings:
    """What texts say, by numbers of words that mean nothing outside of it.

    Every text that was read is remembered, four bytes a word: it should live as long as the comparison.
    """

    def __init__(self) -> None:
        import numpy as np

        self._number: defaultdict[str, int] = defaultdict(count().__next__)
        self._read: dict[str, array[int]] = {}
        self._stem = {self._number[""]: _NONE}
        self._stems: Numbers = np.zeros(0, dtype=np.uint32)
        self._hashes: Hashes = np.zeros(0, dtype=np.uint64)

    def words(self, text: str) -> "array[int]":
        """Return the numbers of a text's words in order; a text without words is one word."""
        known = self._read.get(text)
        if known is None:
            found = words(text) or [squash(text)]
            before = len(self._number)
            known = self._read[text] = array("I", list(map(self._number.__getitem__, found)))
            if len(self._number) > before:
                for word in {word for word in found if self._number[word] >= before}:
                    self._learn(word)
        return known

    def stems(self, text: str) -> list[int]:
        """Return the stems of a text's words in order, without words like `the` that say nothing of a subject."""
        return list(filter(None, map(self._stem.__getitem__, self.words(text))))

    def content(self, text: str) -> frozenset[int]:
        """Return what `stems` returns as a set."""
        return frozenset(self.stems(text))

    def run_sets(self, found: Iterable[Sequence[int]], *, length: int) -> HashSets:
        """Return the sets of each text's runs of so many of its words or stems; fewer are one run, so are none."""
        return joined(
            run_hashes(self._hashes_of(numbers), counts, length) for numbers, counts in _flat(found, length)
        )

    def stem_sets(self, texts: Iterable[Sequence[str]]) -> HashSets:
        """Return a set for each group of texts: the stems of all of them; two groups without any are alike."""
        return joined(self._stemmed(*flat) for flat in _flat(map(self._together, texts), 1))

    def _together(self, texts: Sequence[str]) -> "array[int]":
        numbers = array("I")
        for text in texts:
            numbers.extend(self.words(text))
        return numbers

    def _learn(self, word: str) -> None:
        """Find a word's stem, and that of its stem, which may be read as a word later."""
        number = self._number[word]
        if number not in self._stem:
            base = "" if word in _NO_CONTENT else stem(word)
            self._stem[number] = self._number[base]
            self._learn(base)

    def _stemmed(self, numbers: Numbers, counts: Positions) -> tuple[Hashes, Positions]:
        """Return the hashes of the stems of words, one text after another; of a text without any, that of no word."""
        import numpy as np

        new = range(len(self._stems), len(self._number))
        learnt = np.fromiter(map(self._stem.__getitem__, new), dtype=np.uint32, count=len(new))
        self._stems = np.concatenate([self._stems, learnt])
        stems = self._stems[numbers]
        starts = np.cumsum(counts) - counts
        kept = stems != _NONE
        kept[starts[np.add.reduceat(kept, starts, dtype=np.int64) == 0]] = True
        return self._hashes_of(stems[kept]), np.add.reduceat(kept, starts, dtype=np.int64)

    def _hashes_of(self, numbers: Numbers) -> Hashes:
        import numpy as np

        if len(self._number) > len(self._hashes):
            new = list(map(word_hash, islice(self._number, len(self._hashes), None)))
            self._hashes = np.concatenate([self._hashes, np.array(new, dtype=np.uint64)])
            self._hashes[_NONE] = EMPTY
        return self._hashes[numbers]


def _flat(found: Iterable[Sequence[int]], least: int) -> Iterator[tuple[Numbers, Positions]]:
    """Yield the numbers of texts one after another, and how many each has: at least as many as are wanted."""
    import numpy as np

    left = iter(found)
    while batch := list(islice(left, _TEXTS_AT_A_TIME)):
        flat = array("I")
        for own in batch:
            flat.extend(own)
            flat.extend([_NONE] * (least - len(own)))
        counts = np.fromiter((max(least, len(own)) for own in batch), dtype=np.int64, count=len(batch))
        yield np.frombuffer(flat, dtype=np.uint32), counts
