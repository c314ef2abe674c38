"""Answers that decline to answer, in the words of several languages."""

from lorewright.text.function_words import EVERY_FUNCTION_WORD
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


def knows_nothing(answer: str, *, known: str = "", asked: str = "") -> str:
    """Return the words in which an answer does not know or sends elsewhere, 60 characters at most; empty without any.

    They tell a refusal only where an answer gives nothing of its evidence.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself ("ask the ward's pharmacist") is an answer.
        asked: The question, whose words are no news.
    """
    there, before = Families(words(known)), Families(words(asked))
    said = (one[0] for one in phrases("unknowing").finditer(answer))
    found = next((one for one in said if not any(map(there.hold, _news(one, before)))), "")
    return found.strip()[:60]


def _news(said: str, before: Families) -> list[str]:
    return [word for word in words(said) if word not in EVERY_FUNCTION_WORD and not before.hold(word)]
