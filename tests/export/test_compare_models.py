"""The distance between two distributions, and the gate that decides by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lorewright.core.errors import ExportError
from lorewright.export.compare import Difference, difference, pass_gate

logits = st.lists(st.floats(-20, 20), min_size=3, max_size=12)


def log_softmax(values: list[float]) -> NDArray[np.float64]:
    row = np.array([values])
    scaled: NDArray[np.float64] = row - np.log(np.exp(row).sum())
    return scaled


@given(logits)
def test_a_model_does_not_differ_from_itself(values: list[float]) -> None:
    found = difference(log_softmax(values), log_softmax(values))
    assert found == Difference(1, 0.0, 0.0, 0.0, 0.0, 1.0)


@given(logits, st.randoms(use_true_random=False))
def test_divergence_is_never_negative_and_bounded_by_the_largest_gap(
    values: list[float], random: object
) -> None:
    other = values.copy()
    random.shuffle(other)  # type: ignore[attr-defined]
    found = difference(log_softmax(values), log_softmax(other))
    assert -1e-12 <= found.mean_kl <= found.max_logprob + 1e-12
    assert found.max_top_logprob == found.max_logprob


def test_divergence_is_the_textbook_one() -> None:
    found = difference(np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]]))
    assert found.mean_kl == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(2 / 3))
    assert found.max_logprob == pytest.approx(np.log(2))


def test_tokens_that_practically_never_come_do_not_count_but_a_lost_one_does() -> None:
    reference = np.array([[np.log(0.5), np.log(0.5), -100.0]])
    assert difference(reference, np.array([[np.log(0.5), np.log(0.5), -np.inf]])).max_logprob == 0.0
    assert difference(reference, np.array([[0.0, -np.inf, -100.0]])).max_logprob > 80


@pytest.mark.parametrize(
    ("stored", "figure", "limit"),
    [("f32", "max_logprob", 0.01), ("f16", "max_top_logprob", 0.02), ("q8_0", "mean_kl", 1e-3)],
)
def test_the_gate_opens_at_its_limit_and_closes_above(stored: str, figure: str, limit: float) -> None:
    def measured(value: float) -> Difference:
        return Difference(**{**Difference(4, 0.0, 0.0, 0.0, 0.0, 1.0).as_figures(), figure: value})

    pass_gate(measured(limit), stored, what="a and b")
    for value in (limit * 1.01, float("nan")):
        with pytest.raises(ExportError, match=f"a and b differ: {figure} is .* allowed for {stored} is"):
            pass_gate(measured(value), stored, what="a and b")
