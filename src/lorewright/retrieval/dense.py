"""Nearest vectors: all of them compared in memory, or, where there are too many, through the table's ANN index."""

from collections.abc import Mapping, Sequence
from typing import Any

from lorewright.retrieval import store
from lorewright.retrieval.filters import condition, mask
from lorewright.retrieval.ranking import Hit

# Of ANN cells read, at first; the least that keeps recall@10 above 0.95 in benchmarks/retrieve.py.
PROBES = 32


class Nearest:
    """The vectors of one version of the index."""

    def __init__(self, table: Any) -> None:
        dimension = store.dimension_of(table)
        assert dimension is not None
        self._table = table
        self._exact = store.is_exact(int(table.count_rows()), dimension)
        self._columns: Mapping[str, Any] = {}
        self._matrix: Any = None

    def find(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        """Return the rows nearest to a vector (dimension,), by cosine, best first.

        Args:
            vector: Of length 1.
            wanted: Values by column that rows must have.
            limit: How many at most.
        """
        return self._compared(vector, wanted, limit) if self._exact else self._probed(vector, wanted, limit)

    def _load(self) -> None:
        if self._matrix is not None:
            return
        names = ("_rowid", *store.PLACED, store.VECTOR)
        columns = dict(store.columns(self._table, names))
        vectors = columns.pop(store.VECTOR)
        self._columns = columns
        self._matrix = vectors.flatten().to_numpy().reshape(len(vectors), -1)

    def _compared(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        import numpy as np

        self._load()
        scores = self._matrix @ vector
        passed = mask(wanted, self._columns)
        if passed is not None:
            scores = np.where(passed, scores, -np.inf)
        best = np.argpartition(-scores, limit)[:limit] if limit < len(scores) else np.arange(len(scores))
        best = best[np.isfinite(scores[best])]
        best = best[np.argsort(-scores[best], kind="stable")]
        picked = {name: self._columns[name].take(best).to_pylist() for name in ("_rowid", *store.PLACED)}
        return _hits(picked, [float(score) for score in scores[best]])

    def _probed(self, vector: Any, wanted: Mapping[str, Sequence[str]], limit: int) -> list[Hit]:
        search = (
            self._table.search(vector, vector_column_name=store.VECTOR).distance_type("dot").nprobes(PROBES)
        )
        where = condition(wanted)
        if where is not None:
            search = search.where(where, prefilter=True)
        found = search.select([*store.PLACED, "_distance"]).with_row_id(True).limit(limit).to_arrow()
        return _hits(found.to_pydict(), [1.0 - distance for distance in found["_distance"].to_pylist()])


def _hits(columns: Mapping[str, Sequence[Any]], scores: Sequence[float]) -> list[Hit]:
    return [
        Hit(*row)
        for row in zip(
            columns["chunk_id"],
            scores,
            columns["source"],
            columns["path"],
            columns["first"],
            columns["_rowid"],
            strict=True,
        )
    ]
