"""One contestant of `retrieve.py`, in its own process and environment: it builds its index, or searches it.

    python search_worker.py CONTESTANT build|search PASSAGES INDEX

`PASSAGES` is a folder of `passages.py`. `build` prints what it cost as JSON. `search` opens the index, prints how long
that took, then answers each line that comes in (JSON: mode, first, count, filtered) with the milliseconds of each query
and the ids that the queries found. Runs without Lorewright unless it is the contestant.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Search = Callable[[str, Any, str, str], list[str]]
"""Query, its vector, mode, source or "": ids of the ten best."""

K = 10
BATCH = 2000
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def passages(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield id, source and text as it is searched: headings before the text."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = "\n".join([" › ".join(row["headings"]), row["text"]] if row["headings"] else [row["text"]])
            yield {"id": row["chunk_id"], "source": row["source"], "text": text}


def batches(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield passages, some at a time."""
    batch = []
    for one in passages(folder):
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def vectors(folder: Path) -> Any:
    """Return the passages' vectors (passages, 384), read as they are touched."""
    return np.load(folder / "vectors.npy", mmap_mode="r")


class Lorewright:
    """Rows as `lore index` writes them; their vectors are looked up, as if an embedder cost nothing."""

    packages = ("lorewright", "lancedb")
    modes = filtered = ("full-text", "dense", "hybrid")

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def build(self) -> None:
        from lorewright.retrieval.index import update

        state = update(self._index, self.rows, embedder=self.embedder())
        (self._index / "state.json").write_text(state.model_dump_json())

    def rows(self) -> Iterator[Any]:
        """Yield the rows of the index."""
        from lorewright.retrieval.rows import IndexRow

        with (self._folder / "passages.jsonl").open(encoding="utf-8") as lines:
            yield from map(IndexRow.model_validate_json, lines)

    def open(self) -> Search:
        from lorewright.retrieval.filters import EVERYWHERE, Filters
        from lorewright.retrieval.search import open_index

        state = json.loads((self._index / "state.json").read_text())
        index = open_index(
            self._index,
            state["table"],
            state["version"],
            stemming="english",
            embedder=self.embedder(),
        )

        def search(query: str, _: Any, mode: str, source: str) -> list[str]:
            filters = Filters(sources=(source,)) if source else EVERYWHERE
            found = index.search(query, k=K, filters=filters, mode=mode)
            return [passage.chunk_id for passage in found]

        return search

    def embedder(self) -> Any:
        """Return what looks vectors up."""
        from lorewright.llm.embedders import Embedder

        keys = np.load(self._folder / "keys.npy")
        order = np.argsort(keys)
        queries = [json.loads(line)["text"] for line in (self._folder / "queries.jsonl").open()]
        vectors_of_queries = dict(zip(queries, np.load(self._folder / "query-vectors.npy"), strict=True))

        def of_passages(texts: list[str]) -> Any:
            from lorewright.core.ids import text_digest

            if texts == ["."]:
                return np.zeros((1, 384), np.float32)
            wanted = np.array([int(text_digest(text)[:16], 16) for text in texts], np.uint64)
            places = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
            return np.array(vectors(self._folder)[places])  # those of a text that was edited: of any other

        def of_queries(texts: list[str]) -> Any:
            return np.array([vectors_of_queries[text] for text in texts])

        return Embedder("benchmark", {"model": "bag of words"}, of_passages, of_queries, lambda: None)


class LlamaIndex:
    """Its default vector store, in memory and persisted as JSON, its BM25 retriever, and its fusion of both."""

    packages = ("llama-index-core", "llama-index-retrievers-bm25")
    modes = ("full-text", "dense", "hybrid")
    filtered = ("dense",)

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def _settle(self) -> None:
        from llama_index.core import MockEmbedding, Settings

        Settings.embed_model, Settings.llm = MockEmbedding(embed_dim=384), None

    def build(self) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.core.schema import TextNode
        from llama_index.retrievers.bm25 import BM25Retriever

        self._settle()
        matrix, nodes = vectors(self._folder), []
        for number, one in enumerate(passages(self._folder)):
            node = TextNode(id_=one["id"], text=one["text"], metadata={"source": one["source"]})
            node.embedding = matrix[number].tolist()
            nodes.append(node)
        index = VectorStoreIndex(nodes)
        index.storage_context.persist(str(self._index / "vectors"))
        words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=K)
        words.persist(str(self._index / "words"))

    def open(self) -> Search:
        from llama_index.core import QueryBundle, StorageContext, load_index_from_storage
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.core.vector_stores import ExactMatchFilter, MetadataFilters
        from llama_index.retrievers.bm25 import BM25Retriever

        self._settle()
        index = load_index_from_storage(
            StorageContext.from_defaults(persist_dir=str(self._index / "vectors"))
        )
        words = BM25Retriever.from_persist_dir(str(self._index / "words"))
        words.similarity_top_k = K
        meaning = index.as_retriever(similarity_top_k=K)
        both = QueryFusionRetriever(
            [words, meaning],
            similarity_top_k=K,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )
        retrievers = {"full-text": words, "dense": meaning, "hybrid": both}

        def search(query: str, vector: Any, mode: str, source: str) -> list[str]:
            retriever = retrievers[mode]
            if source:
                wanted = MetadataFilters(filters=[ExactMatchFilter(key="source", value=source)])
                retriever = index.as_retriever(similarity_top_k=K, filters=wanted)
            found = retriever.retrieve(QueryBundle(query, embedding=vector.tolist()))
            return [one.node.node_id for one in found]

        return search


class Chroma:
    """A persistent collection, HNSW by cosine, settings by default; it has no ranked search by words on disk."""

    packages = ("chromadb",)
    modes = filtered = ("dense",)

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def _client(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        return chromadb.PersistentClient(str(self._index), settings=Settings(anonymized_telemetry=False))

    def build(self) -> None:
        collection = self._client().create_collection(
            "passages", metadata={"hnsw:space": "cosine"}, embedding_function=None
        )
        matrix, start = vectors(self._folder), 0
        for batch in batches(self._folder):
            collection.add(
                ids=[one["id"] for one in batch],
                embeddings=np.array(matrix[start : start + len(batch)]),
                documents=[one["text"] for one in batch],
                metadatas=[{"source": one["source"]} for one in batch],
            )
            start += len(batch)

    def open(self) -> Search:
        collection = self._client().get_collection("passages", embedding_function=None)

        def search(_: str, vector: Any, __: str, source: str) -> list[str]:
            where = {"source": source} if source else None
            found = collection.query(query_embeddings=[vector], n_results=K, where=where)
            return list(found["ids"][0])

        return search


class Bm25s:
    """BM25 of every word computed ahead; stems and stop words as the others have. No filters."""

    packages = ("bm25s", "PyStemmer")
    modes = ("full-text",)
    filtered: tuple[str, ...] = ()

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def _words(self, texts: list[str]) -> Any:
        import bm25s
        import Stemmer

        return bm25s.tokenize(texts, stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)

    def build(self) -> None:
        import bm25s

        found = list(passages(self._folder))
        model = bm25s.BM25()
        model.index(self._words([one["text"] for one in found]), show_progress=False)
        model.save(str(self._index), corpus=[{"id": one["id"], "text": one["text"]} for one in found])

    def open(self) -> Search:
        import bm25s

        model = bm25s.BM25.load(str(self._index), load_corpus=True)

        def search(query: str, _: Any, __: str, ___: str) -> list[str]:
            found, _scores = model.retrieve(self._words([query]), k=K, show_progress=False)
            return [one["id"] for one in found[0]]

        return search


class RankBm25:
    """BM25 in plain Python and numpy, every passage scored; it is not kept on disk. No filters, no stems."""

    packages = ("rank-bm25",)
    modes = ("full-text",)
    filtered: tuple[str, ...] = ()

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def build(self) -> None:
        self.open()

    def open(self) -> Search:
        from rank_bm25 import BM25Okapi

        found = list(passages(self._folder))
        model, ids = (
            BM25Okapi([one["text"].casefold().split() for one in found]),
            [one["id"] for one in found],
        )

        def search(query: str, _: Any, __: str, ___: str) -> list[str]:
            scores = model.get_scores(query.casefold().split())
            return [ids[place] for place in np.argsort(-scores)[:K]]

        return search


class Tantivy:
    """A search engine's library, written in Rust: BM25, English stems, texts stored."""

    packages = ("tantivy",)
    modes = filtered = ("full-text",)

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index

    def build(self) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        for name in ("id", "source"):
            builder.add_text_field(name, stored=True, tokenizer_name="raw")
        builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
        index = tantivy.Index(builder.build(), path=str(self._index))
        writer = index.writer(200_000_000)
        for one in passages(self._folder):
            writer.add_document(tantivy.Document(**one))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> Search:
        import tantivy

        index = tantivy.Index.open(str(self._index))
        searcher = index.searcher()

        def search(query: str, _: Any, __: str, source: str) -> list[str]:
            asked, _errors = index.parse_query_lenient(query, ["text"])
            if source:
                only = tantivy.Query.term_query(index.schema, "source", source)
                asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), (tantivy.Occur.Must, only)])
            hits = searcher.search(asked, K).hits
            documents = [searcher.doc(address) for _, address in hits]
            return [one["id"][0] for one in documents if one["text"]]

        return search


CONTESTANTS = {
    "lorewright": Lorewright,
    "llama-index": LlamaIndex,
    "chroma": Chroma,
    "bm25s": Bm25s,
    "rank-bm25": RankBm25,
    "tantivy": Tantivy,
}


def peak_bytes() -> int:
    """Return the largest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def disk_bytes(folder: Path) -> int:
    """Return what a folder takes on disk."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def build(contestant: Any, index: Path) -> dict[str, Any]:
    """Build and say what it cost."""
    started, cpu = time.perf_counter(), time.process_time()
    contestant.build()
    return {
        "versions": [f"{name} {version(name)}" for name in contestant.packages],
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
        "peak": peak_bytes(),
        "disk": disk_bytes(index),
    }


def answer(search: Search, queries: list[Any], order: dict[str, Any]) -> dict[str, Any]:
    """Search the queries that an order names, one after the other, for as long as it lets."""
    taken, found = [], []
    until = time.perf_counter() + order["seconds"]
    for text, source, vector in queries[order["first"] : order["first"] + order["count"]]:
        begun = time.perf_counter()
        found.append(search(text, vector, order["mode"], source if order["filtered"] else ""))
        ended = time.perf_counter()
        taken.append((ended - begun) * 1e3)
        if ended > until:
            break
    return {"ms": taken, "found": found, "peak": peak_bytes()}


def main() -> None:
    """Build, or open and answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("do", choices=("build", "search"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    arguments = parser.parse_args()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what a contestant prints is no answer
        contestant = CONTESTANTS[arguments.contestant](arguments.folder, arguments.index)
        arguments.index.mkdir(parents=True, exist_ok=True)
        if arguments.do == "build":
            print(json.dumps(build(contestant, arguments.index)), file=answers, flush=True)
            return
        lines = (arguments.folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        asked = [json.loads(line) for line in lines]
        matrix = np.load(arguments.folder / "query-vectors.npy")
        queries = [(one["text"], one["source"], matrix[number]) for number, one in enumerate(asked)]
        started = time.perf_counter()
        search = contestant.open()
        search(queries[0][0], queries[0][2], contestant.modes[0], "")
        opened = {
            "open_s": time.perf_counter() - started,
            "modes": contestant.modes,
            "filtered": contestant.filtered,
        }
        print(json.dumps(opened), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(search, queries, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
