"""What makes a question or an answer too weak to learn from."""

import re

from lorewright.generation.prose import count_words

MIN_WORDS = 4
MIN_SENTENCE_WORDS = 8
MIN_CHARS = 20
MAX_QUESTION_CHARS = 240
_CONNECTOR = re.compile(
    r"^(?:However|Also|Additionally|Moreover|Furthermore|In addition|Then|Next|Otherwise|Instead|Therefore|Thus|Hence"
    r"|But|And|Or|So|Again|Similarly|Likewise|Finally"
    r"|First(?:ly)?|Second(?:ly)?|They|These|Those|Such|Here|There (?:you|we)|"
    r"As (?:you|we|mentioned|noted|described|discussed)|Now|Let's|Let us|We'll|We will|We are going|I'll"
    r"|For (?:example|instance|this)|In that case"
    r"|This (?:is )?(?:because|means|shows)|He|She|Same as|Ditto|Like \w+\(?\)?[.,])\b"
)
_UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|XXX|TBD|lorem ipsum)\b|coming soon|work in progress|under construction|not covered here"
    r"|not yet documented",
    re.I,
)
_LEGAL = re.compile(
    r"\b(?:Copyright|SPDX-License|Licensed (?:to|under)|All rights reserved|WITHOUT WARRANT)", re.I
)
_MARKUP = re.compile(
    r"\{\{|\}\}|\]\(|\]\[|:::|^\.\. |\.\. \w+::|\|\w+\||</?\w+ \w+=|:\w+:`|\{\w+\}`|^\s*\|.*\|\s*$|^>>>|={4,}|-{4,}",
    re.M,
)
_ONLY_LINK = re.compile(r"^(?:see|visit|read|go to|check out)?:?\s*<?https?://\S+>?[.\s]*$", re.I)
_ONLY_NAME = re.compile(r"^`[^`]+`(?: \([^()]*\))?\.?$")
_ALSO_SEE = re.compile(
    r"^(?:Please )?(?:see|refer to|check out|consult|visit|read (?:the|more|our|about)|(?:same|identical) as)\b",
    re.I,
)


def weakness(question: str, answer: str, *, pattern: str) -> str:
    """Return why a pair is too weak to learn from, with the value that decided; empty when it is not."""
    bare = answer.strip()
    prose = pattern in {"section", "docstring", "definition"}
    if not bare:
        return "no answer"
    if pattern == "signature":
        return ""
    if prose and (count_words(bare) < MIN_WORDS or len(bare) < MIN_CHARS):
        return f"answer too short: {bare!r}"
    if pattern == "section" and count_words(bare) < MIN_SENTENCE_WORDS and not re.search(r"[.!?)`]$", bare):
        return f"no full sentence: {bare!r}"
    if pattern == "table" and count_words(bare) < 2:
        return f"answer too short: {bare!r}"
    if bare.endswith((":", ",", ";", "...", "…")):
        return f"announces what follows: {bare[-40:]!r}"
    for name, expression in _REASONS:
        if found := expression.search(bare):
            return f"{name}: {found[0].strip()[:60]!r}"
    if bare.count("`") % 2 or bare.count("```") % 2:
        return "an unclosed code mark"
    if prose and sum(letter.isalpha() for letter in bare) < len(bare) * 0.5:
        return "more signs than letters"
    if len(question) > MAX_QUESTION_CHARS:
        return f"a question of {len(question)} characters"
    return ""


_REASONS = (
    ("leans on what stands before it", _CONNECTOR),
    ("unfinished", _UNFINISHED),
    ("legal text", _LEGAL),
    ("only a link", _ONLY_LINK),
    ("only a name", _ONLY_NAME),
    ("points elsewhere", _ALSO_SEE),
    ("markup left over", _MARKUP),
)
