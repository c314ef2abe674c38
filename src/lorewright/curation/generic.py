"""Answers that say nothing: empty phrases, and the question in other words."""

import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.source import source_of
from lorewright.curation.turns import STRUCTURED_TASKS, answers, is_data, refuses
from lorewright.text.names import names
from lorewright.text.numbers import is_stated, numbers
from lorewright.text.phrases import listed, phrases
from lorewright.text.source import Source, Text, content
from lorewright.text.stems import Families

_VACUOUS = Families(listed("vacuous_words"))
_SAYS_NO_OR_YES = re.compile(
    r"^\W*(?:yes|no|ja|nein|oui|non|sí|да|нет|never|always|none|only|all|both|neither|nobody|nothing)\b|^[是不否能可没]",
    re.IGNORECASE,
)
_MOST_QUOTED = 0.2
_LEAST_WORDS, _LEAST_VACUOUS = 4, 0.6
_RESTATED = 0.9


def is_generic(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want answers that say something of their subject: not that it depends, not the question in other words.

    An answer with a name or a number of its own passes. Another must not be an empty phrase, consist mostly of
    words that fit every product, or repeat the question.
    """
    if example.task in STRUCTURED_TASKS or is_data(example) or refuses(example):
        return None
    source = source_of(example, chunk_texts=chunk_texts, chunk_headings={})
    for text in answers(example):
        if _has_hard_content(text, source):
            continue
        own = [word for word in content(text) if not source.asked.families.hold(word)]
        quoted = sum(source.quoted.families.hold(word) for word in own)
        vacuous = sum(_VACUOUS.hold(word) for word in own)
        if len(own) >= _LEAST_WORDS and quoted <= max(1, _MOST_QUOTED * len(own)):
            if found := phrases("empty_answers").search(text):
                return f"the answer is an empty phrase: {found[0].strip()[:60]!r}"
            if vacuous >= _LEAST_VACUOUS * len(own):
                return f"the answer would fit any product: {text.strip()[:60]!r}"
        if not own and _restates(text, source):
            return f"the answer only repeats the question: {text.strip()[:60]!r}"
    return None


def _has_hard_content(text: str, source: Source) -> bool:
    """Whether a text has names or numbers that its question has not."""
    return any(not source.asked.tokens.issuperset(one.parts) for one in names(text)) or any(
        not is_stated(one, source.asked.numbers) for one in numbers(text)
    )


def _restates(text: str, source: Source) -> bool:
    asked = content(source.asked.text)
    said = Text(text).families
    repeated = sum(said.hold(word) for word in asked)
    return (
        len(asked) >= _LEAST_WORDS
        and repeated >= _RESTATED * len(asked)
        and _SAYS_NO_OR_YES.match(text) is None
        and text.strip() not in source.quoted.text
    )
