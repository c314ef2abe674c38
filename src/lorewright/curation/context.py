"""Questions that nobody can understand without what they were made from."""

from lorewright.core.records import Example
from lorewright.curation.turns import STRUCTURED_TASKS, answers, questions, quotes, shows_material
from lorewright.text.answer_checks import leaning
from lorewright.text.question_checks import bad_question


def lacks_context(example: Example) -> str | None:
    """Want questions that can be understood alone, and answers that speak of no passage that their reader misses.

    Questions that show passages or code pass; a follow-up may lean on the conversation, but on no passage.
    """
    if example.task in STRUCTURED_TASKS or shows_material(example):
        return None
    for number, text in enumerate(questions(example)):
        reason = bad_question(text, first=number == 0, known=quotes(example))
        if reason:
            return f"the question {reason}"
    for text in answers(example):
        if reason := leaning(text, known=quotes(example)):
            return f"the answer {reason}"
    return None
