"""Two versions on the same questions: what is better, worse, or not shown to differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
from lorewright.evaluation.versions import SetChange, compare_versions

VALUES = st.floats(0, 1, width=32)


def compared(pairs: list[tuple[float, float]], *, groups: int = 60, swap: bool = False) -> SetChange:
    names = ("b", "a") if swap else ("a", "b")
    scores = [
        Score(example_id=f"e{place}", system=system, metric="token_f1", value=value)
        for place, pair in enumerate(pairs)
        for system, value in zip(("a", "b"), pair, strict=True)
    ]
    return compare_versions(
        scores,
        a=names[0],
        b=names[1],
        task="qa",
        test_set="seen-docs",
        metric="token_f1",
        clusters={f"e{place}": f"g{place % groups}" for place in range(len(pairs))},
    )


def test_a_sure_gain_is_better_and_the_other_way_round_worse() -> None:
    pairs = [(0.2 + 0.005 * (place % 7), 0.6) for place in range(80)]
    assert compared(pairs).decisive.outcome == "better"
    assert compared(pairs, swap=True).decisive.outcome == "worse"


def test_an_even_game_shows_no_difference() -> None:
    pairs = [(0.2, 0.8), (0.8, 0.2)] * 40
    found = compared(pairs)
    assert found.decisive.outcome == "no difference shown"
    assert (found.wins, found.losses, found.ties) == (40, 40, 0)


def test_two_groups_are_too_few_to_tell() -> None:
    assert compared([(0.0, 1.0)] * 30, groups=2).decisive.outcome == "too few groups to tell"


def test_the_examples_that_changed_most_come_first_and_ties_are_none() -> None:
    found = compared([(0.5, 0.5), (0.1, 0.3), (0.9, 0.1)])
    assert [one.example_id for one in found.changed] == ["e2", "e1"]
    assert (found.wins, found.losses, found.ties) == (1, 1, 1)


def test_versions_that_were_asked_different_things_are_not_compared() -> None:
    scores = [
        Score(example_id=name, system=system, metric="token_f1", value=1.0)
        for system, name in (("a", "e1"), ("b", "e2"))
    ]
    with pytest.raises(EvaluationError, match="only one of the two"):
        compare_versions(
            scores, a="a", b="b", task="qa", test_set="seen-docs", metric="token_f1", clusters={}
        )
    with pytest.raises(EvaluationError, match="c has no token_f1 scores"):
        compare_versions(
            scores, a="a", b="c", task="qa", test_set="seen-docs", metric="token_f1", clusters={}
        )


@given(pairs=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30), groups=st.integers(1, 10))
def test_the_other_way_round_gains_are_losses(pairs: list[tuple[float, float]], groups: int) -> None:
    one, other = compared(pairs, groups=groups), compared(pairs, groups=groups, swap=True)
    assert one.wins + one.losses + one.ties == len(pairs)
    assert (one.wins, one.losses, one.ties) == (other.losses, other.wins, other.ties)
    assert one.decisive.difference.mean == pytest.approx(-other.decisive.difference.mean, abs=1e-9)
    turned = {"better": "worse", "worse": "better"}
    assert turned.get(one.decisive.outcome, one.decisive.outcome) == other.decisive.outcome
    assert [change.example_id for change in one.changed] == [change.example_id for change in other.changed]
