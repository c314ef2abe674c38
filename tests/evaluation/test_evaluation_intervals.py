from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lorewright.core.errors import EvaluationError
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference, t_quantile

scores = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.25, 0.5, 0.9, 1.0, 1.0]), min_size=4, max_size=30)
per_cluster = st.integers(1, 4)


def ids_and_clusters(numbers: Any, size: int) -> tuple[dict[str, float], dict[str, str]]:
    values = {f"e{place:02}": float(value) for place, value in enumerate(numbers)}
    return values, {f"e{place:02}": f"c{place // size}" for place in range(len(numbers))}


def ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def width(interval: Interval) -> float:
    low, high = ends(interval)
    return high - low


def clustered(generator: Any, count: int, size: int) -> tuple[dict[str, float], dict[str, str]]:
    centres = np.repeat(generator.normal(0.4, 0.15, count), size)
    return ids_and_clusters(np.clip(centres + generator.normal(0, 0.1, len(centres)), 0, 1), size)


def experiment(generator: Any, truth: str, count: int) -> tuple[dict[str, float], dict[str, str], float]:
    """Return values, clusters and the true mean of one drawn experiment."""
    sizes = generator.geometric(0.3, count)
    names = np.repeat(np.arange(count), sizes)
    shares = generator.beta(2, 3, count)[names]
    if truth == "right or wrong":
        values = (generator.random(len(names)) < shares).astype(float)
        mean = 0.4
    elif truth == "rarely right":
        values = (generator.random(len(names)) < shares / 8).astype(float)
        mean = 0.05
    else:
        values = np.where(
            generator.random(len(names)) < 0.3, generator.choice([-0.2, 0.5, 1.0], len(names)), 0.0
        )
        mean = 0.13
    rows = {f"e{place:03}": float(value) for place, value in enumerate(values)}
    return rows, {f"e{place:03}": f"c{name}" for place, name in enumerate(names)}, mean


@pytest.mark.parametrize("truth", ["right or wrong", "rarely right", "a difference that is mostly none"])
@pytest.mark.parametrize(("clusters", "claimed"), [(60, 0.935), (12, 0.93)])
def test_intervals_hold_the_truth_as_often_as_they_say(truth: Any, clusters: Any, claimed: Any) -> None:
    generator = np.random.default_rng(11)
    held, experiments = 0, 300
    for _ in range(experiments):
        values, names, mean = experiment(generator, truth, clusters)
        low, high = ends(paired_difference(values, dict.fromkeys(values, 0.0), names))
        held += low <= mean <= high
    # Three binomial standard deviations below what is claimed: one true run in 700 would fail, and the seed is fixed.
    assert held / experiments >= claimed - 3 * (claimed * (1 - claimed) / experiments) ** 0.5


def test_plain_student_would_hold_the_truth_less_often_where_scores_are_skewed() -> None:
    generator = np.random.default_rng(5)
    held = {"ours": 0, "student": 0}
    for _ in range(400):
        values = (generator.random(50) < 0.1).astype(float)
        low, high = ends(mean_interval(*ids_and_clusters(values, 1)))
        half = t_quantile(49) * values.std(ddof=1) / 50**0.5
        held["ours"] += low <= 0.1 <= high
        held["student"] += abs(values.mean() - 0.1) <= half
    assert held["ours"] >= 0.935 * 400 > held["student"]


def test_rows_of_one_cluster_are_not_independent() -> None:
    values, names = clustered(np.random.default_rng(1), 10, 20)
    assert width(mean_interval(values, names)) > 1.5 * width(mean_interval(values, {}))


def test_one_huge_cluster_leaves_little_to_go_by() -> None:
    generator = np.random.default_rng(4)
    numbers = generator.random(80)
    even = {f"e{n:02}": f"c{n // 4}" for n in range(80)}
    uneven = {f"e{n:02}": "huge" if n < 42 else f"c{n // 2}" for n in range(80)}
    values = {f"e{n:02}": float(number) for n, number in enumerate(numbers)}
    assert width(mean_interval(values, uneven)) > width(mean_interval(values, even))


@given(scores, per_cluster)
def test_an_interval_holds_its_mean_and_stays_within_the_bounds(numbers: Any, size: Any) -> None:
    interval = mean_interval(*ids_and_clusters(numbers, size))
    if interval.clusters < 3:
        assert (interval.low, interval.high) == (None, None)
    else:
        low, high = ends(interval)
        assert 0 <= low <= interval.mean + 1e-9
        assert interval.mean - 1e-9 <= high <= 1


@given(scores, per_cluster, st.randoms(use_true_random=False))
def test_the_order_of_examples_and_the_names_of_clusters_do_not_matter(
    numbers: Any, size: Any, random: Any
) -> None:
    values, names = ids_and_clusters(numbers, size)
    shuffled = list(values.items())
    random.shuffle(shuffled)
    assert mean_interval(dict(shuffled), names) == mean_interval(values, names)
    renamed = mean_interval(values, {key: f"z{9 - int(name[1:])}" for key, name in names.items()})
    assert ends_or_none(renamed) == pytest.approx(ends_or_none(mean_interval(values, names)), abs=1e-9)


@given(scores, scores, per_cluster)
def test_a_difference_turned_round_is_the_same_with_the_other_sign(a: Any, b: Any, size: Any) -> None:
    length = min(len(a), len(b))
    first, names = ids_and_clusters(a[:length], size)
    second, _ = ids_and_clusters(b[:length], size)
    there, back = paired_difference(first, second, names), paired_difference(second, first, names)
    assert there.mean == pytest.approx(-back.mean)
    if there.clusters >= 3:
        low, high = ends(there)
        assert ends(back) == pytest.approx((-high, -low), abs=1e-9)


@given(scores, per_cluster, st.floats(-3, 3), st.floats(0.1, 10))
def test_without_bounds_an_interval_moves_and_grows_with_its_values(
    numbers: Any, size: Any, shift: Any, factor: Any
) -> None:
    values, names = ids_and_clusters(numbers, size)
    changed = {key: factor * value + shift for key, value in values.items()}
    before, after = (mean_interval(rows, names, bounds=(None, None)) for rows in (values, changed))
    if before.clusters >= 3:
        expected = [factor * end + shift for end in ends(before)]
        assert ends(after) == pytest.approx(expected, abs=1e-6)


@given(scores, per_cluster)
def test_repeating_every_example_within_its_cluster_tells_nothing_new(numbers: Any, size: Any) -> None:
    values, names = ids_and_clusters(numbers, size)
    twice = values | {f"{key}again": value for key, value in values.items()}
    again = names | {f"{key}again": name for key, name in names.items()}
    once, repeated = mean_interval(values, names), mean_interval(twice, again)
    assert ends_or_none(repeated) == pytest.approx(ends_or_none(once), abs=1e-9)


@given(scores)
def test_more_clusters_of_the_same_values_make_a_shorter_interval(numbers: Any) -> None:
    assume(len(set(numbers)) > 1)
    values, _ = ids_and_clusters(numbers, 1)
    more = {f"{copy}{key}": value for copy in range(4) for key, value in values.items()}
    assert width(mean_interval(more, {}, bounds=(None, None))) < width(
        mean_interval(values, {}, bounds=(None, None))
    )


@given(scores, st.integers(1, 8))
def test_an_interval_is_never_shorter_than_students(numbers: Any, size: Any) -> None:
    assume(len(set(numbers)) > 1)
    interval = mean_interval(*ids_and_clusters_of(np.repeat(numbers, size), size), bounds=(None, None))
    half = t_quantile(len(numbers) - 1) * np.std(numbers, ddof=1) / len(numbers) ** 0.5
    low, high = ends(interval)
    assert low <= interval.mean - half + 1e-9
    assert high >= interval.mean + half - 1e-9


@given(st.lists(st.integers(0, 99), min_size=4, max_size=30, unique=True), st.integers(1, 8))
def test_equal_clusters_without_ties_have_students_interval_but_for_the_longer_tail(
    numbers: Any, size: Any
) -> None:
    values = np.array(numbers) / 99
    interval = mean_interval(*ids_and_clusters_of(np.repeat(values, size), size), bounds=(None, None))
    low, high = ends(interval)
    half = t_quantile(len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5
    assert min(interval.mean - low, high - interval.mean) == pytest.approx(half)


def test_few_changes_among_many_ties_tell_little_of_how_far_values_spread() -> None:
    values = {f"e{i}": 0.05 * (i == 3) for i in range(8)}
    low, high = ends(mean_interval(values, {}, bounds=(-1, 1)))
    assert high > values["e3"]
    assert low < 0


def ids_and_clusters_of(numbers: Any, size: int) -> tuple[dict[str, float], dict[str, str]]:
    values = {f"e{place:03}": float(value) for place, value in enumerate(numbers)}
    return values, {f"e{place:03}": f"c{place // size:02}" for place in range(len(numbers))}


def ends_or_none(interval: Interval) -> tuple[float, float] | None:
    return None if interval.low is None else ends(interval)


def test_fewer_than_three_clusters_give_no_interval() -> None:
    one = mean_interval({"a": 0.2, "b": 0.4}, {"a": "x", "b": "x"})
    assert one.mean == pytest.approx(0.3)
    two = mean_interval({"a": 0.2, "b": 0.4}, {})
    assert (one.low, one.high, two.low, two.high) == (None, None, None, None)
    assert mean_interval({"a": 0.2, "b": 0.4, "c": 0.3}, {}).low is not None


def test_ten_clusters_that_agree_do_not_prove_certainty() -> None:
    interval = mean_interval({f"e{i}": 1.0 for i in range(10)}, {})
    # exact binomial: 0.025 ** (1 / 10)
    assert interval.low == pytest.approx(0.6915, abs=1e-4)
    assert interval.high == 1.0


def test_one_gain_among_fifty_proves_nothing() -> None:
    gains = {f"e{i:02}": float(i == 7) for i in range(50)}
    low, high = ends(paired_difference(gains, dict.fromkeys(gains, 0.0), {}))
    assert low < 0
    # as far as the exact binomial interval of 1 in 50 reaches, 0.106, or further
    assert high > 0.1


def test_a_paired_difference_is_surer_than_its_two_sides() -> None:
    generator = np.random.default_rng(2)
    easy = {f"e{i:02}": float(generator.random()) for i in range(60)}
    harder = {key: value * 0.9 for key, value in easy.items()}
    difference = paired_difference(easy, harder, {})
    assert ends(difference)[0] > 0
    assert difference.mean == pytest.approx(sum(easy.values()) / 600)


def test_systems_that_answered_different_examples_are_not_compared() -> None:
    with pytest.raises(EvaluationError, match=r"1 examples were answered by only one .* such as b"):
        paired_difference({"a": 1.0, "b": 1.0}, {"a": 1.0}, {})


def test_no_scores_and_scores_that_are_no_numbers_are_errors() -> None:
    with pytest.raises(EvaluationError, match="no scores"):
        mean_interval({}, {})
    with pytest.raises(EvaluationError, match="example a is nan"):
        mean_interval({"a": float("nan"), "b": 1.0}, {})


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (10, 2.2281), (60, 2.0003)]
)
def test_t_quantiles_agree_with_the_tables(degrees: Any, expected: Any) -> None:
    assert t_quantile(degrees) == pytest.approx(expected, abs=0.02)
