"""How far two who judged the same things agree, beyond what chance alone would give."""

from collections import Counter
from collections.abc import Sequence


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Return Cohen's kappa of two lists of labels: 1 is full agreement, 0 what chance gives, below 0 less than that.

    `(observed - expected) / (1 - expected)`, as in J. Cohen, "A coefficient of agreement for nominal scales" (1960).

    Args:
        one: Labels of the first judge.
        other: Labels of the second, of the same things in the same order.

    Returns:
        None where it is not defined: there is nothing, or both know one and the same label only.

    Raises:
        ValueError: The lists differ in length.
    """
    if len(one) != len(other):
        message = f"{len(one)} labels cannot be compared with {len(other)}"
        raise ValueError(message)
    if not one:
        return None
    total = len(one)
    observed = sum(first == second for first, second in zip(one, other, strict=True)) / total
    shares = Counter(one), Counter(other)
    expected = sum(shares[0][label] * shares[1][label] for label in shares[0]) / total**2
    return None if expected == 1 else (observed - expected) / (1 - expected)
