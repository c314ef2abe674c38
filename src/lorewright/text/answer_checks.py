"""What an answer must not be: a refusal, an error, a fragment, or leaning on what nobody sees."""

import re

from lorewright.text.broken_form import broken_form
from lorewright.text.declining import declines
from lorewright.text.phrases import phrases
from lorewright.text.question_checks import is_nothing
from lorewright.text.tokens import squash

_QUOTING = re.compile(
    r"\b(?:the|this) (?:given |provided |above |quoted )?(?:passage|excerpt|quotation|provided text|given text)\b"
    r"|\bas (?:shown|mentioned|stated|described|noted) in the (?:text|passage|section|context)\b"
    r"|\baccording to the (?:text|context)\b|\bthe (?:code|text|context) (?:provided|given|above)\b",
    re.IGNORECASE,
)


def bad_answer(answer: str, *, refuses: bool = False, prose: bool = True, known: str = "") -> str:
    """Return why an answer is none; empty where it is one.

    Args:
        answer: As the model wrote it.
        refuses: Whether it is meant to say that there is no answer.
        prose: Whether it is to be read alone, and is neither data nor code.
        known: The passage that it was made of: what that says itself is no fault of the answer.
    """
    if is_nothing(answer):
        return f"no answer: {answer.strip()[:60]!r}"
    if refuses:
        return ""
    if reason := failure(answer, known=known):
        return reason
    if said := declines(answer, known=known):
        return f"a refusal in place of an answer: {said!r}"
    return (leaning(answer, known=known) or broken_form(answer, known=known)) if prose else ""


def failure(answer: str, *, known: str = "") -> str:
    """Return that an error message stands where an answer should, with its beginning; empty where none does.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself is no failure.
    """
    found = phrases("failures").search(answer)
    found = found if found and not _is_known(found, known) else None
    return f"an error in place of an answer: {answer[: found.end() + 20].strip()[:60]!r}" if found else ""


def leaning(answer: str, *, known: str = "") -> str:
    """Return that an answer speaks of a passage that its reader does not see; empty where it does not.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself leans on nothing.
    """
    found = next((one for one in _QUOTING.finditer(answer) if not _is_known(one, known)), None)
    return f"leans on what is not seen: {found[0].strip()[:60]!r}" if found else ""


def _is_known(found: re.Match[str], known: str) -> bool:
    return squash(found[0]).casefold() in squash(known).casefold()
