"""Examples that ask nearly the same: runs of words, words that carry content, every turn of a conversation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.datasets.asked import nearly_asked
from lorewright.text.shingles import runs


def asks(*questions: str, **metadata: str) -> Example:
    turns = [
        Message(role=role, content=text)
        for question in questions
        for role, text in (("user", question), ("assistant", "An answer."))
    ]
    return make_example(task="qa", messages=tuple(turns), evidence=(), origin="x", metadata=dict(metadata))


YOURS = [asks("How do I retry a task?"), asks("What does the option `poll_seconds` do?")]


@pytest.mark.parametrize(
    ("question", "same_as"),
    [
        ("How do I retry a task?", 0),
        ("how do i RETRY a task", 0),
        ("How can a task be retried?", 0),
        ("How do I delete a task?", None),
        ("How do I retry a failed task of another user?", None),
        ("What is `poll_seconds`?", None),
        ("Which option is `poll_seconds`?", 1),
        ("What does the option `max_pressure` do?", None),
        ("", None),
    ],
)
def test_questions_in_nearly_the_same_words_are_found(question: str, same_as: int | None) -> None:
    found = nearly_asked([asks(question)], YOURS, threshold=0.8)
    assert found == ({} if same_as is None else {0: same_as})


def test_a_name_alone_is_asked_about_and_a_plain_word_is_a_topic() -> None:
    assert nearly_asked(
        [asks("What is `poll_seconds`?")], [asks("What does poll_seconds do?")], threshold=0.8
    )
    assert not nearly_asked([asks("What is a task?")], [asks("Who runs the tasks?")], threshold=0.8)


def test_every_turn_of_a_conversation_asks_and_shown_passages_do_not() -> None:
    conversation = asks("What is a pool?", "How do I retry a task?")
    shown = asks(
        "Passages: ... How do I retry a task? Question: what else", question="How do I retry a task?"
    )
    assert nearly_asked([conversation, shown], YOURS, threshold=0.8) == {0: 0, 1: 0}


SOME_WORDS = ("retry", "task", "pool", "the", "of", "slot", "queue", "worker", "is", "a")
WORDS = st.lists(st.sampled_from(SOME_WORDS), max_size=8).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_no_pair_of_alike_runs_is_missed(ones: list[str], others: list[str], threshold: float) -> None:
    found = nearly_asked(list(map(asks, ones)), list(map(asks, others)), threshold=threshold)
    for position, one in enumerate(ones):
        alike = [
            number
            for number, other in enumerate(others)
            if len(runs(one) & runs(other)) / len(runs(one) | runs(other)) >= threshold
        ]
        assert not alike or position in found
