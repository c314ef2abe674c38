"""The vectors of rows: copied where the same text was embedded before, made by the embedder where not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lorewright.core.ids import text_digest
from lorewright.llm.embedders import Embedder
from lorewright.retrieval.rows import IndexRow, embedded_text
from lorewright.retrieval.store import VECTOR, check_dimension, columns, one_of


class Vectors:
    """Vectors by an embedder, each text shown to it once.

    Attributes:
        embedder: None makes no vectors.
        made: How many texts the embedder was shown.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self.embedder = embedder
        self.made = 0
        self._held: set[int] = set()

    def begin(self, table: Any) -> None:
        """Note which texts have their vectors in a table; to be called once, before `of`."""
        if self.embedder is not None:
            self._held = set(map(hash, columns(table, ["embedded"])["embedded"].to_pylist()))

    def dimension(self) -> int | None:
        """Return how many numbers a vector has, asking the embedder; None without one."""
        return None if self.embedder is None else int(self.embedder.passages(["."]).shape[1])

    def of(self, table: Any, rows: Sequence[IndexRow]) -> tuple[list[str], Any]:
        """Return the digests of the embedded texts of some rows, and their vectors (rows, dimension) as float32.

        They are to be in the table before the next call.
        """
        import numpy as np

        assert self.embedder is not None
        texts = [embedded_text(row) for row in rows]
        keys = [text_digest(text) for text in texts]
        # The table is asked only for what it holds, since it reads every row to answer.
        held = sorted(key for key in set(keys) if hash(key) in self._held)
        known = known_vectors(table, held) if held else {}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            made = self.embedder.passages(list(missing.values()))
            check_dimension(table, made, self.embedder.name)
            known |= dict(zip(missing, made, strict=True))
            self.made += len(missing)
            self._held.update(map(hash, missing))
        return keys, np.stack([known[key] for key in keys]).astype(np.float32)


def known_vectors(table: Any, keys: Sequence[str]) -> dict[str, Any]:
    """Return the vectors that a table holds for digests of embedded texts."""
    search = table.search().where(one_of("embedded", keys), prefilter=True)
    found = search.select(["embedded", VECTOR]).to_arrow()
    vectors = found[VECTOR].combine_chunks()
    matrix = vectors.flatten().to_numpy().reshape(len(vectors), -1) if len(vectors) else []
    return dict(zip(found["embedded"].to_pylist(), matrix, strict=True))


def sparing(embedder: Embedder, known: Callable[[Sequence[str]], Mapping[str, Any]]) -> Embedder:
    """Return an embedder that is shown only those passages for which no vector is known.

    Args:
        embedder: Makes what is missing.
        known: Returns vectors by digest, for some digests of texts.
    """

    def passages(texts: Sequence[str]) -> Any:
        import numpy as np

        keys = [text_digest(text) for text in texts]
        found = dict(known(sorted(set(keys))))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found |= dict(zip(missing, embedder.passages(list(missing.values())), strict=True))
        return np.stack([found[key] for key in keys])

    return replace(embedder, passages=passages)
