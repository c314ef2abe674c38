from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import EvaluationError
from lorewright.evaluation.bootstrap import Interval, mean_interval, paired_difference, t_quantile


def draw(generator: Any, clusters: Any, sizes: Any) -> Any:
    values, names = {}, {}
    for cluster in range(clusters):
        centre = generator.normal(0.1, 0.2)
        for number in range(sizes(generator)):
            key = f"{cluster:03}-{number:03}"
            values[key] = centre + generator.normal(0, 0.3)
            names[key] = f"c{cluster}"
    return values, names


def ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def width(interval: Interval) -> float:
    low, high = ends(interval)
    return high - low


@pytest.mark.parametrize(("clusters", "least"), [(8, 0.90), (50, 0.92)])
def test_intervals_cover_the_truth_about_as_often_as_they_say(clusters: Any, least: Any) -> None:
    generator = np.random.default_rng(3)
    covered = 0
    for experiment in range(300):
        values, names = draw(generator, clusters, lambda g: int(g.integers(1, 6)))
        interval = mean_interval(values, names, seed=experiment, resamples=400, bounds=(None, None))
        low, high = ends(interval)
        covered += low <= 0.1 <= high
    assert covered / 300 >= least


def test_rows_of_one_cluster_are_not_independent() -> None:
    values, names = draw(np.random.default_rng(1), 10, lambda g: 20)
    by_cluster = mean_interval(values, names, seed=1, bounds=(None, None))
    by_row = mean_interval(values, {}, seed=1, bounds=(None, None))
    assert width(by_cluster) > 1.5 * width(by_row)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.integers(1, 5))
def test_an_interval_holds_its_mean_and_stays_within_the_bounds(numbers: Any, per_cluster: Any) -> None:
    values = {f"e{i:02}": value for i, value in enumerate(numbers)}
    names = {f"e{i:02}": f"c{i // per_cluster}" for i in range(len(numbers))}
    interval = mean_interval(values, names, seed=0, resamples=200)
    if interval.clusters == 1:
        assert interval.low is None
    else:
        low, high = ends(interval)
        assert 0 <= low <= interval.mean + 1e-9
        assert interval.mean - 1e-9 <= high <= 1


def test_one_cluster_gives_no_interval() -> None:
    interval = mean_interval({"a": 0.2, "b": 0.4}, {"a": "x", "b": "x"}, seed=0)
    assert interval.mean == pytest.approx(0.3)
    assert interval.low is None
    assert interval.high is None


def test_ten_clusters_that_agree_do_not_prove_certainty() -> None:
    values = {f"e{i}": 1.0 for i in range(10)}
    interval = mean_interval(values, {}, seed=0)
    # exact binomial: 0.025 ** (1 / 10)
    assert interval.low == pytest.approx(0.6915, abs=1e-4)
    assert interval.high == 1.0


def test_the_order_of_examples_does_not_matter_and_the_seed_does() -> None:
    values, names = draw(np.random.default_rng(5), 12, lambda g: 3)
    backwards = dict(reversed(list(values.items())))
    first = mean_interval(values, names, seed=1, bounds=(None, None))
    assert mean_interval(backwards, names, seed=1, bounds=(None, None)) == first
    assert mean_interval(values, names, seed=2, bounds=(None, None)) != first


def test_a_paired_difference_is_surer_than_its_two_sides() -> None:
    generator = np.random.default_rng(2)
    easy = {f"e{i:02}": float(generator.random()) for i in range(60)}
    harder = {key: value * 0.9 for key, value in easy.items()}
    difference = paired_difference(easy, harder, {}, seed=0)
    assert ends(difference)[0] > 0
    assert difference.mean == pytest.approx(sum(easy.values()) / 600)


def test_systems_that_answered_different_examples_are_not_compared() -> None:
    with pytest.raises(EvaluationError, match=r"1 examples were answered by only one .* such as b"):
        paired_difference({"a": 1.0, "b": 1.0}, {"a": 1.0}, {}, seed=0)


def test_no_scores_and_scores_that_are_no_numbers_are_errors() -> None:
    with pytest.raises(EvaluationError, match="no scores"):
        mean_interval({}, {}, seed=0)
    with pytest.raises(EvaluationError, match="example a is nan"):
        mean_interval({"a": float("nan"), "b": 1.0}, {}, seed=0)


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (10, 2.2281), (60, 2.0003)]
)
def test_t_quantiles_agree_with_the_tables(degrees: Any, expected: Any) -> None:
    assert t_quantile(degrees) == pytest.approx(expected, abs=0.02)
