"""Nearest vectors: all of them compared in memory, or, where there are too many, through the table's ANN index."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lorewright.retrieval import store
from lorewright.retrieval.filters import condition, mask
from lorewright.retrieval.places import Places
from lorewright.retrieval.ranking import Hit

# Of ANN cells read: the least power of two that keeps recall@10 above 0.98 among a million in docs/benchmarks.md.
PROBES = 256


class Nearest:
    """The vectors of one version of the index."""

    def __init__(self, table: Any, places: Places) -> None:
        dimension = store.dimension_of(table)
        assert dimension is not None
        self._table = table
        self._places = places
        self._exact = store.is_exact(int(table.count_rows()), dimension)

    def find(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        """Return the rows nearest to a vector (dimension,), by cosine, best first.

        Args:
            vector: Of length 1.
            wanted: Values by column that rows must have.
            limit: How many at most.
        """
        return self._compared(vector, wanted, limit) if self._exact else self._probed(vector, wanted, limit)

    @cached_property
    def _matrix(self) -> Any:
        """All vectors, (rows, dimension), in the order of the places."""
        return store.vectors(self._table, self._places.positions)

    def _compared(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        import numpy as np

        # Row by row in this thread: equal vectors get equal scores wherever they stand, and no pool of threads is left
        # spinning, which would take the processor from the table.
        scores = np.vecdot(self._matrix, vector)
        passed = mask(wanted, self._places.columns)
        if passed is not None:
            scores = np.where(passed, scores, -np.inf)
        best = np.argpartition(-scores, limit)[:limit] if limit < len(scores) else np.arange(len(scores))
        best = best[np.isfinite(scores[best])]
        best = best[np.argsort(-scores[best], kind="stable")]
        return self._places.hits(self._places.columns["_rowid"].to_numpy()[best], scores[best].tolist())

    def _probed(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        search = self._table.search(vector, vector_column_name=store.VECTOR).distance_type("dot")
        # A factor of 1 compares whole vectors for as many rows as are asked for: several times those that are wanted.
        search = search.nprobes(PROBES).refine_factor(1)
        where = condition(wanted)
        if where is not None:
            search = search.where(where, prefilter=True)
        found = search.select(["_distance"]).with_row_id(True).limit(limit).to_arrow()
        scores = [1.0 - distance for distance in found["_distance"].to_pylist()]
        return self._places.hits(found["_rowid"].to_numpy(), scores)
