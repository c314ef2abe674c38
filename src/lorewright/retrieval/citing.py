"""Which citations an answer uses."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from lorewright.llm.citing import marks


class Numbered(Protocol):
    """Something that `[n]` can cite."""

    @property
    def number(self) -> int:
        """Its n."""


N = TypeVar("N", bound=Numbered)


def cited(text: str, citations: Sequence[N]) -> list[N]:
    """Return the citations that a text marks, or all where it marks none of them."""
    marked = marks(text)
    return [citation for citation in citations if citation.number in marked] or list(citations)
