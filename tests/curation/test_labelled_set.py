"""The filters tell defects from good examples: on the half that they were made with, and on the one that nobody saw."""

import pytest
from measure_filters import ALONE, STRUCTURAL, Judged, caught, measure, read  # type: ignore[import-not-found]

HALVES = ("tuning", "held_out", "held_out_a")
WORDED = ("refusal", "without_context", "generic_answer", "boilerplate")
"""Kinds that are told by their words, of which the development set has more."""


def share(judged: list[Judged], kind: str) -> float:
    found: float = caught(judged, [kind])
    return found


@pytest.fixture(scope="module")
def tuning() -> list[Judged]:
    judged: list[Judged] = measure("tuning")
    return judged


@pytest.mark.parametrize("half", HALVES)
def test_the_set_is_large_enough_to_measure(half: str) -> None:
    kinds = [row["kind"] for row in read(half)[0]]
    assert len(kinds) >= 200
    assert all(kinds.count(kind) >= 20 for kind in ALONE)


def test_the_set_that_rules_are_made_with_is_large_enough() -> None:
    kinds = [row["kind"] for row in read("development")[0]]
    assert kinds.count("good") >= 120
    assert all(kinds.count(kind) >= 60 for kind in WORDED)


@pytest.fixture(scope="module")
def development() -> list[Judged]:
    judged: list[Judged] = measure("development")
    return judged


@pytest.mark.parametrize("kind", WORDED)
def test_defects_that_are_told_by_words_are_found_in_many_domains(
    development: list[Judged], kind: str
) -> None:
    assert share(development, kind) >= 0.95


def test_good_examples_that_look_like_them_are_kept(development: list[Judged]) -> None:
    filters = {"refusal", "context", "generic", "boilerplate"}
    assert not [one.row["id"] for one in development if one.row["kind"] == "good" and one.filter in filters]


@pytest.fixture(scope="module")
def grounded() -> list[Judged]:
    judged: list[Judged] = measure("grounded")
    return judged


@pytest.mark.parametrize("kind", ["changed_number", "swapped_identifier", "unsupported"])
def test_answers_that_their_evidence_does_not_carry_are_found_in_many_styles(
    grounded: list[Judged], kind: str
) -> None:
    assert share(grounded, kind) >= 0.95


def test_good_answers_in_other_words_are_held_to_be_grounded(grounded: list[Judged]) -> None:
    good = [one for one in grounded if one.row["kind"] == "good"]
    assert len(good) >= 90
    assert sum(one.filter == "grounding" for one in good) <= 0.04 * len(good)


@pytest.mark.parametrize("kind", STRUCTURAL)
def test_structural_defects_are_found_while_tuning(tuning: list[Judged], kind: str) -> None:
    assert share(tuning, kind) >= 0.95


@pytest.mark.parametrize("kind", ["changed_number", "swapped_identifier"])
def test_changed_facts_are_found_while_tuning(tuning: list[Judged], kind: str) -> None:
    assert share(tuning, kind) >= 0.95


def test_unsupported_answers_are_found_while_tuning(tuning: list[Judged]) -> None:
    assert share(tuning, "unsupported") >= 0.75


def test_good_examples_are_kept_while_tuning(tuning: list[Judged]) -> None:
    assert share(tuning, "good") <= 0.02


@pytest.fixture(scope="module")
def held_out() -> list[Judged]:
    judged: list[Judged] = measure("held_out")
    return judged


@pytest.mark.parametrize(
    ("kinds", "bar"),
    [
        (("changed_number",), 0.95),
        (("swapped_identifier",), 0.95),
        (("unsupported",), 0.75),
        (("copy",), 0.95),
        (("same_question",), 0.95),
        (STRUCTURAL, 0.95),
        (("near_copy",), 0.95),
        (("same_answer",), 0.95),
    ],
    ids=str,
)
def test_what_is_wanted_is_found_on_the_half_that_nobody_saw(
    held_out: list[Judged], kinds: tuple[str, ...], bar: float
) -> None:
    # A share only: whoever mends a rule must not see the rows.
    assert round(caught(held_out, kinds), 3) >= bar


def test_good_examples_are_kept_on_the_half_that_nobody_saw(held_out: list[Judged]) -> None:
    assert round(share(held_out, "good"), 3) <= 0.035
