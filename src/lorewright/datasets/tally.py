"""What is in a set of examples, counted while they pass."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from lorewright.core.records import Example
from lorewright.hub.dataset_card import SetFacts


class Tally:
    """Counts the examples of one set.

    Args:
        source_of: Says which source an example is from; None leaves sources out.
    """

    def __init__(self, source_of: Callable[[Example], str] | None = None) -> None:
        self._source_of = source_of
        self._rows = 0
        self._ids: set[str] = set()
        self._by: dict[str, Counter[str]] = {"task": Counter(), "origin": Counter(), "source": Counter()}

    def passing(self, examples: Iterable[Example]) -> Iterator[Example]:
        """Yield examples as they come, each counted."""
        for example in examples:
            self._rows += 1
            self._ids.add(example.id)
            self._by["task"][example.task] += 1
            self._by["origin"][example.origin] += 1
            if self._source_of is not None:
                self._by["source"][self._source_of(example)] += 1
            yield example

    def told(self) -> SetFacts:
        """Return the counts so far, the most frequent first."""
        counts = {name: dict(found.most_common()) for name, found in self._by.items()}
        return SetFacts(self._rows, len(self._ids), counts["task"], counts["origin"], counts["source"])
