"""Questions and answers about a page, not about its subject: licences, authors, navigation, badges, versions."""

import re

from lorewright.core.records import Example
from lorewright.curation.turns import FREE_TASKS, STRUCTURED_TASKS, answers, questions, quotes, refuses
from lorewright.text.phrases import phrases
from lorewright.text.prose import sentences, without_code, without_quotations

_CELLS = re.compile(r"\n|\s[|·•]\s|\t|\s{3,}")
_INITIAL = re.compile(r"\b([A-ZÀ-ÖØ-ÞА-Я])\.\s+(?=[A-ZÀ-ÖØ-ÞА-Я])")
_MOSTLY = 0.7


def is_boilerplate(example: Example) -> str | None:
    """Want questions about the subject, not about licences, copyright, authors, navigation, edit links or badges.

    A question that is refused may be about anything.
    """
    if example.task in STRUCTURED_TASKS or refuses(example):
        return None
    for text in questions(example):
        if found := phrases("page_questions").search(without_quotations(without_code(text))):
            return f"the question is about the page, not its subject: {found[0].strip()[:60]!r}"
    if example.task not in FREE_TASKS and (
        found := _search(quotes(example), "page_notices", "page_evidence")
    ):
        return f"the evidence is about the page, not its subject: {found[0].strip()[:60]!r}"
    if notice := _notice(quotes(example)):
        return f"the evidence is about the page, not its subject: {notice[:60]!r}"
    for text in answers(example):
        if found := _search(text, "page_notices", "page_answers"):
            return f"the answer is about the page, not its subject: {found[0].strip()[:60]!r}"
    return None


def _search(text: str, *names: str) -> re.Match[str] | None:
    return next((found for name in names if (found := phrases(name).search(text))), None)


def _notice(quote: str) -> str:
    """Return the first of the notices that a quote consists of, nearly whole; empty where it says something else."""
    pieces = [
        one
        for cell in _CELLS.split(_INITIAL.sub(r"\1.", quote))
        for one in sentences(cell)
        if re.search(r"\w", one)
    ]
    found = [one for one in pieces if phrases("notice_lines").match(one.lstrip("#*_>[(|- \"'"))]
    enough = sum(map(len, found)) >= _MOSTLY * sum(map(len, pieces))
    return found[0].strip() if found and enough else ""
