"""Writing the retrieval index: brought up to date by row, each finished state pinned as a version.

Readers name the version they want, so whatever an update does next, or wherever it is killed, they keep getting the
answers of theirs.
"""

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from lorewright.core.ids import digest, multiset_digest
from lorewright.core.progress import Reporter, Silent
from lorewright.core.records import Record
from lorewright.llm.embedders import Embedder
from lorewright.retrieval import store
from lorewright.retrieval.engine import readable
from lorewright.retrieval.rows import IndexRow, row_digest, stored
from lorewright.retrieval.vectors import Vectors

ENGLISH = "english"
BATCH = 2000

T = TypeVar("T")
Rows = Callable[[], Iterable[IndexRow]]


class IndexState(Record):
    """What an update left behind.

    Attributes:
        table: Where the passages are; with `version` it pins this state for `open_index`.
        version: Of the table.
        digest: Of the rows and of how they are searched, free of order: equal for equal content, whatever the
            versions before.
        added: Rows written, changed ones included.
        removed: Rows taken out, changed ones included.
        kept: Rows that were already there.
        embedded: Passages that an embedder was shown; the others had their vectors already.
    """

    table: str
    version: int
    digest: str
    added: int
    removed: int
    kept: int
    embedded: int = 0


def update(
    index_dir: Path,
    rows: Rows,
    *,
    stemming: str = ENGLISH,
    embedder: Embedder | None = None,
    reporter: Reporter | None = None,
) -> IndexState:
    """Make the index hold exactly these rows, writing only those it lacks, and pin the result as a version.

    Rows that were indexed before in the same combination give back the version of then. Vectors are written as they
    come, so a stopped update has lost few of them. Updates of one folder wait for each other; readers never wait.

    Args:
        index_dir: Folder of the index; made if missing.
        rows: Gives each place of each chunk, the same each time it is called; a row given twice counts once.
        stemming: The language whose word forms count as one, or `none`.
        embedder: Makes vectors; None indexes words alone.
        reporter: Shows progress.

    Raises:
        MissingDependencyError: LanceDB is not installed.
        ProviderError: The embedder failed; the vectors that it had made are kept for the next try.
        StorageError: The index is damaged.
    """
    shown = reporter or Silent()
    index_dir.mkdir(parents=True, exist_ok=True)
    with _one_writer(index_dir), readable(index_dir):
        name = store.table_name(embedder)
        vectors = Vectors(embedder)
        table = store.open_table(index_dir, name)
        if table is None:
            table = store.create_table(index_dir, name, vectors.dimension())
        present = set(store.columns(table, ["digest"])["digest"].to_pylist())
        wanted = _digests(rows, shown)
        content = digest(
            [multiset_digest(map(bytes.fromhex, wanted)), stemming, embedder and embedder.identity]
        )
        missing, stale = wanted - present, present - wanted
        version = store.pinned(table, content)
        if version is not None:
            return IndexState(
                table=name, version=version, digest=content, added=0, removed=0, kept=len(wanted)
            )
        _add(table, rows, missing, vectors, shown)
        _delete(table, stale)
        with shown.task("index", total=None, unit="indexes") as tick:
            store.index_words(table, stemming)
            tick(1)
            store.index_places(table)
            store.index_vectors(table)
        return IndexState(
            table=name,
            version=store.pin(table, content),
            digest=content,
            added=len(missing),
            removed=len(stale),
            kept=len(wanted) - len(missing),
            embedded=vectors.made,
        )


def prune(index_dir: Path, *, keep: Iterable[tuple[str, int]]) -> None:
    """Free the disk space of all but some states.

    Args:
        index_dir: Folder of the index.
        keep: Tables and versions; no other can be opened afterwards, and tables without one are removed.
    """
    kept: dict[str, set[int]] = {}
    for name, version in keep:
        kept.setdefault(name, set()).add(version)
    if not index_dir.is_dir():
        return
    with _one_writer(index_dir), readable(index_dir):
        for name in store.table_names(index_dir):
            table = store.open_table(index_dir, name) if name in kept else None
            if table is None:
                store.drop_table(index_dir, name)
            else:
                _prune_table(table, kept[name])


def _prune_table(table: Any, kept: set[int]) -> None:
    for tag, version in store.pins(table).items():
        if version not in kept:
            table.tags.delete(tag)
    stamps = {item["version"]: item["timestamp"] for item in table.list_versions()}
    oldest = min((stamps[version] for version in kept if version in stamps), default=max(stamps.values()))
    now = datetime.now(oldest.tzinfo)
    table.optimize(cleanup_older_than=now - oldest + timedelta(seconds=5))


@contextmanager
def _one_writer(index_dir: Path) -> Iterator[None]:
    with (index_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digests(rows: Rows, reporter: Reporter) -> set[str]:
    found = set()
    with reporter.task("read", total=None, unit="passages") as tick:
        for row in rows():
            found.add(row_digest(row))
            tick(1)
    return found


def _add(table: Any, rows: Rows, missing: set[str], vectors: Vectors, reporter: Reporter) -> None:
    """Add the missing rows: in one go, or with vectors batch by batch, since those are dear."""
    if not missing:
        return
    with reporter.task("write", total=len(missing), unit="passages") as tick:
        vectors.begin(table)
        batches = (_columns(table, batch, vectors, tick) for batch in _batches(rows, missing))
        if vectors.embedder is None:
            import pyarrow as pa

            table.add(pa.RecordBatchReader.from_batches(table.schema, batches))
            return
        for batch in batches:
            table.add(batch)


def _batches(rows: Rows, missing: set[str]) -> Iterator[Sequence[tuple[str, IndexRow]]]:
    left = set(missing)

    def lacking() -> Iterator[tuple[str, IndexRow]]:
        for row in rows():
            key = row_digest(row)
            if key in left:
                left.remove(key)
                yield key, row

    yield from _cut(lacking(), BATCH)


def _columns(
    table: Any, batch: Sequence[tuple[str, IndexRow]], vectors: Vectors, tick: Callable[[int], None]
) -> Any:
    import pyarrow as pa

    values: list[Mapping[str, Any]] = [stored(row, key) for key, row in batch]
    schema = table.schema
    plain = pa.schema([field for field in schema if field.name not in {"embedded", store.VECTOR}])
    made = pa.RecordBatch.from_pylist(values, schema=plain)
    if vectors.embedder is not None:
        embedded, matrix = vectors.of(table, [row for _, row in batch])
        width = schema.field(store.VECTOR).type.list_size
        array = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), width)
        made = pa.RecordBatch.from_arrays([*made.columns, pa.array(embedded), array], schema=schema)
    tick(len(batch))
    return made


def _delete(table: Any, stale: set[str]) -> None:
    for batch in _cut(sorted(stale), 1000):
        table.delete(store.one_of("digest", batch))


def _cut(members: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    remaining = iter(members)
    while batch := tuple(islice(remaining, size)):
        yield batch
