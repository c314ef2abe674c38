"""The metrics that compare an answer with its reference, by name: ours, and those of other packages.

A metric is a function `(reference, prediction) -> float`, from 0 to 1, higher is better. Other packages offer theirs by
entry points in group `lorewright.metrics`.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example
from lorewright.core.registry import Registry
from lorewright.evaluation.json_answers import json_answer

Metric = Callable[[str, str], float]

FIELD_ACCURACY = "field_accuracy"
FIELD_PREFIX = "field:"
TEXT_METRICS = ("token_f1", "rouge_l", "exact_match", "rouge_1", "rouge_2", "bleu", "chrf")
"""For answers in words, the one that decides first."""
STRUCTURED_METRICS = (FIELD_ACCURACY, "json_valid", "exact_match")
"""For answers that are JSON objects, the one that decides first."""
BASIC_METRICS = (*TEXT_METRICS[:3], *STRUCTURED_METRICS)
"""What a table has room for."""
METRICS = Registry(
    "metrics",
    {
        **{
            name: f"lorewright.evaluation.text_metrics:{name}"
            for name in ("token_f1", "rouge_1", "rouge_2", "rouge_l", "bleu", "chrf")
        },
        **{
            name: f"lorewright.evaluation.json_answers:{name}"
            for name in ("exact_match", FIELD_ACCURACY, "json_valid")
        },
    },
)


def is_structured(example: Example) -> bool:
    """Return whether the reference answer is a JSON object with fields."""
    return bool(json_answer(example.messages[-1].content))


def headline_metric(examples: Sequence[Example]) -> str:
    """Return the metric that decides: `field_accuracy` where every reference is a JSON object, else `token_f1`."""
    structured = bool(examples) and all(is_structured(example) for example in examples)
    return (STRUCTURED_METRICS if structured else TEXT_METRICS)[0]


def metrics_for(examples: Iterable[Example], *, also: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the metrics that apply to some examples, the one that decides first. All are cheap.

    Args:
        examples: Of one task.
        also: Names of other packages' metrics; they apply to every example.
    """
    kinds = {is_structured(example) for example in examples}
    text, structured = TEXT_METRICS * (False in kinds), STRUCTURED_METRICS * (True in kinds)
    return tuple(dict.fromkeys((*text, *structured, *also)))


def applies(name: str, *, structured: bool) -> bool:
    """Whether a metric says something of answers in words, or of structured ones; another package's does of both."""
    ours = STRUCTURED_METRICS if structured else TEXT_METRICS
    return name in ours or name not in {*STRUCTURED_METRICS, *TEXT_METRICS}


def load_metric(name: str) -> Metric:
    """Return a metric, whose every result is checked.

    Raises:
        ConfigError: There is none of that name, or its package cannot be loaded.
        EvaluationError: When it is called: it failed, or did not return a number from 0 to 1.
    """
    function = METRICS.load(name)

    def measured(reference: str, prediction: str) -> float:
        try:
            value = function(reference, prediction)
        except Exception as error:  # a plug-in is somebody else's code and may raise anything
            raise EvaluationError(
                f"the metric {name!r} failed on the answer {prediction[:60]!r}: {type(error).__name__}: {error}",
                hint=_HINT,
            ) from error
        return _checked(name, value, prediction)

    return measured


_HINT = "mend the package that offers it, or take it out of evaluation.metrics in lore.toml"


def _checked(name: str, value: object, prediction: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        raise EvaluationError(
            f"the metric {name!r} returned {value!r} for the answer {prediction[:60]!r}; it must be from 0 to 1",
            hint=_HINT,
        )
    return number
