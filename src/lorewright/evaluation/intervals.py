"""Intervals for means and paired differences over whole clusters of examples.

Questions made from one document, or logs drawn from one template, are right or wrong together; counting rows would
claim far more certainty than there is. `docs/evaluation.md` says how often the intervals hold the truth.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lorewright.core.errors import EvaluationError

Array = NDArray[np.float64]

ENOUGH_CLUSTERS = 50
FEWEST_CLUSTERS = 3
_LEVEL = 0.95
_NORMAL_QUANTILE = 1.959963984540054
# Both found by simulation (benchmarks/coverage.py): among about so few clusters the skewness that is seen is far too
# small, and those that are like most others tell nothing of how far values spread.
_TOO_FEW_FOR_SKEWNESS = 6
_TOO_FEW_FOR_TIES = 14


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% interval; with fewer than three clusters there is none and both ends are None.

    Attributes:
        mean: Over examples.
        clusters: How many independent clusters it rests on.
        n: How many examples.
    """

    mean: float
    low: float | None
    high: float | None
    clusters: int
    n: int

    @property
    def few(self) -> bool:
        """Whether there are too few clusters for the interval to be relied upon."""
        return self.clusters < ENOUGH_CLUSTERS


def paired_difference(
    a: Mapping[str, float],
    b: Mapping[str, float],
    clusters: Mapping[str, str],
    *,
    span: float | None = 1.0,
) -> Interval:
    """Return the mean of `a - b` over examples, with its interval over clusters.

    Args:
        a: Value by example id.
        b: Value of the same examples.
        clusters: Cluster by example id; an example without one is its own cluster.
        span: Largest possible absolute difference, None when unbounded (see `mean_interval`).

    Raises:
        EvaluationError: There is nothing to compare, or the two hold different examples.
    """
    if a.keys() != b.keys():
        lacking = sorted(a.keys() ^ b.keys())
        raise EvaluationError(
            f"{len(lacking)} examples were answered by only one of the two systems, such as {lacking[0]}",
            hint="lore evaluate",
        )
    differences = {example_id: a[example_id] - b[example_id] for example_id in a}
    low = None if span is None else -span
    return mean_interval(differences, clusters, bounds=(low, span))


def mean_interval(
    values: Mapping[str, float],
    clusters: Mapping[str, str],
    *,
    bounds: tuple[float | None, float | None] = (0.0, 1.0),
) -> Interval:
    """Return the mean over examples, with its 95% interval over clusters; the same values give the same interval.

    The interval is Student's t about the mean with a standard error robust to clusters (the CR2 correction of Bell and
    McCaffrey 2002, for clusters that are right or wrong as a whole), made longer on the side to which the clusters are
    skewed (Hall 1992, "On the removal of skewness by transformation", in the form of a score interval, which has no
    pole). It is never shorter than Student's. Where all clusters agree there is no spread to go by: the interval then
    is the exact binomial one, "a different value was seen 0 times in g", over the bounds.

    Args:
        values: Value by example id.
        clusters: Cluster by example id; an example without one is its own cluster.
        bounds: The least and largest possible value, None where there is none.

    Raises:
        EvaluationError: There are no values, or one is not finite.
    """
    sums, sizes = _cluster_sums(values, clusters)
    mean, count = float(sums.sum() / sizes.sum()), len(sums)
    interval = Interval(mean=mean, low=None, high=None, clusters=count, n=len(values))
    if count < FEWEST_CLUSTERS:
        return interval
    shares = sizes / sizes.sum()
    apart = sums / sizes - mean
    if np.abs(apart).max() <= 1e-12:
        low, high = _unanimous(mean, shares, bounds)
    else:
        low, high = _ends(mean, shares, apart)
    least, largest = bounds
    return Interval(
        mean=mean,
        low=low if least is None else max(low, least),
        high=high if largest is None else min(high, largest),
        clusters=count,
        n=len(values),
    )


def t_quantile(degrees: float) -> float:
    """Return Student's t at 97.5%: exact for 1 and 2 degrees, else by expansion to within 0.02 (0.0001 from 10 on).

    The expansion is Abramowitz and Stegun 26.7.5.
    """
    if degrees < 2:
        # Between the two exact values the logarithm is close to linear.
        return math.exp(math.log(12.7062047) + (degrees - 1) * math.log(4.30265273 / 12.7062047))
    if degrees == 2:
        return 4.30265273
    z = _NORMAL_QUANTILE
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / degrees**power for power, term in enumerate(terms))


def _cluster_sums(values: Mapping[str, float], clusters: Mapping[str, str]) -> tuple[Array, Array]:
    if not values:
        raise EvaluationError("there are no scores to average", hint="lore evaluate")
    totals: dict[str, list[float]] = {}
    for example_id in sorted(values):
        if not math.isfinite(values[example_id]):
            raise EvaluationError(
                f"the score of example {example_id} is {values[example_id]}", hint="lore evaluate"
            )
        total = totals.setdefault(clusters.get(example_id) or example_id, [0.0, 0.0])
        total[0] += values[example_id]
        total[1] += 1
    table = np.array([totals[name] for name in sorted(totals)], dtype=np.float64)
    return table[:, 0], table[:, 1]


def _ends(mean: float, shares: Array, apart: Array) -> tuple[float, float]:
    """Return the ends of the interval, from each cluster's share of the examples and its distance from the mean."""
    count, weights = len(shares), 1 / (1 - 2 * shares + (shares**2).sum())
    unit = float(np.abs(apart).max())
    parts = shares * (apart / unit) * np.sqrt(weights)
    error = math.sqrt((parts**2).sum())
    small_sample = math.sqrt(count * (count - 1)) / (count - 2) * (1 + (_TOO_FEW_FOR_SKEWNESS / count) ** 2)
    skewness = float(((parts / error) ** 3).sum()) * small_sample
    t = t_quantile(max(min(_degrees(shares, shares**2 * weights), _degrees_of_ties(apart / unit)), 1.0))
    # To second order the ends are mean + error * (±t + skewness * (2 t² + 1) / 6).
    lean = skewness * (2 * t**2 + 1) / (6 * t)
    root = math.sqrt(1 + lean**2)
    reach = t * error * unit
    return mean + reach * min(lean - root, -1.0), mean + reach * max(lean + root, 1.0)


def _degrees(shares: Array, weights: Array) -> float:
    """Return the degrees of freedom of the standard error: clusters of very unequal size are worth few.

    Half-way between the number of equal clusters with the same error, less one, and Satterthwaite's, which is too
    cautious where one cluster is far larger than the others. The latter is trace(A)² / trace(A²) for the matrix
    A = (I - 1 s')' W (I - 1 s') of the variance as a form in the clusters' means, with s shares and W weights.
    """
    equal = 1 / (shares**2).sum() - 1
    total, squares, cross = weights.sum(), (shares**2).sum(), (shares * weights).sum()
    trace = total - 2 * cross + total * squares
    trace_of_square = (
        (weights**2).sum()
        - 4 * (shares * weights**2).sum()
        + 2 * total * (shares**2 * weights).sum()
        + 2 * cross**2
        + 2 * (weights**2).sum() * squares
        - 4 * total * cross * squares
        + (total * squares) ** 2
    )
    return float(equal + trace**2 / trace_of_square) / 2


def _degrees_of_ties(apart: Array) -> float:
    """Return the most degrees of freedom where many clusters have the same value, as differences that are mostly 0."""
    ties = np.unique(apart.round(9), return_counts=True)[1].max()
    return float(len(apart) - ties + 1) * max(len(apart) / _TOO_FEW_FOR_TIES, 1.0)


def _unanimous(mean: float, shares: Array, bounds: tuple[float | None, float | None]) -> tuple[float, float]:
    unseen = 1 - ((1 - _LEVEL) / 2) ** float((shares**2).sum())
    least, largest = bounds
    low = mean if least is None else mean - unseen * (mean - least)
    high = mean if largest is None else mean + unseen * (largest - mean)
    return low, high
