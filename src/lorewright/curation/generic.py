"""Answers that say nothing: empty phrases, and the question in other words."""

import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.source import source_of
from lorewright.curation.turns import STRUCTURED_TASKS, answers, is_data, refuses, says_yes_or_no
from lorewright.text.names import names
from lorewright.text.numbers import is_stated, numbers
from lorewright.text.phrases import listed, phrases
from lorewright.text.prose import code_of
from lorewright.text.source import Source, content
from lorewright.text.stems import Families
from lorewright.text.tokens import words

_VACUOUS = Families(listed("vacuous_words"))
_MOST_QUOTED = 0.2
_LEAST_WORDS, _LEAST_VACUOUS = 4, 0.6
_LEAST_VACUOUS_WORDS = 3
_MOST_NEARBY = 1
_EMPTY = re.compile(r"''|\"\"|\[\]|\{\}")
_CHOICE = re.compile(
    r"\b(?:defaults?|values?|called|or|oder|ou|o|или|which|welche\w*|quels?|quelles?|cuál\w*|qué|как(?:ой|ая|ое|ие))\b|还是|哪",
    re.IGNORECASE,
)


def is_generic(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want answers that say something of their subject: not that it depends, not the question in other words.

    An answer with a name or a number of its own passes. Another must not be an empty phrase, consist mostly of
    words that fit every product, or repeat the question.
    """
    if example.task in STRUCTURED_TASKS or is_data(example) or refuses(example):
        return None
    source = source_of(example, chunk_texts=chunk_texts, chunk_headings={})
    for text in answers(example):
        if not _has_hard_content(text, source) and (reason := _says_nothing(text, source)):
            return reason
    return None


def _says_nothing(text: str, source: Source) -> str | None:
    own = [word for word in content(text) if not source.asked.families.hold(word)]
    quoted = sum(source.quoted.families.hold(word) for word in own)
    vacuous = [word for word in own if _VACUOUS.hold(word)]
    begins = repr(text.strip()[:60])
    little = len(own) >= _LEAST_WORDS and quoted <= max(1, _MOST_QUOTED * len(own))
    if quoted == 0 or little:
        if found := phrases("empty_answers").search(text):
            return f"the answer is an empty phrase: {found[0].strip()[:60]!r}"
        if len(own) >= _LEAST_VACUOUS_WORDS and len(vacuous) >= _LEAST_VACUOUS * len(own):
            return f"the answer would fit any product: {begins}"
        found = phrases("hedges").search(text)
        if found and not says_yes_or_no(text) and not _told_nearby(own, source):
            return f"the answer is an empty phrase: {found[0].strip()[:60]!r}"
    if not own and _restates(text, source):
        return f"the answer only repeats the question: {begins}"
    return None


def _told_nearby(own: list[str], source: Source) -> bool:
    """Whether an answer has words of the passage around its evidence, beside those that are said of any product."""
    told = sum(source.around.families.hold(word) and not _VACUOUS.hold(word) for word in own)
    return told > _MOST_NEARBY


def _has_hard_content(text: str, source: Source) -> bool:
    """Whether a text has names or numbers that its question has not."""
    return any(not source.asked.tokens.issuperset(one.bare) for one in names(text)) or any(
        not is_stated(one, source.asked.numbers) for one in numbers(text)
    )


def _restates(text: str, source: Source) -> bool:
    """Whether an answer without a word of its own says more than the choice among what its question offers."""
    return (
        len(words(source.asked.text)) >= _LEAST_WORDS
        and not says_yes_or_no(text)
        and text.strip(" .") not in source.quoted.text
        and all(piece in source.asked.text for piece in [*code_of(text), *_EMPTY.findall(text)])
        and _CHOICE.search(source.asked.text) is None
    )
