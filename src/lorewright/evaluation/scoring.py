"""From answers to scores, one record a metric."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.metrics import (
    exact_match,
    field_matches,
    json_answer,
    json_valid,
    rouge_l,
    token_f1,
)

ANSWER_NLL = "answer_nll"
TEXT_METRICS: Mapping[str, Callable[[str, str], float]] = {
    "token_f1": token_f1,
    "rouge_l": rouge_l,
    "exact_match": exact_match,
}
STRUCTURED_METRICS: Mapping[str, Callable[[str, str], float]] = {
    "json_valid": json_valid,
    "exact_match": exact_match,
}


def headline_metric(examples: Sequence[Example]) -> str:
    """Return the metric that decides: `field_accuracy` where every reference is a JSON object, else `token_f1`."""
    structured = bool(examples) and all(is_structured(example) for example in examples)
    return "field_accuracy" if structured else "token_f1"


def is_structured(example: Example) -> bool:
    """Return whether the reference answer is a JSON object with fields."""
    return bool(json_answer(example.messages[-1].content))


def score(examples: Sequence[Example], predictions: Iterable[Prediction]) -> Iterator[Score]:
    """Yield the scores of each prediction against its example's reference.

    Text answers get `token_f1`, `rouge_l` and `exact_match`; structured ones `field_accuracy`, `json_valid`,
    `exact_match` and one `field:NAME` for each field. An answer that is empty or no JSON fails and says so.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    by_id = {example.id: example for example in examples}
    for prediction in predictions:
        example = by_id.get(prediction.example_id)
        if example is None:
            raise EvaluationError(
                f"a prediction of {prediction.system} answers {prediction.example_id}, which is not in the test set",
                hint="lore evaluate",
            )
        yield from _score_one(example, prediction)


def nll_scores(
    examples: Sequence[Example], *, system: str, likelihoods: Sequence[tuple[float, int]]
) -> Iterator[Score]:
    """Yield `answer_nll`: the mean negative log-likelihood of a reference answer's tokens, in nats. Lower is better.

    Args:
        examples: In the order of `likelihoods`.
        system: Whose likelihoods they are.
        likelihoods: Sum over an answer's tokens, in nats, and how many tokens.
    """
    for example, (total, tokens) in zip(examples, likelihoods, strict=True):
        if tokens:
            yield Score(
                example_id=example.id,
                system=system,
                metric=ANSWER_NLL,
                value=total / tokens,
                explanation=f"{tokens} tokens",
            )


def _score_one(example: Example, prediction: Prediction) -> Iterator[Score]:
    reference, text = example.messages[-1].content, prediction.text
    if is_structured(example):
        fields = field_matches(reference, text)
        values = {name: metric(reference, text) for name, metric in STRUCTURED_METRICS.items()}
        values["field_accuracy"] = sum(fields.values()) / len(fields)
        values |= {f"field:{name}": value for name, value in fields.items()}
        failure = "" if values["json_valid"] else "not one JSON object"
    else:
        values = {name: metric(reference, text) for name, metric in TEXT_METRICS.items()}
        failure = ""
    explanation = failure if text.strip() else "empty answer"
    for name, value in values.items():
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric=name,
            value=value,
            explanation=explanation,
        )
