"""The retrieval index: brought up to date by row, searched at a pinned version.

Every state that `update` finishes is a tagged version of one LanceDB table. Readers name the version they want, so
whatever an update does next, or wherever it is killed, they keep getting the answers of theirs.
"""

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lorewright.core.errors import NotFoundError
from lorewright.core.ids import digest, multiset_digest, short_id
from lorewright.core.records import Chunk, Passage, Place, Record
from lorewright.retrieval import store
from lorewright.retrieval.words import query_words, searchable

# Measured by benchmarks/retrieval_quality.py. Titles and headings repeated in the text's own column gain on
# questions about a section and lose nothing on sentences, unlike a column of theirs with a large weight.
TRAIL_REPEATS = 3
HEADING_WEIGHT = 0.15
BATCH = 1000


class IndexRow(Record):
    """One place of a chunk, as it is indexed and cited."""

    chunk_id: str
    document_id: str
    start: int
    text: str
    source: str
    path: str
    kind: str
    title: str
    headings: tuple[str, ...] = ()
    place: Place


class IndexState(Record):
    """What an update left behind.

    Attributes:
        version: Pins this state; hand it to `open_index`.
        digest: Of the rows, free of order: equal for equal content, whatever the versions before.
        added: Rows written, changed ones included.
        removed: Rows taken out, changed ones included.
        kept: Rows that were already there.
    """

    version: int
    digest: str
    added: int
    removed: int
    kept: int


def index_row(chunk: Chunk, *, source: str, path: str, title: str) -> IndexRow:
    """Return the row of a chunk of the document with this source, path and title."""
    return IndexRow(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        start=chunk.start,
        text=chunk.text,
        source=source,
        path=path,
        kind=chunk.kind,
        title=title,
        headings=chunk.headings,
        place=chunk.place,
    )


def update(
    index_dir: Path, rows: Iterable[IndexRow], *, tick: Callable[[int], None] = lambda _: None
) -> IndexState:
    """Make the index hold exactly these rows, writing only those it lacks, and pin the result as a version.

    Rows that were indexed before in the same combination give back the version of then. Updates of one folder wait
    for each other; readers never wait.

    Args:
        index_dir: Folder of the index; made if missing.
        rows: Each place of each chunk; a second row for the same place is ignored.
        tick: Told the number of rows read since the last call.

    Raises:
        MissingDependencyError: LanceDB is not installed.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    with _one_writer(index_dir):
        table = store.open_table(index_dir)
        if table is None:
            table = store.create_table(index_dir)
        present = _present(table)
        wanted: dict[str, str] = {}
        missing: dict[str, IndexRow] = {}
        for row in rows:
            key = short_id(row.chunk_id, row.document_id, row.start)
            if key not in wanted:
                wanted[key] = digest([store.FORMAT, row.model_dump(mode="json")])
                if present.get(key) != wanted[key]:
                    missing[key] = row
            tick(1)
        content = multiset_digest(bytes.fromhex(value) for value in wanted.values())
        tags = table.tags.list()
        if pinned := tags.get(_tag(content)):
            return IndexState(version=pinned["version"], digest=content, added=0, removed=0, kept=len(wanted))
        stale = [key for key, value in present.items() if wanted.get(key) != value]
        _delete(table, stale)
        _add(table, [(key, wanted[key], row) for key, row in missing.items()])
        store.index_words(table)
        version = int(table.version)
        table.tags.create(_tag(content), version)
        kept = len(wanted) - len(missing)
        return IndexState(version=version, digest=content, added=len(missing), removed=len(stale), kept=kept)


def prune(index_dir: Path, *, keep: Iterable[int]) -> None:
    """Free the disk space of versions older than the oldest one kept; none but those kept can be opened afterwards."""
    if not index_dir.is_dir():
        return
    with _one_writer(index_dir):
        table = store.open_table(index_dir)
        if table is None:
            return
        kept = set(keep)
        for name, tag in table.tags.list().items():
            if tag["version"] not in kept:
                table.tags.delete(name)
        stamps = {item["version"]: item["timestamp"] for item in table.list_versions()}
        oldest = min((stamps[version] for version in kept if version in stamps), default=max(stamps.values()))
        now = datetime.now(oldest.tzinfo)
        table.optimize(cleanup_older_than=now - oldest + timedelta(seconds=5))


def open_index(index_dir: Path, version: int, *, commits: Mapping[str, str] | None = None) -> "Index":
    """Return the index as it was at a version.

    Args:
        index_dir: Folder of the index.
        version: What `update` returned.
        commits: Commit of each source, to be cited with its passages.

    Raises:
        NotFoundError: There is no such index, or no such version of it.
        MissingDependencyError: LanceDB is not installed.
    """
    table = store.open_table(index_dir) if index_dir.is_dir() else None
    if table is None:
        raise NotFoundError(f"no index in {index_dir}", hint="lore index")
    if version not in {tag["version"] for tag in table.tags.list().values()}:
        raise NotFoundError(f"the index in {index_dir} has no version {version}", hint="lore index")
    table.checkout(version)
    return Index(table, commits or {})


class Index:
    """Passages at one version of the index."""

    def __init__(self, table: Any, commits: Mapping[str, str]) -> None:
        self._table = table
        self._commits = commits
        self._paths: list[str] | None = None

    def __len__(self) -> int:
        return int(self._table.count_rows())

    def search(
        self,
        query: str,
        *,
        k: int,
        kinds: Sequence[str] | None = None,
        sources: Sequence[str] | None = None,
        path_glob: str | None = None,
    ) -> list[Passage]:
        """Return up to k passages that share words with a query, best first; each chunk once, at its first place.

        The query is words and nothing else: it has no syntax. Scores are BM25 over title, headings and text
        together, plus a little for the passage's own heading. Equal scores are ordered by source, path
        and line, so that the answer never depends on how the index came to be.

        Args:
            query: A question or words; one without a word that could be found yields nothing.
            k: How many chunks at most.
            kinds: Kinds of document to look in; None for all.
            sources: Names of sources to look in; None for all.
            path_glob: Gitignore-style pattern of paths to look in, such as `core/**/*.rst`; None for all.
        """
        words = query_words(query)
        where = self._condition(kinds, sources, path_glob)
        if k < 1 or not words or where == "false":
            return []
        limit = 4 * k + 16
        while True:
            found = self._fetch(words, where, limit)
            passages = _distinct(found)
            # Cut through rows of one score, or filled by copies of few chunks: look further.
            cut = len(found) == limit and (len(passages) <= k or passages[k - 1][0] <= found[-1]["_score"])
            if not cut:
                return [self._passage(score, row) for score, row in passages[:k]]
            limit *= 4

    def _condition(
        self, kinds: Sequence[str] | None, sources: Sequence[str] | None, path_glob: str | None
    ) -> str | None:
        paths = None if path_glob is None else self._matching(path_glob)
        wanted = (("kind", kinds), ("source", sources), ("path", paths))
        conditions = [_one_of(column, values) for column, values in wanted if values is not None]
        return "false" if "false" in conditions else " AND ".join(conditions) or None

    def _matching(self, path_glob: str) -> list[str]:
        from pathspec import GitIgnoreSpec

        if self._paths is None:
            column = self._table.search().select(["path"]).to_arrow()["path"]
            self._paths = sorted(column.unique().to_pylist())
        return list(GitIgnoreSpec.from_lines([path_glob]).match_files(self._paths))

    def _fetch(self, words: str, where: str | None, limit: int) -> list[dict[str, Any]]:
        from lancedb.query import BooleanQuery, MatchQuery, Occur

        weights = zip(store.SEARCHED, (1.0, HEADING_WEIGHT), strict=True)
        parts = [(Occur.SHOULD, MatchQuery(words, column, boost=weight)) for column, weight in weights]
        search = self._table.search(BooleanQuery(parts), query_type="fts")
        if where is not None:
            search = search.where(where, prefilter=True)
        rows: list[dict[str, Any]] = search.select([*store.STORED, "_score"]).limit(limit).to_list()
        return rows

    def _passage(self, score: float, row: Mapping[str, Any]) -> Passage:
        return Passage(
            chunk_id=row["chunk_id"],
            document_id=row["document_id"],
            text=row["text"],
            score=score,
            source=row["source"],
            path=row["path"],
            kind=row["kind"],
            title=row["title"],
            headings=tuple(row["headings"] or ()),
            place=Place(unit=row["unit"], first=row["first"], last=row["last"]),
            commit=self._commits.get(row["source"], ""),
        )


@contextmanager
def _one_writer(index_dir: Path) -> Iterator[None]:
    with (index_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tag(content: str) -> str:
    return f"rows-{content[:32]}"


def _present(table: Any) -> dict[str, str]:
    columns = table.search().select(["key", "digest"]).to_arrow()
    return dict(zip(columns["key"].to_pylist(), columns["digest"].to_pylist(), strict=True))


def _delete(table: Any, keys: Sequence[str]) -> None:
    for first in range(0, len(keys), BATCH):
        table.delete(_one_of("key", keys[first : first + BATCH]))


def _add(table: Any, rows: Sequence[tuple[str, str, IndexRow]]) -> None:
    import pyarrow as pa

    def batches() -> Iterator[Any]:
        for first in range(0, len(rows), BATCH):
            values = [_values(key, value, row) for key, value, row in rows[first : first + BATCH]]
            yield pa.RecordBatch.from_pylist(values, schema=store.schema())

    if rows:
        table.add(pa.RecordBatchReader.from_batches(store.schema(), batches()))


def _values(key: str, value: str, row: IndexRow) -> dict[str, Any]:
    stored = row.model_dump(include=set(store.STORED))
    trail = list(dict.fromkeys(name for name in (row.title, *row.headings) if name))
    return {
        **stored,
        "key": key,
        "digest": value,
        "headings": list(row.headings),
        "unit": row.place.unit,
        "first": row.place.first,
        "last": row.place.last,
        "words": searchable("\n".join([*trail * TRAIL_REPEATS, row.text])),
        "heading_words": searchable(trail[-1]) if trail else "",
    }


def _one_of(column: str, values: Sequence[str]) -> str:
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({quoted})" if quoted else "false"


def _distinct(rows: Iterable[Mapping[str, Any]]) -> list[tuple[float, Mapping[str, Any]]]:
    def rank(row: Mapping[str, Any]) -> tuple[float, str, str, int, str]:
        return (-row["_score"], row["source"], row["path"], row["first"], row["chunk_id"])

    best: dict[str, Mapping[str, Any]] = {}
    for row in sorted(rows, key=rank):
        best.setdefault(row["chunk_id"], row)
    return [(float(row["_score"]), row) for row in best.values()]
