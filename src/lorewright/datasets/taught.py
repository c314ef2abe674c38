"""What examples teach, as runs of words that can be looked for in other examples: hashes, compared in arrays."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from lorewright.core.records import Example
from lorewright.datasets.fields import field_value
from lorewright.text.shingles import run_sets
from lorewright.text.tokens import ngrams, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def taught_words(example: Example, *, split_by: str) -> list[str]:
    """Return the words of what an example teaches, in order.

    That is questions and answers, without the passages that a prompt shows; where the data has a `split_by` field the
    prompt is given data (a log, say) and only the answer counts.
    """
    taught = [turn.content for turn in example.messages if turn.role == "assistant"]
    if field_value(example, split_by):
        taught = taught[-1:]
    else:
        taught.insert(0, example.prompt)
    return words("\n".join(taught))


class Taught:
    """The runs of so many words that examples teach; a shorter text is one run, one without words has none.

    Args:
        examples: In an order that the positions below refer to.
        split_by: See `taught_words`.
        ngram_words: Length of the runs.
    """

    def __init__(self, examples: Sequence[Example], *, split_by: str, ngram_words: int) -> None:
        self._examples = examples
        self._split_by = split_by
        self._length = ngram_words
        self._sets = run_sets(
            (taught_words(example, split_by=split_by) for example in examples), length=ngram_words
        )
        self._nothing = self._hashes_of([[]])[0]

    def shared(self, divide: int) -> dict[int, list[int]]:
        """Return the runs that stand on both sides, with the positions of all examples that hold them, in order.

        Args:
            divide: Positions below this are one side, the others the other.
        """
        import numpy as np

        hashes, edge = self._sets.hashes, self._sets.starts[divide]
        both = np.intersect1d(hashes[:edge], hashes[edge:])
        found = np.isin(hashes, both[both != self._nothing])
        holders: dict[int, list[int]] = {}
        for run, owner in zip(hashes[found].tolist(), self._owners()[found].tolist(), strict=True):
            holders.setdefault(run, []).append(owner)
        return holders

    def common(
        self, groups: Sequence[str], *, more_than: int, listed: int
    ) -> tuple[int, list[tuple[str, int]]]:
        """Return how many runs stand in more than so many groups, and the most frequent with their groups.

        Args:
            groups: Of each example.
            more_than: Groups that a run may stand in without being common.
            listed: How many are told.
        """
        import numpy as np

        if not self._examples:
            return 0, []
        numbers = np.unique(np.array(groups), return_inverse=True)[1][self._owners()]
        order = np.lexsort((numbers, self._sets.hashes))
        hashes, numbers = self._sets.hashes[order], numbers[order]
        new_run = np.concatenate([[True], hashes[1:] != hashes[:-1]])
        new_group = new_run | np.concatenate([[True], numbers[1:] != numbers[:-1]])
        starts = np.flatnonzero(new_run)
        counts, found = np.add.reduceat(new_group, starts, dtype=np.int64), hashes[starts]
        kept = (counts > more_than) & (found != self._nothing)
        counts, found = counts[kept], found[kept]
        most = np.lexsort((found, -counts))[:listed]
        told = [(self.text(int(found[place])), int(counts[place])) for place in most]
        return len(found), sorted(told, key=lambda one: (-one[1], one[0]))

    def texts(self, position: int, runs: Collection[int]) -> dict[str, int]:
        """Return some of the runs that an example holds in words, in alphabetical order."""
        found = taught_words(self._examples[position], split_by=self._split_by)
        own = ngrams(found, self._length) or [tuple(found)]
        spelled = {" ".join(run): number for run, number in zip(own, self._hashes_of(own), strict=True)}
        return {text: spelled[text] for text in sorted(spelled) if spelled[text] in runs}

    def text(self, run: int) -> str:
        """Return a run that some example holds, in words."""
        import numpy as np

        position = int(self._owners()[np.flatnonzero(self._sets.hashes == np.uint64(run))[0]])
        return next(iter(self.texts(position, {run})))

    def _owners(self) -> "npt.NDArray[np.int64]":
        import numpy as np

        return np.repeat(np.arange(len(self._examples)), np.diff(self._sets.starts))

    def _hashes_of(self, own: Iterable[Sequence[str]]) -> list[int]:
        found: list[int] = run_sets(own, length=self._length).hashes.tolist()
        return found
