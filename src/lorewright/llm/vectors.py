"""Vectors of texts: one row a text, float32, each of length 1."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from lorewright.core.errors import ProviderError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Vectors: TypeAlias = "npt.NDArray[np.float32]"


def no_vectors() -> Vectors:
    """Return the vectors of no texts, shape (0, 0): how long a vector is, no model was asked."""
    import numpy as np

    return np.zeros((0, 0), dtype=np.float32)


def unit_rows(rows: "Sequence[Sequence[float]] | Vectors", *, of: str) -> Vectors:
    """Return rows scaled to length 1, shape (texts, dimension).

    Args:
        rows: One vector a text, at least one.
        of: Whose vectors they are, for messages.

    Raises:
        ProviderError: They are not all of one dimension, or one is zero or not finite.
    """
    import numpy as np

    dimensions = sorted({len(row) for row in rows})
    if len(dimensions) > 1 or dimensions[0] == 0:
        told = " and ".join(map(str, dimensions))
        raise ProviderError(
            f"{of} gave vectors of {told} numbers.", "one model gives one dimension: check it"
        )
    try:
        vectors = np.asarray(rows, dtype=np.float64)
    except OverflowError as error:
        raise ProviderError(
            f"{of} gave a vector with a number that is too large.",
            "try another model, or another precision of it",
        ) from error
    lengths = np.linalg.norm(vectors, axis=1)
    # Lengths that overflow are as useless as NaN.
    for row in np.flatnonzero(~np.isfinite(lengths) | (lengths == 0)):
        kind = "zero" if lengths[row] == 0 else f"not finite (length {lengths[row]})"
        raise ProviderError(
            f"{of} gave a vector that is {kind}, for text {row + 1} of {len(vectors)}.",
            "try another model, or another precision of it",
        )
    return np.ascontiguousarray(vectors / lengths[:, None], dtype=np.float32)
