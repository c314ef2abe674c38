"""Answers that need no model: what a trained one has to beat."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from lorewright.core.ids import canonical
from lorewright.core.records import Example
from lorewright.evaluation.json_answers import json_answer
from lorewright.text.tokens import words


def majority(train: Sequence[Example]) -> str:
    """Return the one answer that is right most often: of JSON answers the commonest value of each field.

    Ties go to the value that sorts first. Without examples it is the empty answer.
    """
    answers = [example.messages[-1].content for example in train]
    parsed = [fields for answer in answers if (fields := json_answer(answer))]
    if not parsed or len(parsed) < len(answers):
        return _commonest(answers)
    names = list(dict.fromkeys(name for fields in parsed for name in fields))
    chosen = [
        f"{canonical(name).decode()}:{_commonest([canonical(f[name]).decode() for f in parsed if name in f])}"
        for name in names
    ]
    return "{" + ",".join(chosen) + "}"


def nearest_neighbour(train: Sequence[Example]) -> Callable[[Example], str]:
    """Return a function from an example to the answer of the training example with the most similar prompt.

    Similarity is the cosine of TF-IDF word vectors (term counts damped by 1 + log; smoothed inverse document
    frequency); ties go to the earlier training example, and a prompt that shares no word gets the empty answer.
    """
    prompts = [Counter(words(example.prompt)) for example in train]
    present = Counter(word for prompt in prompts for word in prompt)
    rarity = {word: math.log((1 + len(train)) / (1 + count)) + 1 for word, count in present.items()}
    postings: dict[str, list[tuple[int, float]]] = {}
    for number, prompt in enumerate(prompts):
        for word, weight in _weights(prompt, rarity):
            postings.setdefault(word, []).append((number, weight))

    def answer(example: Example) -> str:
        similarity: dict[int, float] = {}
        for word, weight in _weights(Counter(words(example.prompt)), rarity):
            for number, other in postings[word]:
                similarity[number] = similarity.get(number, 0.0) + weight * other
        if not similarity:
            return ""
        # Rounded, so that equal similarities summed in another order stay ties.
        best = min(similarity, key=lambda number: (-round(similarity[number], 9), number))
        return train[best].messages[-1].content

    return answer


def _weights(counts: Counter[str], rarity: dict[str, float]) -> list[tuple[str, float]]:
    weighted = [
        (word, (1 + math.log(count)) * rarity[word]) for word, count in counts.items() if word in rarity
    ]
    length = math.sqrt(sum(weight * weight for _, weight in weighted))
    return [(word, weight / length) for word, weight in weighted]


def _commonest(values: Iterable[str]) -> str:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else ""
