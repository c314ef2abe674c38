"""Cohen's kappa against worked examples, and what holds for all lists of labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.text.agreement import cohen_kappa

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


def judged(*counts: tuple[str, str, int]) -> tuple[list[str], list[str]]:
    pairs = [(one, other) for one, other, count in counts for _ in range(count)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def test_kappa_of_a_worked_example() -> None:
    # 20 both yes, 15 both no, 5 and 10 apart: observed 0.7, expected 0.5.
    one, other = judged(("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15))
    assert cohen_kappa(one, other) == pytest.approx(0.4)


def test_much_agreement_on_a_common_label_is_worth_little() -> None:
    one, other = judged(("good", "good", 90), ("good", "bad", 5), ("bad", "good", 5))
    kappa = cohen_kappa(one, other)
    assert kappa is not None
    assert kappa < 0


def test_kappa_is_not_defined_of_nothing_or_of_one_label() -> None:
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["good"] * 5, ["good"] * 5) is None


def test_lists_of_unlike_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels cannot be compared with 2"):
        cohen_kappa(["a", "b", "c"], ["a", "b"])


@given(PAIRS)
def test_kappa_is_symmetric_at_most_one_and_blind_to_names(pairs: list[tuple[str, str]]) -> None:
    one, other = [first for first, _ in pairs], [second for _, second in pairs]
    kappa = cohen_kappa(one, other)
    assert kappa == cohen_kappa(other, one)
    assert kappa == cohen_kappa([f"x{label}" for label in one], [f"x{label}" for label in other])
    assert kappa is None or kappa <= 1
    assert cohen_kappa(one, one) in (None, 1.0)
