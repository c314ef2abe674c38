"""The filters tell defects from good examples: on the half that they were made with, and on the one that nobody saw."""

import pytest
from measure_filters import ALONE, LABELLED, STRUCTURAL, Judged, caught, measure, read  # type: ignore[import-not-found]

HALVES = ("tuning", "held_out")


def share(judged: list[Judged], kind: str) -> float:
    found: float = caught(judged, [kind])
    return found


@pytest.fixture(scope="module")
def tuning() -> list[Judged]:
    judged: list[Judged] = measure("tuning")
    return judged


@pytest.mark.parametrize("half", HALVES)
def test_the_set_is_large_enough_to_measure(half: str) -> None:
    if not (LABELLED / f"{half}.jsonl").exists():
        pytest.skip(f"the {half} half is not there")
    kinds = [row["kind"] for row in read(half)[0]]
    assert len(kinds) >= 200
    assert all(kinds.count(kind) >= 20 for kind in ALONE)


@pytest.mark.parametrize("kind", STRUCTURAL)
def test_structural_defects_are_found_while_tuning(tuning: list[Judged], kind: str) -> None:
    assert share(tuning, kind) >= 0.95


@pytest.mark.parametrize("kind", ["changed_number", "swapped_identifier"])
def test_changed_facts_are_found_while_tuning(tuning: list[Judged], kind: str) -> None:
    assert share(tuning, kind) >= 0.95


def test_unsupported_answers_are_found_while_tuning(tuning: list[Judged]) -> None:
    assert share(tuning, "unsupported") >= 0.7


def test_good_examples_are_kept_while_tuning(tuning: list[Judged]) -> None:
    assert share(tuning, "good") <= 0.02


def test_the_half_that_nobody_saw_keeps_to_the_bars() -> None:
    if not (LABELLED / "held_out.jsonl").exists():
        pytest.skip("the held-out half is not there")
    judged: list[Judged] = measure("held_out")
    found = {
        "structural": caught(judged, STRUCTURAL),
        "changed_number": share(judged, "changed_number"),
        "swapped_identifier": share(judged, "swapped_identifier"),
        "unsupported": share(judged, "unsupported"),
    }
    # What is wanted is 0.95 for the first three; docs/figures-curation.md says where that is missed.
    bars = {"structural": 0.9, "changed_number": 0.95, "swapped_identifier": 0.9, "unsupported": 0.5}
    # Shares only: whoever mends a rule must not see the rows.
    assert {name: round(value, 3) for name, value in found.items() if value < bars[name]} == {}
    assert round(share(judged, "good"), 3) <= 0.05
