"""The filters one after another: every example comes out once, kept or rejected with its reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from lorewright.core.records import Example, Rejection
from lorewright.curation.duplicates import drop_exact, drop_near, drop_repeated_questions, rejection
from lorewright.curation.filters import bad_evidence, bad_json, bad_length, bad_roles

Filter = Callable[[Example], str | None]


def curate(
    examples: Sequence[Example],
    *,
    chunk_texts: Mapping[str, str],
    max_answer_chars: int,
    min_answer_chars: int,
    max_prompt_chars: int,
    near_duplicate_threshold: float,
    seed: int,
) -> Iterator[Example | Rejection]:
    """Yield every example once, itself if it is kept or its rejection: first the rejected, then the kept in order.

    Args:
        examples: Candidates in a stable order; of duplicates the first is kept.
        chunk_texts: Text of every chunk by its id.
        max_answer_chars: Longest answer, in characters.
        min_answer_chars: Shortest answer, in characters.
        max_prompt_chars: Longest sum of the turns before the answer, in characters.
        near_duplicate_threshold: Jaccard similarity of question and answer from which the later one goes.
        seed: Of the MinHash that proposes near duplicates.
    """
    alone: dict[str, Filter] = {
        "schema": bad_roles,
        "json": bad_json,
        "length": lambda example: bad_length(
            example,
            max_answer_chars=max_answer_chars,
            min_answer_chars=min_answer_chars,
            max_prompt_chars=max_prompt_chars,
        ),
        "evidence": lambda example: bad_evidence(example, chunk_texts=chunk_texts),
    }
    results: list[Example | Rejection] = [_judge(example, alone) for example in examples]
    together: tuple[Callable[[Sequence[Example]], list[Example | Rejection]], ...] = (
        drop_exact,
        drop_repeated_questions,
        lambda kept: drop_near(kept, threshold=near_duplicate_threshold, seed=seed),
    )
    for drop in together:
        yield from (result for result in results if isinstance(result, Rejection))
        results = drop([result for result in results if isinstance(result, Example)])
    yield from results


def _judge(example: Example, filters: Mapping[str, Filter]) -> Example | Rejection:
    for name, reason_against in filters.items():
        reason = reason_against(example)
        if reason is not None:
            return rejection(example, filter_name=name, reason=reason)
    return example
