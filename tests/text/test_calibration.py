"""How far a judge agrees with people, and which limit would agree best."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.text.calibration import FEWEST, Decided, calibrate

DECIDED = st.lists(
    st.builds(Decided, st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.booleans()), max_size=60
)


def decided(*groups: tuple[int, float, bool]) -> list[Decided]:
    return [Decided(score, good) for count, score, good in groups for _ in range(count)]


def test_the_line_says_agreement_kappa_and_the_limit_that_would_agree_best() -> None:
    rows = decided((20, 1.0, True), (4, 0.25, True), (6, 0.5, False), (20, 0.0, False))
    found = calibrate(rows, min_score=0.5)
    assert (found.good_kept, found.good_rejected, found.bad_kept, found.bad_rejected) == (20, 4, 6, 20)
    assert (found.n, found.agreed) == (50, 40)
    assert found.kappa == pytest.approx(0.6, abs=0.005)
    assert found.best_min_score == 1.0
    assert found.told() == (
        f"judge agrees with people on 40 of 50, kappa {found.kappa:.2f}; 1 would agree best (kappa "
        f"{found.best_kappa:.2f})"
    )


def test_fewer_than_twenty_decisions_are_said_to_be_too_few() -> None:
    few = decided((FEWEST - 1, 1.0, True))
    assert "too few to trust" in calibrate(few, min_score=0.5).told()
    assert "too few" not in calibrate([*few, *decided((1, 0.0, False))], min_score=0.5).told()


def test_without_decisions_there_is_nothing_to_tell() -> None:
    found = calibrate([], min_score=0.5)
    assert found.told() == ""
    assert found.kappa is found.best_min_score is None


def test_where_people_say_one_thing_only_kappa_is_not_defined_and_said_so() -> None:
    found = calibrate(decided((30, 1.0, True)), min_score=0.5)
    assert found.kappa is None
    assert "kappa is not defined" in found.told()
    assert "best" not in found.told()


def test_a_limit_that_agrees_as_well_as_any_is_left_alone() -> None:
    found = calibrate(decided((15, 1.0, True), (15, 0.0, False)), min_score=0.5)
    assert found.best_min_score == 0.5
    assert "would agree best" not in found.told()


def test_a_judge_no_better_than_chance_is_not_given_another_limit() -> None:
    rows = decided((10, 0.0, True), (10, 0.0, False), (10, 1.0, False))
    told = calibrate(rows, min_score=0.5).told()
    assert "no limit agrees better than chance does" in told
    assert "would agree best" not in told


def test_edits_that_the_judge_prefers_are_counted() -> None:
    found = calibrate(decided((1, 1.0, True)), min_score=0.5, pairs=[True, True, False, None])
    assert (found.pairs, found.pairs_agreed, found.pairs_tied) == (4, 2, 1)
    assert "it prefers 2 of 4 edits, 1 tied" in found.told()


@given(DECIDED, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_counts_add_up_and_no_limit_agrees_better_than_the_best(
    rows: Sequence[Decided], limit: float
) -> None:
    found = calibrate(rows, min_score=limit)
    parts = (found.good_kept, found.good_rejected, found.bad_kept, found.bad_rejected)
    assert sum(parts) == found.n == len(rows)
    assert found.agreed == found.good_kept + found.bad_rejected
    assert found.good_kept + found.good_rejected == sum(one.good for one in rows)
    kappas = [calibrate(rows, min_score=tried).kappa for tried in (0.0, 0.25, 0.5, 0.75, 1.0)]
    known = [kappa for kappa in kappas if kappa is not None]
    if len({one.good for one in rows}) == 2:
        assert found.best_kappa is not None
        assert found.best_kappa >= max(known) - 1e-12
    else:
        assert found.best_min_score is None
