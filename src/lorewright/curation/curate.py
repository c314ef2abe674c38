"""The filters one after another: every example comes out once, kept or rejected with its reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from lorewright.core.assessments import Review
from lorewright.core.records import Example, Rejection
from lorewright.curation.rejecting import rejection
from lorewright.curation.reviewing import ACCEPTED, reviewed

Alone = Callable[[Example], str | None]
"""What one example must satisfy alone: returns None, or the reason to leave it out."""
Together = Callable[[Sequence[Example]], list[Example | Rejection]]
"""What examples must satisfy together: returns, for each in order, itself or its rejection."""

SCHEMA = "schema"
"""The filter that no person can overrule: what has no answer cannot be trained on."""


def curate(
    examples: Sequence[Example],
    *,
    alone: Mapping[str, Alone],
    together: Sequence[Together],
    reviews: Mapping[str, Review] | None = None,
) -> Iterator[Example | Rejection]:
    """Yield every example once, itself if it is kept or its rejection: first the rejected, then the kept in order.

    What a person accepted or edited is kept whatever the filters say, unless it is no conversation at all, and of
    duplicates it is the one that stays.

    Args:
        examples: Candidates in a stable order; of duplicates the first is kept.
        alone: Filters of one example by name, in the order they are asked; the first that objects decides.
        together: Filters of all that are left, one after another.
        reviews: What people decided, by `core.making.review_key`.
    """
    outcomes = [reviewed(example, reviews or {}) for example in examples]
    results: list[Example | Rejection] = [
        outcome if isinstance(outcome, Rejection) else _judge(outcome, alone) for outcome in outcomes
    ]
    for drop in together:
        yield from (result for result in results if isinstance(result, Rejection))
        results = _drop([result for result in results if isinstance(result, Example)], drop)
    yield from results


def is_accepted(example: Example) -> bool:
    """Whether a person accepted or edited an example."""
    return bool(example.metadata.get(ACCEPTED))


def _judge(example: Example, filters: Mapping[str, Alone]) -> Example | Rejection:
    for name, reason_against in filters.items():
        if is_accepted(example) and name != SCHEMA:
            continue
        reason = reason_against(example)
        if reason is not None:
            return rejection(example, filter_name=name, reason=reason)
    return example


def _drop(examples: Sequence[Example], drop: Together) -> list[Example | Rejection]:
    """Return what a filter says in the order given, with accepted examples looked at first.

    An accepted example goes only where it repeats another accepted one.
    """
    order = sorted(range(len(examples)), key=lambda position: not is_accepted(examples[position]))
    said = drop([examples[position] for position in order])
    accepted = {example.id for example in examples if is_accepted(example)}
    results: list[Example | Rejection] = list(examples)
    for position, result in zip(order, said, strict=True):
        stands = isinstance(result, Example) or result.twin in accepted
        if stands or not is_accepted(examples[position]):
            results[position] = result
    return results
