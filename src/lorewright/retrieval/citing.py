"""What an answer says of its sources: the marks that cite them, and that there are none."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from lorewright.llm.retrieval_template import RETRIEVAL

_CODE = re.compile(r"(```|~~~).*?(\1|\Z)|`[^`\n]+`", re.DOTALL)
_MARK = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_AROUND = re.compile(r"^[\W_]+|[*_\"'’”\s]+$")


class Numbered(Protocol):
    """Something that `[n]` can cite."""

    @property
    def number(self) -> int:
        """Its n."""


N = TypeVar("N", bound=Numbered)


def is_refusal(text: str) -> bool:
    """Whether a model says what it was told to say where the passages do not hold the answer.

    That is so where the sentence begins its text, or stands in a text that cites nothing.
    """
    said = " ".join(_AROUND.sub("", text).split()).casefold()
    sentence = RETRIEVAL.refusal.rstrip(".").casefold()
    found = re.search(rf"{re.escape(sentence)}\s*([.!*_\"'’”]|$)", said)
    return found is not None and (found.start() == 0 or not marks(text))


def marks(text: str) -> list[int]:
    """Return the numbers that a text marks as its sources, `[2]` or `[1, 2]`, in order; what stands in code is none."""
    found = (match.group(1) for match in _MARK.finditer(_CODE.sub(" ", text)))
    return sorted({int(number) for numbers in found for number in re.split(r"[,;]", numbers)})


def cited(text: str, citations: Sequence[N]) -> list[N]:
    """Return the citations that a text marks, or all where it marks none of them."""
    marked = marks(text)
    return [citation for citation in citations if citation.number in marked] or list(citations)
