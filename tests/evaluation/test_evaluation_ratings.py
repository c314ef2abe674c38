"""Metrics beside what people think: rank correlation, and the judge's kappa."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from lorewright.core.records import Prediction, Score
from lorewright.evaluation.judged import JUDGE, without_call
from lorewright.evaluation.ratings import Rating, agreements, rank_correlation, rating_key

VALUES = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=2, max_size=40)


@given(VALUES)
def test_the_rank_correlation_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    found = rank_correlation(pairs)
    if len({one for one, _ in pairs}) < 2 or len({other for _, other in pairs}) < 2:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(*zip(*pairs, strict=True)).statistic, abs=1e-9)


def answer(number: int, text: str, system: str = "tuned") -> Prediction:
    return Prediction(example_id=f"e{number}", system=system, text=text)


def scored(number: int, value: float, metric: str, system: str = "tuned") -> Score:
    return Score(example_id=f"e{number}", system=system, metric=metric, value=value)


def test_the_judge_comes_first_with_its_kappa_and_other_metrics_have_none() -> None:
    rows = [answer(n, f"text {n}") for n in range(6)]
    ratings = [Rating(rating_key(f"e{n}", f" text {n} "), 5 if n < 3 else 1) for n in range(6)]
    scores = [scored(n, 1.0 if n < 3 else 0.0, metric) for metric in ("token_f1", JUDGE) for n in range(6)]
    first, second = agreements(ratings, rows, scores)
    assert (first.metric, first.answers, first.kappa) == (JUDGE, 6, 1.0)
    assert (second.metric, second.kappa) == ("token_f1", None)
    assert first.rank_correlation == pytest.approx(1.0)
    assert "too few" in first.told()


def test_ratings_of_other_answers_say_nothing_and_one_answer_of_two_systems_counts_once() -> None:
    rows = [answer(1, "same", "base"), answer(1, "same"), answer(2, "other")]
    scores = [scored(1, 0.5, "chrf", "base"), scored(1, 0.5, "chrf"), scored(2, 0.1, "chrf")]
    ratings = [Rating(rating_key("e1", "same"), 2), Rating(rating_key("e1", "gone"), 5)]
    (one,) = agreements(ratings, rows, scores)
    assert (one.answers, one.rank_correlation) == (1, None)
    assert "nothing can be told" in one.told()
    assert agreements([], rows, scores) == []


@pytest.mark.parametrize(
    ("failed", "against_failed", "preferred"),
    [(True, True, "tie"), (True, False, "other"), (False, True, "one"), (False, False, None)],
)
def test_an_answer_beats_none_without_a_judge(
    failed: bool, against_failed: bool, preferred: str | None
) -> None:
    assert without_call(failed, against_failed) == preferred
