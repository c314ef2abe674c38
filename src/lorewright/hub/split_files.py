"""The splits of a dataset as files: Arrow as `datasets.load_from_disk` reads it, or Parquet as the Hub shows it."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]
Layout = Literal["arrow", "parquet"]

_ROWS_A_BATCH = 4096
_SHARD_BYTES = 500_000_000
_NAMES: Mapping[Layout, str] = {
    "arrow": "{split}/data-{number:05d}-of-{total:05d}.arrow",
    "parquet": "data/{split}-{number:05d}-of-{total:05d}.parquet",
}


@dataclass(frozen=True)
class SplitFiles:
    """What was written of one split.

    Attributes:
        files: Paths below the dataset's folder; one at least, even of a split without rows.
        rows: Rows in all of them.
        bytes: Size of the rows in memory, before compression.
    """

    files: tuple[str, ...]
    rows: int
    bytes: int


def write_splits(
    folder: Path,
    rows: Iterable[tuple[str, Row]],
    *,
    splits: Sequence[str],
    schema: pa.Schema,
    layout: Layout,
    shard_bytes: int = _SHARD_BYTES,
    tick: Callable[[int], None] = lambda _rows: None,
) -> dict[str, SplitFiles]:
    """Write rows, each given with the name of its split; a few thousand are in memory at any time.

    Args:
        splits: All splits, in order; one without rows still gets a file with the schema.
        layout: `arrow` for a folder of `load_from_disk`, `parquet` for the Hub.
        shard_bytes: About how much of a split goes into one file.
        tick: Called with the number of rows written since the last call.
    """
    with ExitStack() as stack:
        shards = {split: _Shards(folder, split, schema, layout, shard_bytes) for split in splits}
        for one in shards.values():
            stack.callback(one.close)
        for split, batch in _batches(rows, schema):
            shards[split].write(batch)
            tick(batch.num_rows)
        return {split: one.finish() for split, one in shards.items()}


def describe_on_disk(
    folder: Path, written: Mapping[str, SplitFiles], *, schema: pa.Schema, mark: str
) -> None:
    """Add to Arrow files the descriptions that make them a `DatasetDict`.

    Args:
        mark: Changes when the rows change; caches of `datasets` tell datasets apart by it.
    """
    _write_json(folder / "dataset_dict.json", {"splits": list(written)})
    for split, files in written.items():
        place = folder / split
        _write_json(place / "dataset_info.json", {"features": features_of(schema)})
        state: dict[str, Any] = {
            "_data_files": [{"filename": Path(name).name} for name in files.files],
            "_fingerprint": f"{mark}-{split}",
            "_format_columns": None,
            "_format_kwargs": {},
            "_format_type": None,
            "_output_all_columns": False,
            "_split": split,
        }
        _write_json(place / "state.json", state)


def features_of(schema: pa.Schema) -> dict[str, Any]:
    """Return a schema in the words of `datasets`, in those that its old and new releases read alike.

    `Sequence` is such a word for lists of values; of objects it would make an object of lists.
    """
    return {field.name: _feature(field.type) for field in schema}


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_list(kind):
        inner = _feature(kind.value_type)
        return [inner] if pa.types.is_struct(kind.value_type) else {"feature": inner, "_type": "Sequence"}
    return {"dtype": str(kind), "_type": "Value"}


def _batches(rows: Iterable[tuple[str, Row]], schema: pa.Schema) -> Iterator[tuple[str, pa.RecordBatch]]:
    waiting: dict[str, list[Row]] = {}
    for split, row in rows:
        gathered = waiting.setdefault(split, [])
        gathered.append(row)
        if len(gathered) == _ROWS_A_BATCH:
            yield split, pa.RecordBatch.from_pylist(gathered, schema=schema)
            gathered.clear()
    for split, rest in waiting.items():
        if rest:
            yield split, pa.RecordBatch.from_pylist(rest, schema=schema)


class _Shards:
    """The files of one split while they grow; they are named when it is known how many there are."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema, layout: Layout, shard_bytes: int) -> None:
        self._folder, self._split, self._schema, self._layout = folder, split, schema, layout
        self._shard_bytes = shard_bytes
        self._parts: list[Path] = []
        self._rows = self._bytes = self._in_part = 0
        self._open()

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows, in a new file if the last one is full."""
        if self._in_part >= self._shard_bytes:
            self.close()
            self._open()
        self._writer.write_batch(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        self._in_part += batch.nbytes

    def close(self) -> None:
        """Close the file that is being written."""
        self._writer.close()

    def finish(self) -> SplitFiles:
        """Close, name and secure all files."""
        self.close()
        names = []
        for number, part in enumerate(self._parts):
            name = _NAMES[self._layout].format(split=self._split, number=number, total=len(self._parts))
            target = self._folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            part.replace(target)
            names.append(name)
        return SplitFiles(tuple(names), self._rows, self._bytes)

    def _open(self) -> None:
        part = self._folder / f"{self._split}-{len(self._parts)}.part"
        self._parts.append(part)
        self._in_part = 0
        self._writer = (
            pa.ipc.new_stream(str(part), self._schema)
            if self._layout == "arrow"
            else pq.ParquetWriter(part, self._schema, compression="zstd")
        )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
