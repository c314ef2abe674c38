"""Records on disk: one explicit Arrow schema a record, Parquet with zstd, digests free of order and provenance."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from lorewright.core import assessments, records
from lorewright.core.ids import canonical, multiset_digest
from lorewright.core.records import Record

R = TypeVar("R", bound=Record)

_text = pa.string()
_long_text = pa.large_string()
_place = pa.struct([("unit", _text), ("first", pa.int32()), ("last", pa.int32())])
_source_map = pa.struct(
    [("unit", _text), ("offsets", pa.list_(pa.int64())), ("numbers", pa.list_(pa.int32()))]
)
_block = pa.struct(
    [
        ("kind", _text),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("level", pa.int32()),
        ("title", _text),
        ("body", pa.int64()),
    ]
)
_message = pa.struct([("role", _text), ("content", _long_text)])
_evidence = pa.struct(
    [("chunk_id", _text), ("start", pa.int64()), ("end", pa.int64()), ("quote", _long_text)]
)

SCHEMAS: dict[type[Record], pa.Schema] = {
    records.Document: pa.schema(
        [
            ("id", _text),
            ("digest", _text),
            ("source", _text),
            ("path", _text),
            ("kind", _text),
            ("title", _text),
            ("titled", pa.bool_()),
            ("licence", _text),
            ("text", _long_text),
            ("source_map", _source_map),
            ("blocks", pa.list_(_block)),
            ("metadata", _text),
        ]
    ),
    records.Chunk: pa.schema(
        [
            ("id", _text),
            ("document_id", _text),
            ("kind", _text),
            ("text", _long_text),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("place", _place),
            ("headings", pa.list_(_text)),
            ("strategy", _text),
            ("metadata", _text),
        ]
    ),
    records.Example: pa.schema(
        [
            ("id", _text),
            ("task", _text),
            ("messages", pa.list_(_message)),
            ("evidence", pa.list_(_evidence)),
            ("group", _text),
            ("origin", _text),
            ("metadata", _text),
        ]
    ),
    records.Rejection: pa.schema(
        [(name, _text) for name in ("record", "record_id", "filter", "reason", "twin", "name")]
    ),
    assessments.Review: pa.schema(
        [
            ("key", _text),
            ("decision", _text),
            ("messages", pa.list_(_message)),
            ("note", _text),
            ("reviewer", _text),
            ("reviewed_at", pa.timestamp("us", tz="UTC")),
        ]
    ),
    assessments.Judgement: pa.schema(
        [
            ("example_id", _text),
            ("model", _text),
            ("served_model", _text),
            ("rubric", _text),
            ("scores", _text),
            ("score", pa.float64()),
            ("explanation", _long_text),
            ("problem", _text),
        ]
    ),
    records.SourceState: pa.schema(
        [
            ("source", _text),
            ("location", _text),
            ("commit", _text),
            ("dirty", pa.bool_()),
            ("documents", pa.int64()),
        ]
    ),
    records.FileState: pa.schema(
        [
            ("source", _text),
            ("path", _text),
            ("kind", _text),
            ("digest", _text),
            ("bytes", pa.int64()),
            ("outcome", _text),
            ("change", _text),
            ("before", _text),
            ("seconds", pa.float64()),
        ]
    ),
    records.Assignment: pa.schema([("document_id", _text), ("group", _text), ("split", _text)]),
    records.Call: pa.schema(
        [
            ("key", _text),
            ("task", _text),
            ("chunk_id", _text),
            ("sample", pa.int32()),
            ("model", _text),
            ("served_model", _text),
            ("outcome", _text),
            ("text", _long_text),
            ("problem", _text),
            ("prompt_tokens", pa.int64()),
            ("completion_tokens", pa.int64()),
        ]
    ),
    records.Prediction: pa.schema(
        [
            ("example_id", _text),
            ("system", _text),
            ("text", _long_text),
            ("latency_s", pa.float64()),
            ("passages", pa.list_(_text)),
            ("finish", _text),
            ("error", _text),
            ("tokens", pa.int64()),
            ("usd", pa.float64()),
        ]
    ),
    records.Score: pa.schema(
        [
            ("example_id", _text),
            ("system", _text),
            ("metric", _text),
            ("value", pa.float64()),
            ("explanation", _text),
        ]
    ),
}

# Where a record came from and how long it took do not change what it is.
PROVENANCE: dict[type[Record], frozenset[str]] = {
    assessments.Review: frozenset({"reviewer", "reviewed_at"}),
    records.SourceState: frozenset({"commit", "dirty", "location"}),
    records.FileState: frozenset({"change", "before", "seconds"}),
    records.Prediction: frozenset({"latency_s", "usd"}),
}

_ROWS_A_GROUP = 4096
_JSON_COLUMNS = ("metadata", "scores")


class TableDigest:
    """The digest of a table, built up row by row while it is written."""

    def __init__(self, record_type: type[Record]) -> None:
        self._left_out = PROVENANCE.get(record_type, frozenset())
        self._rows: list[bytes] = []

    def add(self, record: Record) -> None:
        """Count one row in."""
        row = record.model_dump(exclude=set(self._left_out))
        self._rows.append(hashlib.sha256(canonical(row)).digest())

    def value(self) -> str:
        """Return the digest of all rows so far, whatever their order."""
        return multiset_digest(self._rows)


def write_table(path: Path, rows: Iterable[R], record_type: type[R]) -> tuple[int, str]:
    """Write records to a Parquet file, whole or not at all.

    Returns:
        The number of rows and the digest of their content.
    """
    schema = SCHEMAS[record_type]
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    content = TableDigest(record_type)
    count = 0
    iterator = iter(rows)
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            while group := list(islice(iterator, _ROWS_A_GROUP)):
                for record in group:
                    content.add(record)
                writer.write_table(pa.Table.from_pylist([_to_row(record) for record in group], schema=schema))
                count += len(group)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return count, content.value()


def read_table(path: Path, record_type: type[R]) -> Iterator[R]:
    """Yield the records of a Parquet file in the order they were written."""
    # pyarrow's read-ahead would keep all that was read in memory until the file is closed.
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=_ROWS_A_GROUP):
            for row in batch.to_pylist():
                yield _from_row(row, record_type)


def _to_row(record: Record) -> dict[str, Any]:
    row = record.model_dump()
    for name in row.keys() & _JSON_COLUMNS:
        row[name] = json.dumps(row[name], sort_keys=True, ensure_ascii=False)
    return row


def _from_row(row: dict[str, Any], record_type: type[R]) -> R:
    for name in row.keys() & _JSON_COLUMNS:
        row[name] = json.loads(row[name])
    return record_type.model_validate(row)
