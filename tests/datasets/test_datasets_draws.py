import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.datasets.draws import content_key, draw, ensure_sides, side

RATIOS = (0.8, 0.1, 0.1)


@given(st.text(), st.integers())
def test_draws_are_in_the_unit_interval(key: str, seed: int) -> None:
    assert 0 <= draw(key, seed=seed) < 1


def test_draws_are_pinned_for_ever() -> None:
    assert draw("template=disk_full", seed=0) == pytest.approx(0.717701788140496)


def test_sides_follow_the_shares() -> None:
    assert [side(value, RATIOS) for value in (0.0, 0.0999, 0.1, 0.1999, 0.2, 0.9999)] == [
        "test",
        "test",
        "validation",
        "validation",
        "train",
        "train",
    ]


def test_copies_have_the_same_key_and_edits_seldom_another() -> None:
    lines = [f"line {number} says {number * 7} things of its own" for number in range(200)]
    key = content_key("\n".join(lines), seed=1)
    assert content_key("  \n".join(lines).upper(), seed=1) == key
    edited = 0
    for number in range(200):
        changed = [*lines[:number], "an edited line", *lines[number + 1 :]]
        edited += content_key("\n".join(changed), seed=1) != key
    assert edited <= 4


def test_keys_of_texts_without_words_are_the_texts() -> None:
    assert content_key("--", seed=0) == "--"
    assert content_key("", seed=0) == ""


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1, exclude_max=True), max_size=12))
def test_every_wanted_side_has_a_group_from_three_groups_on(drawn: dict[str, float]) -> None:
    sides = ensure_sides(drawn, RATIOS)
    assert sides.keys() == drawn.keys()
    if len(drawn) >= 3:
        assert set(sides.values()) == {"train", "validation", "test"}
    natural = {key: side(value, RATIOS) for key, value in drawn.items()}
    if set(natural.values()) == {"train", "validation", "test"} or len(drawn) < 3:
        assert sides == natural


def test_a_side_of_no_share_stays_empty() -> None:
    drawn = {str(number): number / 10 for number in range(10)}
    assert set(ensure_sides(drawn, (1.0, 0.0, 0.0)).values()) == {"train"}
    assert set(ensure_sides(drawn, (0.8, 0.0, 0.2)).values()) == {"train", "test"}


def test_the_same_in_another_process_with_another_hash_seed() -> None:
    code = (
        "from lorewright.datasets.draws import content_key, draw\n"
        "print(content_key('a b c d e f g h i j', seed=3), draw('k', seed=3))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
