"""The LanceDB tables that hold the passages: their names, columns, indexes and pinned versions.

One table an embedder, since its vectors fit no other's; one without vectors where none is set.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lorewright.core.errors import ProviderError
from lorewright.core.ids import short_id
from lorewright.llm.embedders import Embedder
from lorewright.retrieval.engine import lancedb
from lorewright.retrieval.words import tokenizer

# Raised when the columns or their words change: another table is begun, and every row written anew.
FORMAT = 4
WORDS = "words"
VECTOR = "vector"
PLACED = ("chunk_id", "source", "path", "kind", "first")
# The whole row as JSON: read for the few rows that are shown, and one column is read in a third of the time of ten.
ROW = "row"
# From this many bytes of vectors on, an ANN index answers sooner than reading all of them: benchmarks/retrieve.py.
EXACT_BYTES = 256 * 1024 * 1024


def table_name(embedder: Embedder | None) -> str:
    """Return the name of the table for an embedder's vectors, or of the one without any."""
    name = f"passages-{FORMAT}"
    return name if embedder is None else f"{name}-{short_id(embedder.identity)}"


def open_table(index_dir: Path, name: str) -> Any | None:
    """Return a table at its newest version, or None where there is none yet."""
    try:
        return lancedb().connect(str(index_dir)).open_table(name)
    except ValueError:
        return None


def table_names(index_dir: Path) -> list[str]:
    """Return the names of all tables of an index, those of other formats too."""
    return [path.name.removesuffix(".lance") for path in sorted(index_dir.glob("*.lance"))]


def drop_table(index_dir: Path, name: str) -> None:
    """Remove a table with all its versions."""
    lancedb().connect(str(index_dir)).drop_table(name, ignore_missing=True)


def create_table(index_dir: Path, name: str, dimension: int | None) -> Any:
    """Return a new, empty table; a half-made one is taken over."""
    return lancedb().connect(str(index_dir)).create_table(name, schema=schema(dimension))


def schema(dimension: int | None) -> Any:
    """Return the Arrow schema of a table whose vectors have so many numbers; None for a table without vectors."""
    import pyarrow as pa

    names = ("digest", *PLACED, "document_id", ROW, WORDS)
    fields = [(name, pa.int64() if name == "first" else pa.string()) for name in names]
    if dimension is not None:
        fields += [("embedded", pa.string()), (VECTOR, pa.list_(pa.float32(), dimension))]
    return pa.schema(fields)


def dimension_of(table: Any) -> int | None:
    """Return how many numbers a vector of a table has; None where it has none."""
    names = table.schema.names
    return int(table.schema.field(VECTOR).type.list_size) if VECTOR in names else None


def check_dimension(table: Any, vectors: Any, embedder: str) -> None:
    """Raise ProviderError unless vectors, (rows, dimension), are as long as those of a table."""
    wanted, found = dimension_of(table), int(vectors.shape[1])
    if wanted != found:
        raise ProviderError(
            f"{embedder} gives vectors of {found} numbers now, and those of the index have {wanted}: "
            "another model has its name.",
            "give it another name, in [providers] or on the server, and in index.embedder; then lore index",
        )


def is_exact(rows: int, dimension: int) -> bool:
    """Whether so many vectors are compared one by one, rather than through an ANN index."""
    return rows * dimension * 4 <= EXACT_BYTES


def index_words(table: Any, stemming: str) -> None:
    """Build the full-text index over every row.

    Built anew rather than added to: BM25 would go on counting deleted rows, so that an index brought up to
    date would rank differently from a fresh one; and a build takes a second for 30 MB.
    """
    from lancedb.index import FTS

    table.create_index(WORDS, config=FTS(**tokenizer(stemming)), replace=True)


def index_places(table: Any) -> None:
    """Build the indexes that filters and `around` look rows up by; without, each search reads all rows to filter."""
    from lancedb.index import Bitmap, BTree

    if table.count_rows():
        for column, kind in (
            ("kind", Bitmap()),
            ("source", Bitmap()),
            ("path", BTree()),
            ("document_id", BTree()),
        ):
            table.create_index(column, config=kind, replace=True)


def index_vectors(table: Any) -> None:
    """Build the ANN index over every row where there are too many to compare one by one.

    Numbers are kept in 4 bits, by which the nearest are found before their whole vectors are compared; vectors whose
    length does not allow it are kept whole.
    """
    from lancedb.index import IvfFlat, IvfRq

    dimension = dimension_of(table)
    if dimension is not None and not is_exact(int(table.count_rows()), dimension):
        quantised = IvfRq(distance_type="dot", num_bits=4)
        config = IvfFlat(distance_type="dot") if dimension % 8 else quantised
        table.create_index(VECTOR, config=config, replace=True)


def pins(table: Any) -> dict[str, int]:
    """Return the versions of a table that stay, by the content they pin."""
    return {name: int(tag["version"]) for name, tag in table.tags.list().items()}


def pin(table: Any, content: str) -> int:
    """Make the newest version stay, named by its content, and return it."""
    version = int(table.version)
    table.tags.create(_tag(content), version)
    return version


def pinned(table: Any, content: str) -> int | None:
    """Return the version with some content, if one is pinned."""
    return pins(table).get(_tag(content))


def _tag(content: str) -> str:
    return f"rows-{content[:32]}"


def columns(table: Any, names: Sequence[str]) -> Mapping[str, Any]:
    """Return columns of all rows, as Arrow arrays by name; `_rowid` is one too."""
    search = table.search().select([name for name in names if name != "_rowid"])
    if "_rowid" in names:
        search = search.with_row_id(True)
    found = search.to_arrow()
    return {name: found[name].combine_chunks() for name in names}


def vectors(table: Any, positions: Callable[[Any], Any]) -> Any:
    """Return all vectors, (rows, dimension), each where `positions` puts the number of its row."""
    import numpy as np

    matrix = np.empty((int(table.count_rows()), dimension_of(table) or 0), np.float32)
    for batch in table.search().select([VECTOR]).with_row_id(True).to_batches():
        found = batch[VECTOR].flatten().to_numpy().reshape(len(batch), -1)
        matrix[positions(batch["_rowid"].to_numpy())] = found
    return matrix


def one_of(column: str, values: Sequence[str]) -> str:
    """Return the condition that a column has one of some values."""
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({quoted})" if quoted else "false"
