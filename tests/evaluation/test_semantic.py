from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from lorewright.core.making import make_example
from lorewright.core.records import Message, Prediction
from lorewright.evaluation.semantic import semantic_scores, semantic_similarity

VECTORS = {
    "up": (1.0, 0.0),
    "high": (3.0, 4.0),
    "down": (-2.0, 0.0),
    "right": (0.0, 1.0),
    "nothing": (0.0, 0.0),
    "вверх": (1.0, 0.0),
}


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([VECTORS[text] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_similarity_is_the_cosine_and_never_below_zero() -> None:
    references = ["up", "up", "up", "up", "up", "up"]
    predictions = ["up", "high", "right", "down", "nothing", "вверх"]
    assert semantic_similarity(references, predictions, embed) == pytest.approx([1, 0.6, 0, 0, 0, 1])


def test_an_empty_answer_is_embedded_by_nobody_and_scores_zero() -> None:
    assert semantic_similarity(["up", " "], ["", "up"], embed) == [0.0, 0.0]
    assert semantic_similarity([""], [""], lambda texts: np.ones((7, 2), np.float32)) == [0.0]
    assert semantic_similarity([], [], embed) == []


def test_each_text_is_embedded_once() -> None:
    asked: list[list[str]] = []

    def counting(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.append(list(texts))
        return embed(texts)

    semantic_similarity(["up", "up"], ["up", "down"], counting)
    assert asked == [["up", "down"]]


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(ValueError, match="1 predictions cannot be compared with 2 references"):
        semantic_similarity(["up", "up"], ["up"], embed)
    with pytest.raises(ValueError, match="2 texts were given to the embedder, and 1 vectors came back"):
        semantic_similarity(["up"], ["down"], lambda texts: embed(texts[:1]))


def test_scores_are_of_answers_in_words_and_zero_for_failures() -> None:
    examples = [
        make_example(
            task="qa",
            messages=(Message(role="user", content=f"{n}?"), Message(role="assistant", content=answer)),
            evidence=(),
            origin="import",
        )
        for n, answer in enumerate(["up", "up", '{"category": "x"}'])
    ]
    predictions = [
        Prediction(example_id=examples[0].id, system="tuned", text="high"),
        Prediction(example_id=examples[1].id, system="tuned", text="up", finish="length"),
        Prediction(example_id=examples[2].id, system="tuned", text="{}"),
    ]
    scores = list(semantic_scores(examples, predictions, embed=embed))
    assert [(one.metric, one.explanation) for one in scores] == [
        ("semantic_similarity", ""),
        ("semantic_similarity", "cut at the limit of length"),
    ]
    assert [one.value for one in scores] == pytest.approx([0.6, 0.0])
