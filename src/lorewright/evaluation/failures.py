"""Predictions that are no answers: nothing came, an error did, or the answer was cut."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Prediction
from lorewright.evaluation.json_answers import json_answer
from lorewright.evaluation.systems import uses_passages
from lorewright.text.answer_checks import failure

Shown = Mapping[str, Sequence[str]]
"""Texts of the passages that retrieval found for an example, best first, by its id."""


def paired(
    examples: Sequence[Example], predictions: Iterable[Prediction]
) -> Iterator[tuple[Example, Prediction]]:
    """Yield each prediction with the example that it answers.

    Raises:
        EvaluationError: It belongs to none.
    """
    by_id = {example.id: example for example in examples}
    for prediction in predictions:
        example = by_id.get(prediction.example_id)
        if example is None:
            raise EvaluationError(
                f"a prediction of {prediction.system} answers {prediction.example_id}, which is not in the test set",
                hint="lore evaluate",
            )
        yield example, prediction


def failed(example: Example, prediction: Prediction, shown: Shown | None = None) -> str:
    """Return why a prediction is no answer; empty where it is one.

    An error message in its text counts as one unless the question, the evidence, the reference or the passages that
    the system was shown say the same.

    Args:
        example: What was asked.
        prediction: What came.
        shown: Where they are not known, what a system says from passages is taken for an answer, for it may be one of
            their sentences that speaks of an error.
    """
    if prediction.error:
        return f"failed: {prediction.error[:200]}"
    if prediction.finish == "length":
        return "cut at the limit of length"
    if prediction.finish == "other":
        return "broken off before its end"
    if not prediction.text.strip():
        return "empty answer"
    passages = (shown or {}).get(example.id)
    if uses_passages(prediction.system) and passages is None:
        return ""
    if json_answer(prediction.text) and json_answer(example.messages[-1].content):
        return ""
    said = (turn.content for turn in example.messages)
    known = "\n".join((*said, *(piece.quote for piece in example.evidence), *(passages or ())))
    return failure(prediction.text, known=known)


def failure_counts(
    examples: Sequence[Example], predictions: Iterable[Prediction], *, shown: Shown | None = None
) -> dict[str, int]:
    """Return how many predictions are no answers, by system; arguments and errors as in `paired` and `failed`."""
    counts: dict[str, int] = {}
    for example, prediction in paired(examples, predictions):
        counts[prediction.system] = counts.get(prediction.system, 0) + bool(
            failed(example, prediction, shown)
        )
    return counts
