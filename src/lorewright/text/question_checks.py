"""What a question must not be: leaning on what nobody sees, or about nothing."""

import re

from lorewright.text.function_words import FUNCTION_WORDS
from lorewright.text.phrases import phrases
from lorewright.text.tokens import words
from lorewright.text.vocabulary import ASKING, GENERIC

_NAMED = re.compile(
    r"`[^`\n]+`|[\"“”'«„](?=\w)[^\"“”'\n]{2,60}[\"“”'»]"
    r"|(?<!^)(?<![.?!:] )(?<![\w])(?!I\b|SQL\b|JSON\b|YAML\b|HTML\b|URL\b|API\b|CLI\b|CSV\b|XML\b|ID\b)[A-Z][\w-]+"
    r"|\w+[._:/]\w+|\b\w+\(\)|\B--\w+|\b\w*\d\w*[A-Za-z]\w*"
)
_EXPLETIVE = (
    r"(?! (?:\w+ (?:to|that)\b|take|takes|mean|means|possible|necessary|safe|worth|better|allowed)\b)"
)
_PRONOUN = re.compile(rf"\b(?:it{_EXPLETIVE}|its|they|their|them|he|she)\b", re.IGNORECASE)
_VERB_LAST = re.compile(r"\b(?:i|you|we|one|to)\s+\w+\s*$", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:this|these|those)\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"^\W*(?:n/?a|none|null|nil|nan|unknown|todo|tbd|string|answer|question|undefined|no answer|hm+)?\W*$",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`\n]+`")
MAX_QUESTION_CHARS = 400


def bad_question(question: str, *, first: bool = True) -> str:
    """Return why a question cannot be asked of somebody who sees no passage; empty where it can.

    Args:
        question: As the model wrote it.
        first: False for a follow-up, which may lean on the conversation before it.
    """
    if is_nothing(question):
        return f"no question: {question.strip()[:60]!r}"
    if len(question) > MAX_QUESTION_CHARS:
        return f"a question of {len(question)} characters"
    if found := phrases("leaning").search(question):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    if not first:
        return ""
    if _is_english(question) and not _NAMED.search(question):
        found = phrases("leaning_unnamed").search(question)
        if found:
            return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    pronoun = _PRONOUN.search(question)
    pointing = None if pronoun or len(_subjects(question)) > 1 else _POINTING.search(question)
    before = _VERB_LAST.sub("", question[: pronoun.start()]) if pronoun else ""
    if (pronoun and not _subjects(before)) or pointing:
        return f"leans on what is not seen: {question.strip()[:60]!r}"
    return "" if _subjects(question) else f"names no subject: {question.strip()[:60]!r}"


def is_nothing(text: str) -> bool:
    """Whether a text is blank or a placeholder: `N/A`, `TODO`, `string`."""
    return _NOTHING.match(text) is not None


def _is_english(text: str) -> bool:
    return any(word in FUNCTION_WORDS["en"] for word in words(text))


def _subjects(text: str) -> list[str]:
    """Return what a question may be about: code in it, and words that name something."""
    named = [
        word
        for word in words(text)
        if word not in ASKING and word not in GENERIC and (len(word) > 1 or not word.isascii())
    ]
    return _CODE.findall(text) + named
