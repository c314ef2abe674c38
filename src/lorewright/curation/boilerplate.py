"""Questions and answers about a page, not about its subject: licences, authors, navigation, badges."""

import re

from lorewright.core.records import Example
from lorewright.curation.turns import FREE_TASKS, STRUCTURED_TASKS, answers, questions, quotes, refuses
from lorewright.text.phrases import phrases
from lorewright.text.prose import without_code


def is_boilerplate(example: Example) -> str | None:
    """Want questions about the subject, not about licences, copyright, authors, navigation, edit links or badges.

    A question that is refused may be about anything.
    """
    if example.task in STRUCTURED_TASKS or refuses(example):
        return None
    for text in questions(example):
        if found := phrases("page_questions").search(without_code(text)):
            return f"the question is about the page, not its subject: {found[0].strip()[:60]!r}"
    if example.task not in FREE_TASKS and (
        found := _search(quotes(example), "page_notices", "page_evidence")
    ):
        return f"the evidence is about the page, not its subject: {found[0].strip()[:60]!r}"
    for text in answers(example):
        if found := _search(text, "page_notices", "page_answers"):
            return f"the answer is about the page, not its subject: {found[0].strip()[:60]!r}"
    return None


def _search(text: str, *names: str) -> re.Match[str] | None:
    return next((found for name in names if (found := phrases(name).search(text))), None)
