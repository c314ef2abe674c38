"""Examples that a person should see before others: the longest, the shortest, the rarest, and some at random."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

from lorewright.core.ids import short_id
from lorewright.core.records import Example
from lorewright.curation.turns import answer
from lorewright.text.tokens import words

EDGE = "edge_case"
"""Metadata of an edge case: why it is one."""


def edge_cases(examples: Sequence[Example], *, count: int, seed: int) -> list[Example]:
    """Return at most `count` examples, each once, with the reason in their metadata.

    A quarter each are those with the longest answers, the shortest answers, the rarest words in their prompts (mean
    inverse document frequency, Spärck Jones 1972), and a stable draw of all others.

    Args:
        examples: What is kept.
        count: How many at most.
        seed: Of the draw.
    """
    rarity = _rarities(examples)
    sorts: tuple[tuple[Callable[[int], float | str], Callable[[int], str]], ...] = (
        (lambda at: -len(answer(examples[at])), lambda at: f"long answer: {_size(examples[at])}"),
        (lambda at: len(answer(examples[at])), lambda at: f"short answer: {_size(examples[at])}"),
        (lambda at: -rarity[at][0], lambda at: f"rare words: {', '.join(rarity[at][1])}"),
        (lambda at: short_id("edge", seed, examples[at].id), lambda _at: "drawn at random"),
    )
    chosen: dict[int, str] = {}
    for number, (key, why) in enumerate(sorts):
        wanted = count // len(sorts) + (number < count % len(sorts))
        left = [at for at in range(len(examples)) if at not in chosen]
        for at in sorted(left, key=lambda at: (key(at), examples[at].id))[:wanted]:
            chosen[at] = why(at)
    return [
        examples[at].model_copy(update={"metadata": {**examples[at].metadata, EDGE: why}})
        for at, why in chosen.items()
    ]


def _rarities(examples: Sequence[Example]) -> list[tuple[float, list[str]]]:
    """Return for each example how rare its prompt's words are, and the three rarest."""
    asked = [sorted(set(words(example.prompt))) for example in examples]
    holding = Counter(word for own in asked for word in own)
    return [
        (
            sum(math.log(len(examples) / holding[word]) for word in own) / (len(own) or 1),
            sorted(own, key=lambda word: (holding[word], word))[:3],
        )
        for own in asked
    ]


def _size(example: Example) -> str:
    return f"{len(answer(example)):,} characters"
