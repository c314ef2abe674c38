"""How far the confidence that answers state is the share of them that are right."""

from bisect import bisect_left
from collections.abc import Sequence

from lorewright.evaluation.labels import Labels
from lorewright.evaluation.report_parts import Calibration, CalibrationBin

BINS = 10


def calibration(found: Labels, *, test_set: str, system: str, bins: int = BINS) -> Calibration | None:
    """Return how far one system's confidence is the share of its labels that are right; None where it states none.

    Args:
        found: Its labels, with how sure it says it is of each answer.
        test_set: Where it was asked.
        system: Its name.
        bins: As in `reliability`.
    """
    pairs = [
        (stated, expected == given)
        for stated, expected, given in zip(found.confidences, found.expected, found.given, strict=True)
        if stated is not None
    ]
    if not pairs:
        return None
    table = reliability(pairs, bins=bins)
    return Calibration(
        test_set=test_set,
        system=system,
        bins=table,
        error=calibration_error(table),
        mean_confidence=sum(stated for stated, _ in pairs) / len(pairs),
        n=len(pairs),
    )


def reliability(pairs: Sequence[tuple[float, bool]], *, bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """Return the bins of equal width that hold answers, in order.

    Args:
        pairs: How sure an answer says it is, from 0 to 1, and whether it is right.
        bins: How many; each reaches from above its lower end to its upper end, the first has 0 too.
    """
    edges = [number / bins for number in range(1, bins + 1)]
    members: dict[int, list[tuple[float, bool]]] = {}
    for stated, right in pairs:
        members.setdefault(bisect_left(edges, stated), []).append((stated, right))
    return tuple(
        CalibrationBin(
            low=place / bins,
            high=edges[place],
            n=len(found),
            confidence=sum(stated for stated, _ in found) / len(found),
            accuracy=sum(right for _, right in found) / len(found),
        )
        for place, found in sorted(members.items())
    )


def calibration_error(table: Sequence[CalibrationBin]) -> float:
    """Return the expected calibration error: the gap of each bin, weighted by its answers; 0 is best, 1 worst.

    As in Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (2015), and
    Guo et al., "On calibration of modern neural networks" (2017).
    """
    total = sum(one.n for one in table)
    return sum(one.n * abs(one.accuracy - one.confidence) for one in table) / total if total else 0.0
