"""Budgets in tokens hold where newlines are divided by what follows them, and where a character is several tokens."""

import re
from collections.abc import Sequence

import pytest

from lorewright.chunking.chunk import chunk
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed

_PIECE = re.compile(r" ?[^\W_]+| ?[^\s\w]|\s+(?!\S)|\s")


class Pieces:
    """Takes the last newline before a word for a token of its own, and an emoji for three."""

    def counts(self, texts: Sequence[str]) -> list[int]:
        return [len(self.ends(text)) for text in texts]

    def ends(self, text: str) -> list[int]:
        found = list(_PIECE.finditer(text))
        return [match.end() for match in found for _ in range(3 if "🚨" in match.group() else 1)]


@pytest.mark.parametrize("strategy", ["headings", "paragraphs", "windows"])
@pytest.mark.parametrize("text", ["# A\n\n" + "one two.\n\n" * 200, "# A\n\n" + "🚨" * 500 + "\n"])
def test_no_chunk_is_larger_than_its_budget_when_it_is_counted_alone(strategy: str, text: str) -> None:
    document = placed(parse(text.encode(), kind="markdown"), source="s", path="a.md")
    chunks = chunk(document, strategies=[strategy], max_size=32, min_size=4, overlap=8, counter=Pieces())
    assert max(Pieces().counts([one.text for one in chunks])) <= 32
    kept = {position for one in chunks for position in range(one.start, one.end)}
    assert all(position in kept or text[position].isspace() for position in range(len(document.text)))
