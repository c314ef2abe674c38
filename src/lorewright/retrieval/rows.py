"""A place of a chunk as it is indexed and cited: its id, and what is searched of it."""

from typing import Any

from lorewright.core.ids import text_digest
from lorewright.core.records import Chunk, Place, Record
from lorewright.retrieval.store import FORMAT, ROW, WORDS
from lorewright.retrieval.words import searchable

# Titles and headings repeated before the text gain on questions about a section and lose nothing on sentences:
# measured by benchmarks/retrieval_quality.py.
TRAIL_REPEATS = 3


class IndexRow(Record):
    """One place of a chunk."""

    chunk_id: str
    document_id: str
    start: int
    end: int
    text: str
    source: str
    path: str
    kind: str
    title: str
    headings: tuple[str, ...] = ()
    place: Place


def index_row(chunk: Chunk, *, source: str, path: str, title: str) -> IndexRow:
    """Return the row of a chunk of the document with this source, path and title."""
    return IndexRow(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        source=source,
        path=path,
        kind=chunk.kind,
        title=title,
        headings=chunk.headings,
        place=chunk.place,
    )


def row_digest(row: IndexRow) -> str:
    """Return the digest of everything that a row holds, as 64 hex digits."""
    place = row.place
    numbers = (row.start, row.end, place.first, place.last, len(row.headings))
    return text_digest(
        "\0".join(
            [
                *map(str, (FORMAT, TRAIL_REPEATS, *numbers)),
                *row.headings,
                *(row.chunk_id, row.document_id, row.source, row.path, row.kind, row.title),
                place.unit,
                row.text,
            ]
        )
    )


def embedded_text(row: IndexRow) -> str:
    """Return what an embedder is shown of a row: its headings and its text, nothing that a rename would change."""
    return "\n".join([" › ".join(row.headings), row.text] if row.headings else [row.text])


def stored(row: IndexRow, digest: str) -> dict[str, Any]:
    """Return a row as the columns of the table, without its vector."""
    trail = list(dict.fromkeys(name for name in (row.title, *row.headings) if name))
    return {
        "digest": digest,
        "chunk_id": row.chunk_id,
        "source": row.source,
        "path": row.path,
        "kind": row.kind,
        "first": row.place.first,
        "document_id": row.document_id,
        ROW: row.model_dump_json(),
        WORDS: searchable("\n".join([*trail * TRAIL_REPEATS, row.text])),
    }
