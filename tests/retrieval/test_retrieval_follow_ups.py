"""Which questions are searched together with the one before them."""

import pytest

from lorewright.retrieval.follow_ups import stands_alone


@pytest.mark.parametrize(
    "question",
    [
        "How do I retry a task?",
        "What does the option max_bytes do?",
        "Where are the logs that the agent writes?",
        "如何重试任务？",
        "How can the thisness of oneself be configured?",
    ],
)
def test_a_whole_question_stands_alone(question: str) -> None:
    assert stands_alone(question)


@pytest.mark.parametrize(
    "question",
    [
        "and how do I disable it?",
        "How do I disable it again?",
        "What are their default values?",
        "But what happens on a full disk?",
        "How do I turn off that?",
        "Why?",
        "On Windows too?",
        "How long it\u2019s kept there?",
        "Which of these is the default?",
        "?!",
        "",
    ],
)
def test_a_short_one_or_one_with_a_pronoun_or_a_connective_leans_on_the_one_before(question: str) -> None:
    assert not stands_alone(question)
