"""Finished rows of `Context.map`: the previous run is the cache, part files survive a crash."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lorewright.core import records
from lorewright.core.files import write_atomic
from lorewright.core.records import Record
from lorewright.core.workspace import Workspace

_SCHEMA = pa.schema([("key", pa.string()), ("rows", pa.large_string())])
_TYPES: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (records.Parsed, records.Chunk, records.Example, records.Rejection, records.Prediction)
}
_PART_ROWS = 500
_PART_S = 2.0


class Reuse:
    """Rows by key for one `map` of one run."""

    def __init__(self, path: Path, parts: Path, known: dict[str, str]) -> None:
        self._path = path
        self._parts = parts
        self._known = known
        self._fresh: dict[str, str] = {}
        self._saved_at = time.monotonic()

    @classmethod
    def open(cls, workspace: Workspace, stage: str, folder: Path, name: str) -> "Reuse":
        """Gather the rows of the newest finished run and what an earlier try at this run has kept."""
        file = f"reuse-{name}.parquet"
        known: dict[str, str] = {}
        newest = workspace.newest(stage)
        if newest is not None:
            known |= _load(workspace.run_dir(stage, newest.id) / file)
        known |= _load(folder / file)
        parts = folder / "parts"
        parts.mkdir(exist_ok=True)
        for part in sorted(parts.glob(f"{name}-*.parquet")):
            known |= _load(part)
        return cls(folder / file, parts, known)

    @classmethod
    def clear(cls, folder: Path) -> None:
        """Remove the part files of a finished run, also what a crash left of one."""
        shutil.rmtree(folder / "parts", ignore_errors=True)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def get(self, key: str) -> tuple[Record, ...]:
        """Return the records of a key."""
        return tuple(_TYPES[kind].model_validate(row) for kind, row in json.loads(self._known[key]))

    def put(self, key: str, outputs: Sequence[Record]) -> None:
        """Keep the records of a key; now and then they are made durable."""
        spelled = json.dumps(
            [[type(record).__name__, record.model_dump(mode="json")] for record in outputs],
            ensure_ascii=False,
        )
        self._known[key] = self._fresh[key] = spelled
        if len(self._fresh) >= _PART_ROWS or time.monotonic() - self._saved_at > _PART_S:
            number = len(list(self._parts.iterdir()))
            name = self._path.stem.removeprefix("reuse-")
            _save(self._parts / f"{name}-{number:06}.parquet", self._fresh)
            self._fresh = {}
            self._saved_at = time.monotonic()

    def finish(self, keys: Sequence[str]) -> None:
        """Write the rows of these keys as this run's own, for the next run."""
        _save(self._path, {key: self._known[key] for key in keys if key in self._known})


def _load(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    table = pq.read_table(path)
    return dict(zip(table["key"].to_pylist(), table["rows"].to_pylist(), strict=True))


def _save(path: Path, rows: dict[str, str]) -> None:
    table = pa.table({"key": list(rows), "rows": list(rows.values())}, schema=_SCHEMA)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_atomic(path, sink.getvalue().to_pybytes())
