"""How long examples are in tokens, and what becomes of those that are longer than a model reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

QUANTILES = (0.5, 0.9, 0.99, 1.0)
_MOST_BARS = 16
_STEPS = (1, 2, 5)


class Length(NamedTuple):
    """One example in tokens.

    Attributes:
        split: Its set.
        task: Its task.
        prompt: Tokens before the answer.
        answer: Tokens of the answer, the end mark included.
        is_kept: Whether training takes it; what is longer than the limit is left out whole.
        ends: Whether its last token is the end mark.
    """

    split: str
    task: str
    prompt: int
    answer: int
    is_kept: bool
    ends: bool

    @property
    def total(self) -> int:
        """All tokens."""
        return self.prompt + self.answer


class Bar(NamedTuple):
    """Examples with at least `first` and less than `end` tokens."""

    first: int
    end: int
    examples: int


@dataclass(frozen=True)
class Spread:
    """Lengths of some examples: how many, all tokens together, and the length that a share of them does not exceed."""

    examples: int
    tokens: int
    quantiles: Mapping[float, int]


@dataclass(frozen=True)
class Fate:
    """What becomes of examples under a limit of length.

    Attributes:
        kept: Trained on.
        left_out: Longer than the limit: `lore train` leaves them out whole, and says so.
        cut: Of these, those whose answer a trainer that cuts would shorten; the end is lost, so it teaches no stopping.
        dropped: Of these, those of whose answer nothing would be left, for the prompt alone fills the limit.
        unsupervised: Kept, but of the answer there is nothing except its end mark.
        without_end: Kept, but the end mark is missing.
    """

    kept: int
    left_out: int
    cut: int
    dropped: int
    unsupervised: int
    without_end: int


def fate(lengths: Iterable[Length], *, max_length: int) -> Fate:
    """Return what becomes of examples when no more than `max_length` tokens are read."""
    counts = dict.fromkeys(Fate.__dataclass_fields__, 0)
    for one in lengths:
        counts["kept" if one.is_kept else "left_out"] += 1
        if not one.is_kept:
            counts["dropped" if one.prompt >= max_length else "cut"] += 1
        else:
            counts["unsupervised"] += one.answer <= 1
            counts["without_end"] += not one.ends
    return Fate(**counts)


def spread(lengths: Sequence[Length]) -> Spread:
    """Return how lengths are spread; each quantile is the length of an example."""
    totals = np.array([one.total for one in lengths], dtype=np.int64)
    found = np.quantile(totals, QUANTILES, method="higher") if len(totals) else np.zeros(len(QUANTILES))
    quantiles = {share: int(value) for share, value in zip(QUANTILES, found, strict=True)}
    return Spread(len(totals), int(totals.sum()), quantiles)


def spread_by(lengths: Sequence[Length], name: str) -> dict[str, Spread]:
    """Return how lengths are spread for each value of `split` or `task`, in order of appearance."""
    members: dict[str, list[Length]] = {}
    for one in lengths:
        members.setdefault(getattr(one, name), []).append(one)
    return {value: spread(own) for value, own in members.items()}


def histogram(lengths: Sequence[Length]) -> list[Bar]:
    """Return how many examples there are of each length, in bars of one round width."""
    longest = max((one.total for one in lengths), default=0)
    width = _round_width(longest)
    counts = [0] * (longest // width + 1)
    for one in lengths:
        counts[one.total // width] += 1
    return [Bar(number * width, (number + 1) * width, count) for number, count in enumerate(counts)]


def _round_width(longest: int) -> int:
    """Return 1, 2 or 5 times a power of ten, so that bars up to the longest are few."""
    power = 1
    while True:
        for step in _STEPS:
            if longest // (step * power) + 1 <= _MOST_BARS:
                return step * power
        power *= 10


def as_json(one: Spread) -> dict[str, Any]:
    """Return a spread as JSON values, quantiles as `p50`, `p90`, `p99` and `longest`."""
    named = {("longest" if share == 1 else f"p{share * 100:.0f}"): n for share, n in one.quantiles.items()}
    return {"examples": one.examples, "tokens": one.tokens, **named}
