"""Whether retrieval found what an answer is to be made from."""

from collections.abc import Iterable, Iterator, Sequence

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown, paired
from lorewright.evaluation.metrics import is_structured
from lorewright.evaluation.systems import uses_passages
from lorewright.text.ranks import first_rank, mean_reciprocal_rank, recall_at
from lorewright.text.tokens import squash

RECALL_AT = (1, 3, 5)
RECALL_PREFIX = "recall_at_"
MRR = "mrr"
_TELLING_CHARS = 20


def retrieval_scores(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    shown: Shown | None = None,
    recall_at_k: Sequence[int] = RECALL_AT,
) -> Iterator[Score]:
    """Yield `recall_at_K` and `mrr` of what systems that use passages were shown; means over examples are the metrics.

    Left out are examples whose evidence is not named, whose answer is a refusal, or a JSON object. A passage answers
    where it is a chunk of the evidence or its text says a quote of it.

    Args:
        examples: What was asked.
        predictions: Of any systems; those that use no passages are left out.
        shown: Texts of the passages; without them only ids are compared, and a chunk that was joined to a better one
            is missed.
        recall_at_k: Numbers of passages.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    for example, prediction in paired(examples, predictions):
        if not uses_passages(prediction.system) or not _is_asked(example):
            continue
        rank = evidence_rank(example, prediction, (shown or {}).get(example.id, ()))
        values = {f"{RECALL_PREFIX}{k}": recall_at([rank], k) for k in recall_at_k}
        values[MRR] = mean_reciprocal_rank([rank])
        for name, value in values.items():
            yield Score(
                example_id=example.id,
                system=prediction.system,
                metric=name,
                value=value,
                explanation=f"found at rank {rank}" if rank else "not found",
            )


def evidence_rank(example: Example, prediction: Prediction, texts: Sequence[str] = ()) -> int | None:
    """Return the rank of the first passage that holds evidence, from 1; None where none does.

    Args:
        example: Its evidence is looked for.
        prediction: Its passages are looked at.
        texts: Of the passages, where they are known.
    """
    ids = {piece.chunk_id for piece in example.evidence}
    quotes = [squash(piece.quote) for piece in example.evidence if len(piece.quote) >= _TELLING_CHARS]
    known = [*map(squash, texts), *[""] * (len(prediction.passages) - len(texts))]
    return first_rank(
        chunk_id in ids or any(quote in text for quote in quotes)
        for chunk_id, text in zip(prediction.passages, known, strict=False)
    )


def _is_asked(example: Example) -> bool:
    return bool(example.evidence) and not example.metadata.get("refusal") and not is_structured(example)
