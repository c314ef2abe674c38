"""Answers that decline to answer, in the words of several languages."""

from lorewright.text.phrases import phrases
from lorewright.text.stems import Families
from lorewright.text.tokens import squash, words


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


def knows_nothing(answer: str, *, known: str = "") -> str:
    """Return the words in which an answer does not know or sends elsewhere, 60 characters at most; empty without any.

    They tell a refusal only where an answer gives nothing of its evidence.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself ("ask the ward's pharmacist") is an answer.
    """
    there = Families(words(known))
    said = (one[0] for one in phrases("unknowing").finditer(answer))
    found = next((one for one in said if not there.hold(words(one)[-1])), "")
    return found.strip()[:60]
