"""How far two models' next-token distributions lie apart, and how far they may."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from lorewright.core.errors import ExportError

if TYPE_CHECKING:
    import numpy as np

TOP_TOKENS = 100
# Runtimes compute probabilities in float32, whose logarithm means nothing far below this.
LOWEST_LOGPROB = -46.0


@dataclass(frozen=True)
class Difference:
    """The distance between two models, over positions and the whole vocabulary.

    Attributes:
        positions: Distributions compared.
        max_logprob: Largest absolute difference of a natural-log probability, over tokens that the reference
            gives more than 1e-20.
        max_top_logprob: The same over the reference's 100 likeliest tokens of each position.
        mean_kl: Kullback-Leibler divergence from the reference in nats, averaged over positions.
        max_kl: Its largest value.
        same_first: Share of positions where both find the same token likeliest.
    """

    positions: int
    max_logprob: float
    max_top_logprob: float
    mean_kl: float
    max_kl: float
    same_first: float

    def as_figures(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


@dataclass(frozen=True)
class Gate:
    """The figure that decides, and the largest value it may have."""

    figure: Literal["max_logprob", "max_top_logprob", "mean_kl"]
    limit: float


# By how the compared copy is stored, and one for the runtime's own rounding of attention on top. Rounding of
# 16-bit and 8-bit weights shows first in tokens that are never chosen, so there the gate looks at likely tokens
# or at the whole distribution.
GATES = {
    "f32": Gate("max_logprob", 0.01),
    "f16": Gate("max_top_logprob", 0.02),
    "q8_0": Gate("mean_kl", 1e-3),
    "served": Gate("mean_kl", 2e-3),
    "float32": Gate("max_logprob", 0.01),
    "float16": Gate("max_top_logprob", 0.02),
    "bfloat16": Gate("mean_kl", 1e-3),
}


def difference(reference: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> Difference:
    """Return how far natural-log probabilities lie from a reference; both (positions, vocabulary)."""
    import numpy as np

    other = np.maximum(other, 2 * LOWEST_LOGPROB)
    gaps = np.abs(reference - other)
    gaps[reference < LOWEST_LOGPROB] = 0.0
    top = min(TOP_TOKENS, reference.shape[1])
    likely = np.argpartition(-reference, top - 1, axis=1)[:, :top]
    terms = np.exp(reference) * (reference - other)
    terms[reference < LOWEST_LOGPROB] = 0.0
    divergence = terms.sum(axis=1)
    return Difference(
        positions=len(reference),
        max_logprob=float(gaps.max()),
        max_top_logprob=float(np.take_along_axis(gaps, likely, axis=1).max()),
        mean_kl=float(divergence.mean()),
        max_kl=float(divergence.max()),
        same_first=float((reference.argmax(axis=1) == other.argmax(axis=1)).mean()),
    )


def pass_gate(found: Difference, stored: str, *, what: str) -> None:
    """Raise ExportError if a copy stored in some way lies farther from its original than that allows.

    Args:
        found: The measured distance.
        stored: A key of `GATES`.
        what: Names the two models in the message.
    """
    gate = GATES[stored]
    value = getattr(found, gate.figure)
    if not value <= gate.limit:  # a NaN must not pass
        raise ExportError(
            f"{what} differ: {gate.figure} is {value:.3g}, allowed for {stored} is {gate.limit:g} "
            f"(mean_kl {found.mean_kl:.3g}, same likeliest token in {found.same_first:.0%} of "
            f"{found.positions} positions)",
            hint="do not serve this file; export it as f16 or f32, which lose less",
        )
