"""From answers to scores, one record a metric."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import failure
from lorewright.evaluation.json_answers import field_matches, json_answer
from lorewright.evaluation.metrics import (
    BASIC_METRICS,
    FIELD_ACCURACY,
    FIELD_PREFIX,
    Metric,
    applies,
    is_structured,
    load_metric,
)

ANSWER_NLL = "answer_nll"


def score(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    metrics: Sequence[str] = BASIC_METRICS,
    chunk_texts: Mapping[str, str] | None = None,
) -> Iterator[Score]:
    """Yield the scores of each prediction against its example's reference.

    Each metric yields a record where it applies, `field_accuracy` also one `field:NAME` for each field of the
    reference. A prediction that is no answer (see `failures.failure`) scores 0 in all, and says why.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        metrics: Names, such as those of `metrics_for`.
        chunk_texts: Text of each chunk that systems were shown, by its id; see `failures.failure`.

    Raises:
        ConfigError: There is no metric of such a name.
        EvaluationError: A prediction belongs to none of the examples, or a metric fails.
    """
    functions = {name: load_metric(name) for name in metrics}
    for example, prediction in paired(examples, predictions):
        yield from _score_one(example, prediction, functions, chunk_texts)


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


def failed(example: Example, prediction: Prediction, chunk_texts: Mapping[str, str] | None) -> str:
    """Return why a prediction is no answer, `failures.failure` with the texts of what was shown; empty where it is."""
    shown = None
    if chunk_texts is not None and all(one in chunk_texts for one in prediction.passages):
        shown = "\n".join(chunk_texts[one] for one in prediction.passages)
    return failure(example, prediction, shown=shown)


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


def semantic_scores(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    similarity: Callable[[Sequence[str], Sequence[str]], list[float]],
    *,
    chunk_texts: Mapping[str, str] | None = None,
) -> Iterator[Score]:
    """Yield `semantic_similarity` of each answer in words and its reference; 0 for one that is no answer.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        similarity: From references and predictions to values, as `semantic.semantic_similarity` with its embedder.
        chunk_texts: As in `score`.
    """
    pairs = [pair for pair in paired(examples, predictions) if not is_structured(pair[0])]
    reasons = [failed(example, prediction, chunk_texts) for example, prediction in pairs]
    values = similarity(
        [example.messages[-1].content for example, _ in pairs],
        ["" if reason else prediction.text for (_, prediction), reason in zip(pairs, reasons, strict=True)],
    )
    for (example, prediction), reason, value in zip(pairs, reasons, values, strict=True):
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric="semantic_similarity",
            value=value,
            explanation=reason,
        )


def _score_one(
    example: Example,
    prediction: Prediction,
    functions: Mapping[str, Metric],
    chunk_texts: Mapping[str, str] | None,
) -> Iterator[Score]:
    reference, structured = example.messages[-1].content, is_structured(example)
    reason = failed(example, prediction, chunk_texts)
    text = "" if reason else prediction.text
    values: dict[str, float] = {}
    for name, function in functions.items():
        if applies(name, structured=structured):
            values[name] = 0.0 if reason else function(reference, text)
        if structured and name == FIELD_ACCURACY:
            found = field_matches(reference, text)
            values |= {f"{FIELD_PREFIX}{field}": value for field, value in found.items()}
    if structured and not reason and json_answer(text) is None:
        reason = "not one JSON object"
    for name, value in values.items():
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric=name,
            value=value,
            explanation=reason,
        )
