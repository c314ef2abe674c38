"""Answers that decline to answer, in the words of several languages."""

from lorewright.text.phrases import phrases
from lorewright.text.tokens import squash


def declines(answer: str, *, known: str = "") -> str:
    """Return the words in which an answer declines to answer, 60 characters at most; empty where it does not.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself declines nothing.
    """
    there = squash(known).casefold()
    said = (one[0] for one in phrases("declining").finditer(answer))
    found = next((one for one in said if squash(one).casefold() not in there), "")
    return found.strip()[:60]
