"""What examples must satisfy together: no copies, no near copies, no question with unlike answers.

Each function returns, for each example in order, the example or its rejection; the first of several is kept.
"""

from collections.abc import Sequence

from lorewright.core.records import Example, Rejection
from lorewright.curation.filters import STRUCTURED_TASKS, answer
from lorewright.curation.rejecting import rejection
from lorewright.text.near_duplicates import Shingles, clusters, shingles, similarity
from lorewright.text.tokens import squash, words

_ALIKE_ANSWERS = 0.5


def drop_exact(examples: Sequence[Example]) -> list[Example | Rejection]:
    """Leave out examples that say the same as an earlier one.

    Runs of whitespace count as one space in prose; in structured tasks every character of the log is content.
    """
    first_of: dict[object, int] = {}
    results: list[Example | Rejection] = []
    for position, example in enumerate(examples):
        first = first_of.setdefault(_key(example), position)
        results.append(
            example
            if first == position
            else rejection(
                example,
                filter_name="exact_duplicate",
                reason="an earlier example says the same",
                twin=examples[first].id,
            )
        )
    return results


def drop_repeated_questions(examples: Sequence[Example]) -> list[Example | Rejection]:
    """Leave out later examples with the same prompt and a like answer, and all of a prompt with unlike ones.

    A question that different passages answer differently lacks its context, so none of its answers is right.
    Answers are alike from a word overlap (Jaccard) of one half with the first. Structured tasks pass.
    """
    asked: dict[str, list[Example]] = {}
    for example in examples:
        asked.setdefault(_asked(example), []).append(example)
    return [_judge_repeated(example, asked[_asked(example)]) for example in examples]


def drop_near(examples: Sequence[Example], *, threshold: float, seed: int) -> list[Example | Rejection]:
    """Leave out examples whose question and answer are at least `threshold` similar to a kept one's.

    Similarity is the Jaccard of three-word shingles. A question shown with passages is compared with others that are,
    and without the passages. Structured tasks pass: draws of one log template are alike on purpose, and the split
    keeps templates whole.
    """
    results: list[Example | Rejection] = list(examples)
    for shown in (False, True):
        positions = [
            position
            for position, example in enumerate(examples)
            if example.task not in STRUCTURED_TASKS and bool(example.metadata.get("question")) == shown
        ]
        _drop_near(results, examples, positions, threshold=threshold, seed=seed)
    return results


def _drop_near(
    results: list[Example | Rejection],
    examples: Sequence[Example],
    positions: Sequence[int],
    *,
    threshold: float,
    seed: int,
) -> None:
    texts = [_said(examples[position]) for position in positions]
    kept: dict[int, list[tuple[str, Shingles]]] = {}
    for position, text, cluster in zip(
        positions, texts, clusters(texts, threshold=threshold, seed=seed), strict=True
    ):
        members = kept.setdefault(cluster, [])
        own = shingles(text)
        twin, best = max(
            ((twin_id, similarity(own, other)) for twin_id, other in members),
            key=lambda pair: pair[1],
            default=("", 0.0),
        )
        if twin and best >= threshold:
            results[position] = rejection(
                examples[position],
                filter_name="near_duplicate",
                reason=f"question and answer are {best:.2f} similar to the twin's, limit {threshold:.2f}",
                twin=twin,
            )
        else:
            members.append((examples[position].id, own))


def _asked(example: Example) -> str:
    return squash("\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"))


def _said(example: Example) -> str:
    answers = [turn.content for turn in example.messages if turn.role == "assistant"]
    return "\n".join([example.prompt, *answers])


def _key(example: Example) -> object:
    if example.task in STRUCTURED_TASKS:
        return example.task, tuple((turn.role, turn.content.strip()) for turn in example.messages)
    return example.task, tuple((turn.role, squash(turn.content)) for turn in example.messages)


def _judge_repeated(example: Example, group: Sequence[Example]) -> Example | Rejection:
    if example.task in STRUCTURED_TASKS or len(group) == 1:
        return example
    first, *others = [frozenset(words(answer(member))) for member in group]
    if any(_overlap(first, other) < _ALIKE_ANSWERS for other in others):
        return rejection(
            example,
            filter_name="ambiguous_question",
            reason=f"the question is asked {len(group)} times with unlike answers: it lacks its context",
        )
    if example is group[0]:
        return example
    return rejection(
        example,
        filter_name="repeated_question",
        reason="an earlier example asks the same and answers alike",
        twin=group[0].id,
    )


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)
