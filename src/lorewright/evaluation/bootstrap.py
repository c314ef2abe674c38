"""Intervals for means and paired differences, resampling whole clusters of examples.

Questions made from one document, or logs drawn from one template, are right or wrong together; resampling rows would
claim far more certainty than there is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lorewright.core.errors import EvaluationError

Array = NDArray[np.float64]

ENOUGH_CLUSTERS = 50
_LEVEL = 0.95
_NORMAL_QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% interval; with a single cluster there is none and both ends are None.

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
    seed: int,
    resamples: int = 2000,
    span: float | None = 1.0,
) -> Interval:
    """Return the mean of `a - b` over examples, with its interval by a paired cluster bootstrap.

    Args:
        a: Value by example id.
        b: Value of the same examples.
        clusters: Cluster by example id; an example without one is its own cluster.
        seed: Same seed, same interval.
        resamples: How often the clusters are drawn with replacement.
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
    return mean_interval(differences, clusters, seed=seed, resamples=resamples, bounds=(low, span))


def mean_interval(
    values: Mapping[str, float],
    clusters: Mapping[str, str],
    *,
    seed: int,
    resamples: int = 2000,
    bounds: tuple[float | None, float | None] = (0.0, 1.0),
) -> Interval:
    """Return the mean over examples, with its 95% interval by a cluster bootstrap.

    Percentiles of the resampled means are stretched about the mean by `t / z * sqrt(g / (g - 1))` for `g` effective
    clusters (Hesterberg 2015, "What teachers should know about the bootstrap": plain percentiles are too narrow in
    small samples). `g` is `(sum m)**2 / sum m**2` over cluster sizes `m`: a few huge clusters are worth little.
    Where all clusters agree nothing can be resampled: the interval then is the exact binomial one, "a different
    value was seen 0 times in g", over the bounds.

    Args:
        values: Value by example id.
        clusters: Cluster by example id; an example without one is its own cluster.
        seed: Same seed, same interval.
        resamples: How often the clusters are drawn with replacement.
        bounds: The least and largest possible value, None where there is none.

    Raises:
        EvaluationError: There are no values, or one is not finite.
    """
    sums, sizes = _cluster_sums(values, clusters)
    mean, count = float(sums.sum() / sizes.sum()), len(sums)
    interval = Interval(mean=mean, low=None, high=None, clusters=count, n=len(values))
    if count < 2:
        return interval
    effective = float(sizes.sum() ** 2 / (sizes**2).sum())
    if np.allclose(sums / sizes, mean, rtol=0, atol=1e-12):
        low, high = _unanimous(mean, effective, bounds)
    else:
        low, high = _resampled(mean, sums, sizes, effective, _draws(count, resamples, seed))
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


@lru_cache(maxsize=4)
def _draws(count: int, resamples: int, seed: int) -> Array:
    # How often each cluster is drawn, a row a resample; the same for every system and metric of a test set.
    generator = np.random.default_rng(seed)
    return generator.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)


def _resampled(mean: float, sums: Array, sizes: Array, effective: float, draws: Array) -> tuple[float, float]:
    tail = (1 - _LEVEL) / 2
    edges = np.quantile((draws @ sums) / (draws @ sizes), [tail, 1 - tail])
    degrees = max(effective - 1, 1.0)
    stretch = t_quantile(degrees) / _NORMAL_QUANTILE * math.sqrt((degrees + 1) / degrees)
    return float(mean + stretch * (edges[0] - mean)), float(mean + stretch * (edges[1] - mean))


def _unanimous(
    mean: float, effective: float, bounds: tuple[float | None, float | None]
) -> tuple[float, float]:
    unseen = 1 - ((1 - _LEVEL) / 2) ** (1 / effective)
    least, largest = bounds
    low = mean if least is None else mean - unseen * (mean - least)
    high = mean if largest is None else mean + unseen * (largest - mean)
    return low, high
