"""What a question must not be: leaning on what nobody sees, or about nothing."""

import re

from lorewright.text.function_words import FUNCTION_WORDS
from lorewright.text.phrases import phrases
from lorewright.text.prose import without_quotations
from lorewright.text.referring import dangling_pronoun, dangling_this, unexplained
from lorewright.text.tokens import words
from lorewright.text.vocabulary import ASKING, GENERIC

_NAMED = re.compile(
    r"`[^`\n]+`|[\"“”'«„](?=\w)[^\"“”'\n]{2,60}[\"“”'»]"
    r"|(?<!^)(?<![.?!:] )(?<![\w])(?!I\b|SQL\b|JSON\b|YAML\b|HTML\b|URL\b|API\b|CLI\b|CSV\b|XML\b"
    r"|ID\b|True\b|False\b|None\b)[A-Z][\w-]+"
    r"|\w+[._:/]\w+|\b\w+\(\)|\B--\w+|\b\w*\d\w*[A-Za-z]\w*"
)
_NOTHING = re.compile(
    r"^\W*(?:n/?a|none|null|nil|nan|unknown|todo|tbd|string|answer|question|undefined|no answer|hm+)?\W*$",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`\n]+`")
MAX_QUESTION_CHARS = 400


def bad_question(question: str, *, first: bool = True, known: str = "") -> str:
    """Return why a question cannot be asked of somebody who sees no passage; empty where it can.

    Args:
        question: As the model wrote it.
        first: False for a follow-up, which may lean on the conversation before it.
        known: The evidence, if it is at hand: a noun that it calls by a longer name is too short alone.
    """
    if is_nothing(question):
        return f"no question: {question.strip()[:60]!r}"
    if len(question) > MAX_QUESTION_CHARS:
        return f"a question of {len(question)} characters"
    said = without_quotations(question)
    if found := phrases("leaning").search(said):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    if not first:
        return ""
    if not _subjects(question):
        return f"names no subject: {question.strip()[:60]!r}"
    back = _points_back(said, named=_NAMED.search(question) is not None, known=known)
    return f"leans on what is not seen: {back[:60]!r}" if back else ""


def _points_back(question: str, *, named: bool, known: str) -> str:
    if not _is_english(question):
        found = phrases("pronouns").search(question)
        return found[0].strip() if found else ""
    if named:
        return dangling_pronoun(question) or ("" if len(_subjects(question)) > 1 else dangling_this(question))
    found = phrases("leaning_unnamed").search(question)
    if found:
        return found[0].strip()
    return dangling_pronoun(question) or dangling_this(question) or unexplained(question, known=known)


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
