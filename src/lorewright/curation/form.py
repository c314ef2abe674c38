"""Broken answers, errors and refusals in place of one, and what prompts and templates left in questions and answers."""

import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.source import source_of
from lorewright.curation.turns import (
    PROSE_TASKS,
    STRUCTURED_TASKS,
    answers,
    is_data,
    json_value,
    questions,
    quotes,
    refuses,
    says_yes_or_no,
    seen,
)
from lorewright.text.answer_checks import failure
from lorewright.text.broken_form import broken_form, leftover
from lorewright.text.declining import declines, knows_nothing
from lorewright.text.loops import loop
from lorewright.text.question_checks import is_nothing
from lorewright.text.source import content
from lorewright.text.support import hard_content

_SPEAKS_OF_ITSELF = re.compile(r"\b(?:i|we|my|ai|sorry|ich|mir|je|я)\b|我|抱歉", re.IGNORECASE)
_LEAST_GIVEN = 2
_REPLY_KEYS = frozenset(
    {"question", "answer", "evidence", "response", "pairs", "turns", "messages", "completion"}
)


def bad_form(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want whole questions and answers: no error or loop, no unclosed code or bracket, no mark of a prompt or template.

    What stands in the chunk itself is content. Structured tasks pass: their answer is checked as JSON. A task of
    somebody's own may have a label such as `none` as its answer.
    """
    if example.task in STRUCTURED_TASKS:
        return None
    known = seen(example, chunk_texts)
    chunks = "\n".join(
        [quotes(example), *(chunk_texts.get(piece.chunk_id, "") for piece in example.evidence)]
    )
    for text in questions(example):
        if is_nothing(text):
            return f"no question: {text.strip()[:60]!r}"
        if reason := leftover(text, known=chunks, asked=True):
            return f"the question has {reason}"
    if is_data(example):
        return None
    for text in answers(example):
        if example.task in PROSE_TASKS and is_nothing(text):
            return f"no answer: {text.strip()[:60]!r}"
        reason = failure(text, known=quotes(example)) or _raw_reply(text) or leftover(text, known=chunks)
        reason = reason or loop(text, known=known) or broken_form(text, known=known)
        if reason:
            return f"the answer {reason}" if reason.startswith("breaks") else f"the answer has {reason}"
    return None


def undue_refusal(example: Example) -> str | None:
    """Want an answer where none is meant to be refused.

    An answer does not refuse with what the evidence says itself ("X is not available"), nor where it gives more of the
    evidence than that.
    """
    if refuses(example) or example.task in STRUCTURED_TASKS:
        return None
    known, asked = quotes(example), "\n".join(questions(example))
    for text in answers(example):
        said = declines(text, known=known)
        if said and _SPEAKS_OF_ITSELF.search(said):
            return f"the answer declines: {said!r}"
        said = said or ("" if says_yes_or_no(text) else knows_nothing(text, known=known, asked=asked))
        if said and not _answers_too(text, example):
            return f"the answer declines: {said!r}"
    return None


def _answers_too(text: str, example: Example) -> bool:
    """Whether an answer gives names, numbers or words of the evidence that its question has not."""
    source = source_of(example, chunk_texts={}, chunk_headings={})
    own = [word for word in content(text) if not source.asked.families.hold(word)]
    return hard_content(text, source) > 0 or sum(map(source.quoted.families.hold, own)) >= _LEAST_GIVEN


def _raw_reply(text: str) -> str:
    """Return that an answer is the JSON of a model's reply; empty where it is not."""
    value = json_value(text)
    keys = _REPLY_KEYS.intersection(value) if isinstance(value, dict) else frozenset()
    return f"a model's reply as it came: {text.strip()[:60]!r}" if keys else ""
