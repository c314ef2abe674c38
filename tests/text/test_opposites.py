"""Opposites: one word of a pair here, the other there."""

import pytest

from lorewright.text.opposites import oppose


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How is it enabled?", "How is it disabled?"),
        ("the first entry", "the last entry"),
        ("opening a file", "a file that is closed"),
        ("Wie schaltet man es ein?", "Wie schaltet man es aus?"),
        ("avant le départ", "après le départ"),
        ("до запуска", "после запуска"),
    ],
)
def test_opposites_are_found_in_any_form_and_both_ways(one: str, other: str) -> None:
    assert oppose(one, other)
    assert oppose(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How is it enabled?", "How can I enable it?"),
        ("It is enabled, not disabled.", "It is disabled."),
        ("before the move", "ahead of the move"),
        ("", "on"),
    ],
)
def test_a_text_that_has_both_opposes_neither(one: str, other: str) -> None:
    assert not oppose(one, other)
    assert not oppose(other, one)
