"""How often 95% intervals hold the truth, and how often a verdict claims a gain that is none; `docs/evaluation.md`.

    python benchmarks/coverage.py [--experiments 2000] [--seed 3]

Each experiment draws test examples in clusters whose truth is known, and asks the public functions. It takes about
five minutes on one core; nothing is trained and nothing is read.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lorewright.evaluation.comparing import Compared, compare, is_sure_gain
from lorewright.evaluation.intervals import ENOUGH_CLUSTERS, Interval, mean_interval, paired_difference
from lorewright.evaluation.verdict import decide

Array = NDArray[np.float64]
Generator = np.random.Generator
Rows = tuple[Array, Array | None]

FEW = (3, 5, 8, 12, 20, 30, 49)
MANY = (50, 60, 100, 200)


@dataclass(frozen=True)
class Truth:
    """A way to draw the scores of one system, or of two on the same examples.

    Attributes:
        draw: From a generator, the cluster of each row and its size to one or two scores a row.
        bounds: Of one score.
        coarse: Whether so few values are likely that no interval can hold the truth in 95%: only more or less.
    """

    name: str
    draw: Callable[[Generator, NDArray[np.int64], Array], Rows]
    bounds: tuple[float | None, float | None] = (0.0, 1.0)
    coarse: bool = False


def right_or_wrong(share: float, alike: float) -> Callable[[Generator, NDArray[np.int64], Array], Rows]:
    """Answers are right with a probability that is a cluster's own; `alike` is their correlation in a cluster."""

    def draw(generator: Generator, names: NDArray[np.int64], _sizes: Array) -> Rows:
        own = _beta(generator, share, alike, names)
        return (generator.random(len(names)) < own).astype(float), None

    return draw


def easier_where_larger(generator: Generator, names: NDArray[np.int64], sizes: Array) -> Rows:
    own = np.clip(0.3 + 0.05 * sizes + generator.normal(0, 0.15, names[-1] + 1)[names], 0, 1)
    return (generator.random(len(names)) < own).astype(float), None


def token_f1_like(generator: Generator, names: NDArray[np.int64], _sizes: Array) -> Rows:
    own = 6 * _beta(generator, 0.4, 0.3, names)
    some = generator.random(len(names)) < 0.7
    scores: Array = some * generator.beta(own + 1e-3, 6 - own + 1e-3)
    return scores, None


def tenths(generator: Generator, names: NDArray[np.int64], _sizes: Array) -> Rows:
    return generator.binomial(10, _beta(generator, 0.85, 0.2, names)) / 10, None


def answer_loss(spread: float) -> Callable[[Generator, NDArray[np.int64], Array], Rows]:
    """Nats a token are log-normal; half of the spread is between clusters."""

    def draw(generator: Generator, names: NDArray[np.int64], _sizes: Array) -> Rows:
        between = generator.normal(0, spread * 0.5**0.5, names[-1] + 1)[names]
        return np.exp(0.5 + between + generator.normal(0, spread * 0.5**0.5, len(names))), None

    return draw


def flips(gains: float, losses: float) -> Callable[[Generator, NDArray[np.int64], Array], Rows]:
    """Two systems agree on most answers; one is right where the other is wrong, oftener in some clusters."""

    def draw(generator: Generator, names: NDArray[np.int64], _sizes: Array) -> Rows:
        often = np.minimum(generator.gamma(2, 0.5, names[-1] + 1), 1 / (gains + losses))[names]
        luck, common = generator.random(len(names)), (generator.random(len(names)) < 0.5).astype(float)
        gained, lost = luck < often * gains, (luck >= often * gains) & (luck < often * (gains + losses))
        return np.where(gained, 1.0, np.where(lost, 0.0, common)), np.where(
            gained, 0.0, np.where(lost, 1.0, common)
        )

    return draw


def f1_changes(generator: Generator, names: NDArray[np.int64], sizes: Array) -> Rows:
    before, _ = token_f1_like(generator, names, sizes)
    moved = generator.random(len(names)) < 0.4
    lean = generator.normal(0.05, 0.1, names[-1] + 1)[names]
    return np.clip(before + moved * (lean + generator.normal(0, 0.25, len(names))), 0, 1), before


def field_changes(generator: Generator, names: NDArray[np.int64], sizes: Array) -> Rows:
    before, _ = tenths(generator, names, sizes)
    step = generator.choice([-1, 0, 0, 0, 0, 0, 1, 1, 3], len(names)) / 10
    return np.clip(before + step, 0, 1), before


TRUTHS = (
    Truth("right or wrong, half, alike 0.3", right_or_wrong(0.5, 0.3)),
    Truth("right or wrong, half, alike 0.02", right_or_wrong(0.5, 0.02)),
    Truth("right or wrong, a fifth, alike 0.6", right_or_wrong(0.2, 0.6)),
    Truth("right or wrong, nine tenths, alike 0.3", right_or_wrong(0.9, 0.3)),
    Truth("right or wrong, 0.02", right_or_wrong(0.02, 0.1), coarse=True),
    Truth("right or wrong, 0.98", right_or_wrong(0.98, 0.1), coarse=True),
    Truth("easier in large clusters", easier_where_larger),
    Truth("token F1: many zeros", token_f1_like),
    Truth("field accuracy: tenths", tenths),
    Truth("answer loss, log-normal 0.5", answer_loss(0.5), (0.0, None)),
    Truth("answer loss, log-normal 1.0", answer_loss(1.0), (0.0, None)),
    Truth("difference: flips 10% against 10%", flips(0.1, 0.1)),
    Truth("difference: flips 20% against 10%", flips(0.2, 0.1)),
    Truth("difference: flips 5% against 1%", flips(0.05, 0.01)),
    Truth("difference: flips 2% against none", flips(0.02, 0.0), coarse=True),
    Truth("difference: token F1 on two fifths", f1_changes),
    Truth("difference: field accuracy", field_changes),
)


def _beta(generator: Generator, mean: float, alike: float, names: NDArray[np.int64]) -> Array:
    total = 1 / alike - 1
    own: Array = generator.beta(mean * total, (1 - mean) * total, names[-1] + 1)
    return own[names]


def sizes_of(shape: str, generator: Generator, clusters: int) -> NDArray[np.int64]:
    """Return how many examples the clusters have: one each, geometric, or one with a fifth of all."""
    if shape == "one each":
        return np.ones(clusters, dtype=np.int64)
    if shape == "geometric":
        return generator.geometric(0.3, clusters).astype(np.int64)
    sizes = np.full(clusters, 3, dtype=np.int64)
    sizes[0] = max(3 * (clusters - 1) // 4, 3)
    return sizes


SHAPES = ("one each", "geometric", "one huge")


def rows_of(generator: Generator, truth: Truth, shape: str, clusters: int) -> tuple[NDArray[np.int64], Rows]:
    """Return the cluster of each row of one experiment, and its scores."""
    sizes = sizes_of(shape, generator, clusters)
    names = np.repeat(np.arange(clusters), sizes)
    return names, truth.draw(generator, names, sizes[names].astype(float))


def interval_of(truth: Truth, names: NDArray[np.int64], rows: Rows) -> Interval:
    """Return what the package says of one experiment."""
    ids = [f"e{place}" for place in range(len(names))]
    clusters = {key: f"c{name}" for key, name in zip(ids, names.tolist(), strict=True)}
    first = dict(zip(ids, rows[0].tolist(), strict=True))
    if rows[1] is None:
        return mean_interval(first, clusters, bounds=truth.bounds)
    return paired_difference(first, dict(zip(ids, rows[1].tolist(), strict=True)), clusters)


def true_mean(generator: Generator, truth: Truth, shape: str, clusters: int) -> float:
    """Return the mean over examples of about 200,000 clusters."""
    total = count = 0.0
    for _ in range(max(200_000 // clusters, 1)):
        _, (first, second) = rows_of(generator, truth, shape, clusters)
        total += float((first if second is None else first - second).sum())
        count += len(first)
    return total / count


def coverage(seed: int, truth: Truth, shape: str, clusters: int, experiments: int) -> float:
    """Return the share of experiments whose interval holds the truth."""
    mean = true_mean(np.random.default_rng(seed + 10_000), truth, shape, clusters)
    generator = np.random.default_rng(seed)
    held = 0
    for _ in range(experiments):
        found = interval_of(truth, *rows_of(generator, truth, shape, clusters))
        assert found.low is not None
        assert found.high is not None
        assert found.few == (clusters < ENOUGH_CLUSTERS)
        held += found.low - 1e-12 <= mean <= found.high + 1e-12
    return held / experiments


@dataclass(frozen=True)
class Contest:
    """Systems whose true scores are known: no tuned one is better than the best alternative by anything.

    Attributes:
        leads: By system, how much higher it truly scores than the first alternative.
        noise: By system, its spread about the score that an example has with all systems; 0.2 where none is given.
    """

    name: str
    leads: Mapping[str, float]
    noise: Mapping[str, float]


CONTESTS = (
    Contest("tuned, one alternative", {"base": 0, "tuned": 0}, {}),
    Contest("both tuned, one alternative", {"base": 0, "tuned": 0, "tuned+rag": 0}, {}),
    Contest(
        "both tuned, five alternatives",
        dict.fromkeys(("base", "base+rag", "retrieval", "office/a", "office/b", "tuned", "tuned+rag"), 0.0),
        {},
    ),
    Contest(
        "the best alternative is 0.03 better but uneven",
        {"base": 0, "office/a": 0.05, "tuned": 0.02, "tuned+rag": 0.02},
        {"base": 0.02, "tuned": 0.02, "tuned+rag": 0.02, "office/a": 0.5},
    ),
    Contest("truly better by 0.10", {"base": 0, "retrieval": 0, "tuned": 0.1, "tuned+rag": 0.1}, {}),
)


def compared(generator: Generator, contest: Contest, clusters: int) -> Compared:
    """Return what the package says of systems on one drawn test set."""
    names = np.repeat(np.arange(clusters), generator.geometric(0.4, clusters))
    ids = [f"e{place}" for place in range(len(names))]
    common = 0.45 + generator.normal(0, 0.1, clusters)[names]
    values = {}
    for system, lead in contest.leads.items():
        spread = contest.noise.get(system, 0.2)
        own = generator.normal(0, spread / 2, clusters)[names] + generator.normal(0, spread, len(names))
        values[system] = dict(zip(ids, (common + lead + own).tolist(), strict=True))
    means = {system: sum(rows.values()) / len(rows) for system, rows in values.items()}
    groups = {key: f"c{name}" for key, name in zip(ids, names.tolist(), strict=True)}
    return compare(values, means, groups, min_gain=0.0)


def claims(seed: int, contest: Contest, clusters: int, experiments: int) -> tuple[float, float]:
    """Return how often a verdict calls a tuned system better; and how often beating the best alternative would do."""
    generator, made, loose = np.random.default_rng(seed), 0, 0
    for _ in range(experiments):
        found = compared(generator, contest, clusters)
        made += decide(found, min_gain=0.0)[0] in {"tuned", "tuned+rag"}
        loose += any(
            is_sure_gain(found.gaps[name], 0.0) for name in ("tuned", "tuned+rag") if name in found.gaps
        )
    return made / experiments, loose / experiments


def lines(seed: int, experiments: int) -> Iterator[str]:
    yield "| scores | clusters | least of few | least of many | most of many |"
    yield "|---|---|---|---|---|"
    wide = []
    for truth in TRUTHS:
        for shape in SHAPES:
            few, many = (
                {count: coverage(seed, truth, shape, count, experiments) for count in counts}
                for counts in (FEW, MANY)
            )
            low, least, most = min(few, key=few.__getitem__), min(many.values()), max(many.values())
            yield (
                f"| {truth.name}{' *' * truth.coarse} | {shape} | {100 * few[low]:.1f} ({low}) | {100 * least:.1f} | "
                f"{100 * most:.1f} |"
            )
            wide += [] if truth.coarse else list(many.values())
    yield f"\nMedian of many clusters, without *: {100 * float(np.median(wide)):.1f}%"
    yield "\n| no gain is true | clusters | claimed | by beating the best alone |\n|---|---|---|---|"
    for contest in CONTESTS:
        for count in (8, 20, 60, 200):
            made, loose = claims(seed, contest, count, experiments)
            yield f"| {contest.name} | {count} | {100 * made:.1f}% | {100 * loose:.1f}% |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=3)
    chosen = parser.parse_args()
    for line in lines(chosen.seed, chosen.experiments):
        print(line, flush=True)
    print(f"\n{time.process_time():.0f} CPU-seconds")


if __name__ == "__main__":
    main()
