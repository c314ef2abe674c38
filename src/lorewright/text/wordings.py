"""Texts as the numbers of their words, each text read once for all that compare it."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from typing import TYPE_CHECKING

from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.shingles import EMPTY, Hashes, HashSets, joined, run_hashes, word_hash
from lorewright.text.stems import stem
from lorewright.text.tokens import squash, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Adverbs that can stand anywhere and change nothing.
_LOOSE = "already still please simply actually usually normally currently exactly schon bereits bitte genau déjà ya уже"
_NO_CONTENT = EVERY_FUNCTION_WORD.union(_LOOSE.split())
_TEXTS_AT_A_TIME = 4096
_NONE = 0


class Wordings:
    """What texts say, by numbers of words that mean nothing outside of it.

    Every text that was read is remembered, four bytes a word: it should live as long as the comparison.
    """

    def __init__(self) -> None:
        self._number: defaultdict[str, int] = defaultdict(count().__next__)
        self._read: dict[str, array[int]] = {}
        self._stem = {self._number[""]: _NONE}
        self._hashed = 0
        self._hashes: Hashes | None = None

    def words(self, text: str) -> "array[int]":
        """Return the numbers of a text's words in order; a text without words is one word."""
        known = self._read.get(text)
        if known is None:
            found = words(text) or [squash(text)]
            before = len(self._number)
            known = self._read[text] = array("I", map(self._number.__getitem__, found))
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
        return joined(run_hashes(own, counts, length) for own, counts in self._flat(found, length))

    def word_sets(self, found: Iterable[Sequence[int]]) -> HashSets:
        """Return the sets of each text's words or stems; two without any are alike."""
        return joined(self._flat(found, 1))

    def _learn(self, word: str) -> None:
        """Find a word's stem, and that of its stem, which may be read as a word later."""
        number = self._number[word]
        if number not in self._stem:
            base = "" if word in _NO_CONTENT else stem(word)
            self._stem[number] = self._number[base]
            self._learn(base)

    def _flat(
        self, found: Iterable[Sequence[int]], least: int
    ) -> "Iterator[tuple[Hashes, npt.NDArray[np.int64]]]":
        """Yield the hashes of texts one after another, and how many each has: at least as many as are wanted."""
        import numpy as np

        left = iter(found)
        while batch := list(islice(left, _TEXTS_AT_A_TIME)):
            flat = array("I")
            counts = np.zeros(len(batch), dtype=np.int64)
            for place, own in enumerate(batch):
                flat.extend(own)
                missing = least - len(own)
                if missing > 0:
                    flat.extend([_NONE] * missing)
                counts[place] = max(least, len(own))
            yield self._table()[np.frombuffer(flat, dtype=np.uint32)], counts

    def _table(self) -> Hashes:
        """Return the hash of each number's word."""
        import numpy as np

        if self._hashes is None or len(self._hashes) < len(self._number):
            known = 0 if self._hashes is None else len(self._hashes)
            new = [word_hash(word) for word in islice(self._number, known, None)]
            table = np.array(new, dtype=np.uint64)
            if self._hashes is None:
                table[_NONE] = EMPTY
            self._hashes = table if self._hashes is None else np.concatenate([self._hashes, table])
        return self._hashes
