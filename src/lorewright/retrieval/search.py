"""Searching the index at a pinned version: by words, by meaning, or by both."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Passage
from lorewright.llm.embedders import Embedder
from lorewright.retrieval import store
from lorewright.retrieval.dense import Nearest
from lorewright.retrieval.engine import readable
from lorewright.retrieval.filters import EVERYWHERE, Filters, Known, chosen, condition
from lorewright.retrieval.places import Places
from lorewright.retrieval.ranking import Hit, best_hits, fused
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.vectors import known_vectors
from lorewright.retrieval.words import query_words, terms

Mode = Literal["full-text", "dense", "hybrid"]
MODES: tuple[Mode, ...] = get_args(Mode)
# Of the ranking by meaning in a hybrid one, beside 1 for words: chosen on questions made from the headings of two
# documentations, docs/figures-retrieval.md.
DENSE_WEIGHT = 0.5
# Chunks that each of the two rankings gives to a hybrid one.
FUSED_DEPTH = 50
# Words of a question that its reachable score is the sum of; each is a search of its own.
REACHED_WORDS = 32
# BM25 with k1 = 1.2: what a term frequency without limit makes of the weight of a word.
_HIGHEST = 2.2


def open_index(
    index_dir: Path,
    table: str,
    version: int,
    *,
    stemming: str,
    content: str | None = None,
    embedder: Embedder | None = None,
    commits: Mapping[str, str] | None = None,
) -> "Index":
    """Return the index as it was at a version.

    Args:
        index_dir: Folder of the index.
        table: What `update` returned, like the version.
        version: Of the table.
        stemming: As it was handed to `update`.
        content: The digest that `update` returned; None opens what the version holds, even where the folder was
            removed since and versions were counted anew.
        embedder: As it was handed to `update`.
        commits: Commit of each source, to be cited with its passages.

    Raises:
        NotFoundError: There is no such index, or no such version of it.
        StorageError: Its files are damaged.
        MissingDependencyError: LanceDB is not installed.
    """
    with readable(index_dir):
        opened = store.open_table(index_dir, table) if index_dir.is_dir() else None
        if opened is None:
            raise NotFoundError(f"no index in {index_dir}", hint="lore index")
        is_there = (
            version in store.pins(opened).values()
            if content is None
            else version == store.pinned(opened, content)
        )
        if not is_there:
            raise NotFoundError(f"the index in {index_dir} has no version {version}", hint="lore index")
        opened.checkout(version)
        return Index(opened, index_dir, stemming=stemming, embedder=embedder, commits=commits or {})


class Index:
    """Passages at one version of the index.

    Attributes:
        stemming: The language whose word forms count as one, or `none`.
        modes: The ways it can be searched, the best first.
    """

    def __init__(
        self,
        table: Any,
        index_dir: Path,
        *,
        stemming: str,
        embedder: Embedder | None,
        commits: Mapping[str, str],
    ) -> None:
        self.stemming = stemming
        self.modes: tuple[Mode, ...] = (
            ("full-text",) if embedder is None else ("hybrid", "dense", "full-text")
        )
        self._table = table
        self._folder = index_dir
        self._size = int(table.count_rows())
        self._places = Places(table)
        self._embedder = embedder
        self._commits = commits
        self._vector_of = lru_cache(maxsize=256)(self._embed)

    def __len__(self) -> int:
        return self._size

    @cached_property
    def known(self) -> Known:
        """What it holds: kinds, sources and paths, each in order."""
        columns = [self._places.columns[name] for name in ("kind", "source", "path")]
        kinds, sources, paths = (tuple(sorted(column.unique().to_pylist())) for column in columns)
        return Known(kinds, sources, paths)

    @cached_property
    def nearest(self) -> Nearest:
        """Its vectors.

        Raises:
            NotFoundError: It has none.
        """
        if self._embedder is None:
            raise NotFoundError(
                "This index has no vectors: no embedder is set.",
                "set index.embedder in lore.toml, then lore index",
            )
        return Nearest(self._table, self._places)

    def search(
        self, query: str, *, k: int, filters: Filters = EVERYWHERE, mode: Mode | None = None
    ) -> list[Passage]:
        """Return up to k passages for a query, best first; each chunk once, at its first place.

        The query is words and nothing else: it has no syntax. A score is, by mode: BM25 over title, headings and
        text; the cosine of the query's vector and the passage's; the weighted sum of the reciprocal ranks in both
        (Cormack and others, SIGIR 2009). Equal scores are ordered by source, path and line, so that the answer never
        depends on how the index came to be.

        Args:
            query: A question or words. By words, one without a word that could be found yields nothing.
            k: How many chunks at most.
            filters: Where to look.
            mode: How to look; by default the first of `modes`.

        Raises:
            NotFoundError: A filter names what the index does not hold, or it has no vectors and the mode needs them.
            ProviderError: The embedder could not embed the query.
        """
        if k < 1 or not query.strip() or not len(self):
            return []
        with readable(self._folder):
            wanted = chosen(filters, self.known) if filters != EVERYWHERE else {}
            return self._passages(self._hits(query, k, wanted, mode or self.modes[0]))

    def reachable(self, query: str) -> float:
        """Return the BM25 score of a passage that would be the best there is for each word of a query at once.

        A word that stands nowhere counts as one that stands in a single passage would at the most.
        """
        reached: dict[str, float] = {}
        for word in query_words(query).split()[:REACHED_WORDS]:
            stem = next(iter(terms(word, self.stemming)), "")
            if stem and stem not in reached:
                best = self._by_words(word, 1, {})
                reached[stem] = best[0].score if best else _HIGHEST * math.log(2 + 2 * self._size)
        return sum(reached.values())

    def around(self, document_id: str) -> list[Passage]:
        """Return all passages of a document in their order; their scores are 0."""
        where = store.one_of("document_id", [document_id])
        with readable(self._folder):
            found = self._table.search().where(where).select([store.ROW]).to_arrow()[store.ROW].to_pylist()
        rows = sorted(map(IndexRow.model_validate_json, found), key=lambda row: (row.start, row.end))
        return [self._passage(row, 0.0) for row in rows]

    def known_vectors(self, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return the vectors of passages by the digests of what was embedded, for some digests."""
        return known_vectors(self._table, keys)

    def _hits(self, query: str, k: int, wanted: Mapping[str, Sequence[str]], mode: Mode) -> list[Hit]:
        if mode == "full-text":
            return self._by_words(query, k, wanted)
        if mode == "dense":
            return self._by_meaning(query, k, wanted)
        depth = max(FUSED_DEPTH, 2 * k)
        words, meaning = self._by_words(query, depth, wanted), self._by_meaning(query, depth, wanted)
        return fused([(1.0, words), (DENSE_WEIGHT, meaning)], k)

    def _by_words(self, query: str, k: int, wanted: Mapping[str, Sequence[str]]) -> list[Hit]:
        words, where = query_words(query), condition(wanted)
        return best_hits(lambda limit: self._matching(words, where, limit), k) if words else []

    def _by_meaning(self, query: str, k: int, wanted: Mapping[str, Sequence[str]]) -> list[Hit]:
        nearest, vector = self.nearest, self._vector_of(query)
        return best_hits(lambda limit: nearest.find(vector, wanted, limit), k)

    def _embed(self, query: str) -> Any:
        assert self._embedder is not None
        try:
            vectors = self._embedder.queries([query])
        except ProviderError as error:
            raise ProviderError(error.message, f"{error.hint}; by words alone: --mode full-text") from error
        store.check_dimension(self._table, vectors, self._embedder.name)
        return vectors[0]

    def _matching(self, words: str, where: str | None, limit: int) -> list[Hit]:
        from lancedb.query import MatchQuery

        search = self._table.search(MatchQuery(words, store.WORDS), query_type="fts")
        if where is not None:
            search = search.where(where, prefilter=True)
        found = search.select(["_score"]).with_row_id(True).limit(limit).to_arrow()
        return self._places.hits(found["_rowid"].to_numpy(), found["_score"].to_pylist())

    def _passages(self, hits: Sequence[Hit]) -> list[Passage]:
        if not hits:
            return []
        taken = self._table.take_row_ids([hit.rowid for hit in hits]).select([store.ROW])
        found = taken.with_row_id().to_arrow()
        rows = dict(zip(found["_rowid"].to_pylist(), found[store.ROW].to_pylist(), strict=True))
        return [self._passage(IndexRow.model_validate_json(rows[hit.rowid]), hit.score) for hit in hits]

    def _passage(self, row: IndexRow, score: float) -> Passage:
        return Passage(
            chunk_id=row.chunk_id,
            document_id=row.document_id,
            text=row.text,
            score=score,
            source=row.source,
            path=row.path,
            kind=row.kind,
            title=row.title,
            headings=row.headings,
            place=row.place,
            start=row.start,
            end=row.end,
            commit=self._commits.get(row.source, ""),
        )
