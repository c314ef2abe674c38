"""Predictions that are no answers: nothing came, an error did, or the answer was cut."""

from lorewright.core.records import Example, Prediction
from lorewright.evaluation.json_answers import json_answer
from lorewright.text.answer_checks import failure as error_message


def failure(example: Example, prediction: Prediction, *, shown: str | None = None) -> str:
    """Return why a prediction is no answer; empty where it is one.

    An error message in its text counts as one unless the question, the evidence, the reference or the passages that
    the system was shown say the same.

    Args:
        example: What was asked.
        prediction: What came.
        shown: Texts of `prediction.passages`. Where they are not known, a text that was made from passages is taken
            for an answer: it may be one of theirs that speaks of an error.
    """
    if prediction.error:
        return f"failed: {prediction.error[:200]}"
    if prediction.finish == "length":
        return "cut at the limit of length"
    if prediction.finish == "other":
        return "broken off before its end"
    if not prediction.text.strip():
        return "empty answer"
    if shown is None and prediction.passages:
        return ""
    if json_answer(prediction.text) and json_answer(example.messages[-1].content):
        return ""
    said = (turn.content for turn in example.messages)
    known = "\n".join((*said, *(piece.quote for piece in example.evidence), shown or ""))
    return error_message(prediction.text, known=known)
