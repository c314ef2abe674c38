"""Word families."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.text.stems import Families, stem


@pytest.mark.parametrize(
    "family",
    [
        "configure configures configured configuring configuration config",
        "retry retries retried retrying",
        "delete deletes deleted deletion",
        "run runs running ran",
        "write writes written writing wrote",
        "apply applies applied applying",
        "schedule scheduler scheduling schedules",
        "compress compressed compression",
        "maximum max",
        "warteschlange warteschlangen",
        "wiederholen wiederholt wiederholung",
        "очередь очереди очередью очередей",
        "message messages",
    ],
)
def test_forms_of_a_word_are_of_one_family(family: str) -> None:
    first, *others = family.split()
    assert [word for word in others if not Families([first]).hold(word)] == []


@pytest.mark.parametrize(
    ("one", "other"), [("port", "path"), ("worker", "queue"), ("sha256", "sha512"), ("delay", "deny")]
)
def test_other_words_are_not(one: str, other: str) -> None:
    assert not Families([one]).hold(other)


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8))
def test_a_text_holds_its_own_words(words: list[str]) -> None:
    assert all(Families(words).hold(word) for word in words)
    assert all(isinstance(stem(word), str) for word in words)
