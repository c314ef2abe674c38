"""What an answer made from numbered passages says of them: the marks that cite them, and that they do not tell."""

import re

from lorewright.llm.retrieval_template import RETRIEVAL

_CODE = re.compile(r"(```|~~~).*?(\1|\Z)|`[^`\n]+`", re.DOTALL)
_MARK = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_AROUND = re.compile(r"^[\W_]+|[*_\"'’”\s]+$")


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


def without_marks(text: str) -> str:
    """Return a text without the marks of its sources; what stands in code stays."""
    code = [match.span() for match in _CODE.finditer(text)]
    return _MARK.sub(
        lambda mark: mark[0] if any(start <= mark.start() < end for start, end in code) else "", text
    )
