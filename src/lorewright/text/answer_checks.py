"""What an answer must not be: a refusal, an error, a fragment, or leaning on what nobody sees."""

import re

from lorewright.text.broken_form import broken_form
from lorewright.text.declining import declines
from lorewright.text.question_checks import is_nothing

_QUOTING = re.compile(
    r"\b(?:the|this) (?:given |provided |above |quoted )?(?:passage|excerpt|quotation|provided text|given text)\b"
    r"|\bas (?:shown|mentioned|stated|described|noted) in the (?:text|passage|section|context)\b"
    r"|\baccording to the (?:text|context)\b|\bthe (?:code|text|context) (?:provided|given|above)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"^\W*(?:(?:[\w.]*error|[\w.]*exception)(?: (?:code )?\d+)?\s*:|traceback \(most recent"
    r"|http(?:/\d\S*)?\s+[45]\d\d\b"
    r"|(?:the )?(?:api )?(?:request|connection|generation|model|server|call|response|completion)"
    r" (?:has )?(?:failed|timed out|error(?:ed)?|was (?:cut|aborted|cancell?ed|interrupted)|returned an error)\b"
    r"|\{?\"?error\"?\s*:|\[?(?:rate limit|quota|token limit|context length) (?:was )?(?:exceeded|reached)"
    r"|(?:internal server error|bad gateway|service unavailable|gateway timeout|too many requests"
    r"|maximum context length|rate_limit)\b|an? (?:unexpected )?(?:internal )?error (?:has )?occurred\b"
    r"|\[error\b|<error\b|5\d\d (?:internal|bad|service|gateway)|429\b)",
    re.IGNORECASE,
)


def bad_answer(answer: str, *, refuses: bool = False, prose: bool = True) -> str:
    """Return why an answer is none; empty where it is one.

    Args:
        answer: As the model wrote it.
        refuses: Whether it is meant to say that there is no answer.
        prose: Whether it is to be read alone, and is neither data nor code.
    """
    if is_nothing(answer):
        return f"no answer: {answer.strip()[:60]!r}"
    if refuses:
        return ""
    if reason := failure(answer) or (
        f"a refusal in place of an answer: {said!r}" if (said := declines(answer)) else ""
    ):
        return reason
    return (leaning(answer) or broken_form(answer)) if prose else ""


def failure(answer: str) -> str:
    """Return that an error message stands where an answer should, with its beginning; empty where none does."""
    found = _FAILED.search(answer)
    return f"an error in place of an answer: {answer[: found.end() + 20].strip()[:60]!r}" if found else ""


def leaning(answer: str) -> str:
    """Return that an answer speaks of a passage that its reader does not see; empty where it does not."""
    found = _QUOTING.search(answer)
    return f"leans on what is not seen: {found[0].strip()[:60]!r}" if found else ""
