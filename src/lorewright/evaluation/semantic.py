"""How near answers are to their references in meaning, by the vectors of an embedder."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown, failed, paired
from lorewright.evaluation.metrics import is_structured

SEMANTIC_SIMILARITY = "semantic_similarity"
Embed = Callable[[Sequence[str]], NDArray[np.float32]]


def semantic_similarity(references: Sequence[str], predictions: Sequence[str], embed: Embed) -> list[float]:
    """Return the cosine of each reference and its prediction, from 0 to 1.

    An empty text scores 0, and so does one that is less than unrelated. Each text is embedded once; of a long one an
    embedder may read the beginning only.

    Args:
        references: What is right.
        predictions: What was answered, in the same order.
        embed: From texts to one vector each.

    Raises:
        ValueError: There are not as many predictions as references, or the embedder returns another number of vectors.
    """
    if len(references) != len(predictions):
        message = f"{len(predictions)} predictions cannot be compared with {len(references)} references"
        raise ValueError(message)
    texts = [text for text in dict.fromkeys((*references, *predictions)) if text.strip()]
    vectors = np.asarray(embed(texts), dtype=np.float64) if texts else np.zeros((0, 0))
    if len(vectors) != len(texts):
        message = f"{len(texts)} texts were given to the embedder, and {len(vectors)} vectors came back"
        raise ValueError(message)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit = dict(zip(texts, vectors / np.where(lengths == 0, 1, lengths), strict=True))
    return [
        float(np.clip(unit[one] @ unit[other], 0, 1)) if one in unit and other in unit else 0.0
        for one, other in zip(references, predictions, strict=True)
    ]


def semantic_scores(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    embed: Embed,
    shown: Shown | None = None,
) -> Iterator[Score]:
    """Yield `semantic_similarity` of each answer in words and its reference; 0 for one that is no answer.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        embed: As in `semantic_similarity`.
        shown: As in `failures.failed`.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    pairs = [pair for pair in paired(examples, predictions) if not is_structured(pair[0])]
    reasons = [failed(example, prediction, shown) for example, prediction in pairs]
    texts = [
        "" if reason else prediction.text for (_, prediction), reason in zip(pairs, reasons, strict=True)
    ]
    values = semantic_similarity([example.messages[-1].content for example, _ in pairs], texts, embed)
    for (example, prediction), reason, value in zip(pairs, reasons, values, strict=True):
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric=SEMANTIC_SIMILARITY,
            value=value,
            explanation=reason,
        )
