"""The order of training rows."""

from hypothesis import given
from hypothesis import strategies as st

from lorewright.training.sampler import LengthGroupedSampler


@given(
    st.lists(st.integers(min_value=1, max_value=500), max_size=300),
    st.integers(min_value=1, max_value=9),
    st.integers(min_value=0, max_value=3),
)
def test_every_row_comes_once_and_the_order_depends_on_seed_and_epoch_only(
    lengths: list[int], batch_size: int, epoch: int
) -> None:
    def order() -> list[int]:
        sampler = LengthGroupedSampler(lengths, batch_size=batch_size, seed=7)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert sorted(order()) == list(range(len(lengths)))
    assert order() == order()


def test_batches_hold_rows_of_similar_length_and_epochs_differ() -> None:
    lengths = [(i * 37) % 100 for i in range(403)]
    sampler = LengthGroupedSampler(lengths, batch_size=4, seed=0)
    first = list(sampler)
    spreads = [max(part) - min(part) for part in _parts([lengths[row] for row in first[:400]], 4)]
    assert max(spreads) <= 6
    sampler.set_epoch(1)
    assert list(sampler) != first
    assert len(sampler) == 403


def _parts(values: list[int], size: int) -> list[list[int]]:
    return [values[i : i + size] for i in range(0, len(values), size)]
