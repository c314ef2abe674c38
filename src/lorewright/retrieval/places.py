"""Which chunk each row of one version of the index is, and where it stands: held in memory, read once."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from lorewright.retrieval import store
from lorewright.retrieval.ranking import Hit


class Places:
    """Chunk ids, sources, paths, kinds and first lines by the table's number of a row.

    Read for each query from disk, they would take longer than the search itself.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """The columns `store.PLACED` and `_rowid`, as Arrow arrays in one order."""
        return store.columns(self._table, ("_rowid", *store.PLACED))

    @cached_property
    def _numbered(self) -> tuple[Any, Any]:
        """The numbers of rows in ascending order, and the position of each."""
        import numpy as np

        numbers = self.columns["_rowid"].to_numpy()
        order = np.argsort(numbers, kind="stable")
        return numbers[order], order

    def positions(self, rowids: Any) -> Any:
        """Return where rows stand in the columns, (rows,), by their numbers, (rows,)."""
        import numpy as np

        numbers, order = self._numbered
        return order[np.searchsorted(numbers, rowids)]

    def hits(self, rowids: Any, scores: Sequence[float]) -> list[Hit]:
        """Return hits for rows by their numbers, (rows,), in the order given."""
        at = self.positions(rowids)
        chunks, sources, paths, firsts = (
            self.columns[name].take(at).to_pylist() for name in ("chunk_id", "source", "path", "first")
        )
        return list(map(Hit, chunks, scores, sources, paths, firsts, rowids.tolist()))
