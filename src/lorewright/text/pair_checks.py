"""What a question or an answer that a model wrote must not be: leaning on what nobody sees, a refusal, an error."""

import re

from lorewright.text.tokens import words
from lorewright.text.vocabulary import ASKING, GENERIC

_WRITTEN = (
    "code|snippet|passage|text|excerpt|quotation|context|document|section|paragraph|article|example"
    "|implementation"
)
_SHOWN = (
    f"{_WRITTEN}|function|method|class|struct|quote|chunk|page|file|module|script|log|table|figure|diagram|image|list"
    "|listing|guide|tutorial|statement|sentence|definition"
)
_LEANING = re.compile(
    rf"\b(?:this|these|those) (?:\w+ )?(?:{_SHOWN})s?\b"
    rf"|\bthe (?:above|below|following|shown|quoted) (?:\w+ )?(?:{_SHOWN})s?\b"
    rf"|\bthe (?:given|provided|preceding|previous|mentioned|described|presented) (?:{_WRITTEN})s?\b"
    r"|\bthe (?:above|aforementioned)\b|\b(?:shown|listed|mentioned|described|given) (?:above|below|here)\b"
    r"|\b(?:which|what|one|all|any) of the following\b"
    r"|\b(?:the|this|that|provided|given) (?:passage|excerpt|snippet)s?\b"
    r"|\b(?:according to|based on|mentioned in|described in|stated in|from|in) (?:the|this) "
    r"(?:source |given |provided )?(?:text|context|paragraph|quotation|chunk|section|article|code(?: block)?)"
    r"(?=[\s,.?!]*(?:$|[,.?!]|\b(?:what|how|why|when|where|which|who)\b))"
    r"|\bthe (?:author|text|document|article|speaker)s? (?:say|mention|state|describe|suggest|recommend|explain)s?\b"
    r"|\b(?:does|do|did|is|are) the (?:author|text|passage|article)\b",
    re.I,
)
_QUOTING = re.compile(
    r"\b(?:the|this) (?:given |provided |above |quoted )?(?:passage|excerpt|quotation|provided text|given text)\b"
    r"|\bas (?:shown|mentioned|stated|described|noted) in the (?:text|passage|section|context)\b"
    r"|\baccording to the (?:text|context)\b|\bthe (?:code|text|context) (?:provided|given|above)\b",
    re.I,
)
_EXPLETIVE = r"(?! (?:\w+ (?:to|that)|take|takes|mean|means|possible|necessary|safe|worth|better|allowed)\b)"
_PRONOUN = re.compile(rf"\b(?:it{_EXPLETIVE}|its|they|their|them|he|she)\b", re.I)
_VERB_LAST = re.compile(r"\b(?:i|you|we|one|to)\s+\w+\s*$", re.I)
_POINTING = re.compile(r"\b(?:this|these|those)\b", re.I)
_REFUSING = re.compile(
    r"^\W*(?:i(?:'m| am) (?:sorry|afraid|unable|not able|an ai)|sorry\b|as an? (?:ai|language model|assistant)\b"
    r"|i (?:can(?:not|'t|not)|could not|couldn't|do not|don't|apologi[sz]e|won't|will not)\b"
    r"|unfortunately,? (?:i|the (?:passage|text|context|documentation))\b|i would need\b)"
    r"|\b(?:passage|text|context|excerpt|documentation|snippet)"
    r" (?:\w+ )?(?:does not|doesn't|do not|don't) (?:explicitly |directly |actually )?"
    r"(?:say|state|mention|specify|contain|provide|include|answer|indicate|describe|give|explain)\b"
    r"|\b(?:not|never|isn't|aren't) (?:explicitly |directly |specifically )?(?:mentioned|stated|specified|provided"
    r"|given|described|available) in (?:the|this) (?:\w+ )?(?:passage|text|context|excerpt|documentation|code)\b"
    r"|\bas an ai (?:language )?(?:model|assistant)\b",
    re.I,
)
_FAILED = re.compile(
    r"^\W*(?:(?:error|exception)(?: (?:code )?\d+)?\s*:|traceback \(most recent|http(?:/\d\S*)?\s+[45]\d\d\b"
    r"|(?:request|connection|generation) (?:failed|timed out|error)\b|\{?\"error\")",
    re.I,
)
_NOTHING = re.compile(
    r"^\W*(?:n/?a|none|null|unknown|todo|tbd|string|answer|question|undefined|no answer)?\W*$", re.I
)
_CODE = re.compile(r"`[^`\n]+`")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.M)
MAX_QUESTION_CHARS = 400


def bad_question(question: str, *, first: bool = True) -> str:
    """Return why a question cannot be asked of somebody who sees no passage; empty where it can.

    Args:
        question: As the model wrote it.
        first: False for a follow-up, which may lean on the conversation before it.
    """
    if _NOTHING.match(question):
        return f"no question: {question.strip()[:60]!r}"
    if len(question) > MAX_QUESTION_CHARS:
        return f"a question of {len(question)} characters"
    if found := _LEANING.search(question):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    if not first:
        return ""
    pronoun = _PRONOUN.search(question)
    pointing = None if pronoun or len(_subjects(question)) > 1 else _POINTING.search(question)
    before = _VERB_LAST.sub("", question[: pronoun.start()]) if pronoun else ""
    if (pronoun and not _subjects(before)) or pointing:
        return f"leans on what is not seen: {question.strip()[:60]!r}"
    return "" if _subjects(question) else f"names no subject: {question.strip()[:60]!r}"


def bad_answer(answer: str, *, refuses: bool = False, prose: bool = True) -> str:
    """Return why an answer is none; empty where it is one.

    Args:
        answer: As the model wrote it.
        refuses: Whether it is meant to say that there is no answer.
        prose: Whether it is to be read alone, and is neither data nor code.
    """
    if _NOTHING.match(answer):
        return f"no answer: {answer.strip()[:60]!r}"
    if refuses:
        return ""
    for said, expression in _REASONS:
        if found := expression.search(answer):
            return f"{said}: {found[0].strip()[:60]!r}"
    if not prose:
        return ""
    if found := _QUOTING.search(answer):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    if len(_FENCE.findall(answer)) % 2:
        return "an unclosed code fence"
    if answer.rstrip().endswith("}") and answer.count("}") > answer.count("{"):
        return f"a stray brace at its end: {answer.rstrip()[-30:]!r}"
    return ""


_REASONS = (
    ("an error in place of an answer", _FAILED),
    ("a refusal in place of an answer", _REFUSING),
)


def _subjects(text: str) -> list[str]:
    """Return what a question may be about: code in it, and words that name something."""
    named = [
        word
        for word in words(text)
        if word not in ASKING and word not in GENERIC and (len(word) > 1 or not word.isascii())
    ]
    return _CODE.findall(text) + named
