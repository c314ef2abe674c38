"""From answers to scores, one record a metric."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown, failed, paired
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
from lorewright.evaluation.text_metrics import corpus_bleu, corpus_chrf

ANSWER_NLL = "answer_nll"


def score(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    metrics: Sequence[str] = BASIC_METRICS,
    shown: Shown | None = None,
) -> Iterator[Score]:
    """Yield the scores of each prediction against its example's reference.

    Each metric yields a record where it applies, `field_accuracy` also one `field:NAME` for each field of the
    reference. A prediction that is no answer (see `failures.failed`) scores 0 in all, and says why.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        metrics: Names, such as those of `metrics_for`.
        shown: As in `failures.failed`.

    Raises:
        ConfigError: There is no metric of such a name.
        EvaluationError: A prediction belongs to none of the examples, or a metric fails.
    """
    functions = {name: load_metric(name) for name in metrics}
    for example, prediction in paired(examples, predictions):
        yield from _score_one(example, prediction, functions, shown)


def corpus_figures(
    examples: Sequence[Example], predictions: Iterable[Prediction], *, shown: Shown | None = None
) -> dict[str, dict[str, float]]:
    """Return `bleu` and `chrf` of all answers in words of each system together, by system.

    These are what papers give, divided by 100; they are not the means of the single scores. A prediction that is no
    answer counts as an empty one.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        shown: As in `failures.failed`.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    texts: dict[str, tuple[list[str], list[str]]] = {}
    for example, prediction in paired(examples, predictions):
        if not is_structured(example):
            references, answers = texts.setdefault(prediction.system, ([], []))
            references.append(example.messages[-1].content)
            answers.append("" if failed(example, prediction, shown) else prediction.text)
    return {
        system: {"bleu": corpus_bleu(*found), "chrf": corpus_chrf(*found)} for system, found in texts.items()
    }


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


def _score_one(
    example: Example,
    prediction: Prediction,
    functions: Mapping[str, Metric],
    shown: Shown | None,
) -> Iterator[Score]:
    reference, structured = example.messages[-1].content, is_structured(example)
    reason = failed(example, prediction, shown)
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
