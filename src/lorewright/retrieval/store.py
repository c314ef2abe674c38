"""The LanceDB table that holds the passages: opening it, its columns and its full-text indexes."""

from pathlib import Path
from typing import Any

from lorewright.retrieval.engine import lancedb

# Raised when the columns or their words change: another table is begun, and every row written anew.
FORMAT = 1
TABLE = f"passages-{FORMAT}"
SEARCHED = ("words", "heading_words")
STORED = (
    "chunk_id",
    "document_id",
    "text",
    "source",
    "path",
    "kind",
    "title",
    "headings",
    "unit",
    "first",
    "last",
)


def open_table(index_dir: Path) -> Any | None:
    """Return the table of passages at its newest version, or None where there is none yet."""
    try:
        return lancedb().connect(str(index_dir)).open_table(TABLE)
    except ValueError:
        return None


def create_table(index_dir: Path) -> Any:
    """Return a new, empty table of passages; a half-made one is taken over."""
    return lancedb().connect(str(index_dir)).create_table(TABLE, schema=schema())


def schema() -> Any:
    """Return the Arrow schema of the table."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    return pa.schema(
        [
            ("key", text),
            ("digest", text),
            *((name, text) for name in STORED[:7]),
            ("headings", pa.list_(text)),
            ("unit", text),
            ("first", number),
            ("last", number),
            *((name, text) for name in SEARCHED),
        ]
    )


def index_words(table: Any) -> None:
    """Build the full-text indexes over every row, as one new version each.

    Built anew rather than added to: BM25 would go on counting deleted rows, so that an index brought up to
    date would rank differently from a fresh one; and a build takes a second for 30 MB.
    """
    from lancedb.index import FTS

    for column in SEARCHED:
        table.create_index(column, config=FTS(base_tokenizer="simple", language="English"), replace=True)
