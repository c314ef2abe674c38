"""Passages, queries and vectors for `retrieve.py`, cut from text that is on the machine.

    python benchmarks/passages.py FOLDER --passages N --from FOLDER [FOLDER ...] [--drawn]

Writes `passages.jsonl` (rows of the index), `vectors.npy` (float32, passages by 384), `keys.npy` (of which embedded
text each is), `queries.jsonl` and `query-vectors.npy`. The same files give the same passages.
"""

import argparse
import hashlib
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from lorewright.chunking.chunk import chunk
from lorewright.core.errors import ParseError
from lorewright.core.ids import strings_id, text_digest
from lorewright.parsing.dispatch import kind_of, parse
from lorewright.parsing.placing import placed
from lorewright.retrieval.rows import IndexRow, embedded_text, index_row

DIMENSION = 384
QUERIES = 1000
KINDS = ("markdown", "rest", "text", "html", "python")  # prose goes first
_MOST_BYTES = 500_000
_HELD_OUT = 20  # of every so many files one gives queries and no passages
_BUCKETS = 1 << 15
_SENTENCES = 7  # of a drawn passage: from one document, and one from anywhere
_WORD = re.compile(r"[^\W\d_]{3,}")
_LEGAL = re.compile("licen|copying|notice|third.?part", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\n+")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, required=True)
    parser.add_argument("--from", dest="folders", type=Path, nargs="+", required=True)
    parser.add_argument("--drawn", action="store_true", help="passages of sentences drawn from the files")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept, held_out = files(arguments.folders)
    rows = cut(kept)
    if arguments.drawn:
        rows = drawn(list(islice(rows, 50_000)), arguments.passages)
    sources, size = write_passages(arguments.folder, islice(rows, arguments.passages), arguments.passages)
    count = len(sources)
    random.Random(11).shuffle(held_out)
    asking = enumerate(islice(asked(held_out), QUERIES))
    queries = [(text, sources[number * count // QUERIES]) for number, text in asking]
    write_queries(arguments.folder, queries)
    said = {"passages": count, "characters": size / count, "queries": len(queries)}
    (arguments.folder / "made.json").write_text(json.dumps(said), encoding="utf-8")


def files(folders: Sequence[Path]) -> tuple[list[tuple[str, Path]], list[tuple[str, Path]]]:
    """Return source and file of what gives passages, and of what gives queries: prose first, else shuffled."""
    found = []
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            kind = kind_of(file.name)
            name = file.relative_to(folder).as_posix()
            if "site-packages/" in name or _LEGAL.search(
                name
            ):  # the standard library's folder may hold others'
                continue
            if kind in KINDS and file.is_file() and 0 < file.stat().st_size <= _MOST_BYTES:
                found.append(
                    (KINDS.index(kind) == len(KINDS) - 1, _shuffling(name), name.split("/")[0], file)
                )
    ordered = [(source, file) for _, _, source, file in sorted(found)]
    return (
        [one for number, one in enumerate(ordered) if number % _HELD_OUT],
        ordered[::_HELD_OUT],
    )


def cut(found: Iterable[tuple[str, Path]]) -> Iterator[IndexRow]:
    """Yield the rows of the files' passages, those of one text once."""
    seen: set[str] = set()
    for source, file in found:
        try:
            parsed = parse(file.read_bytes(), kind=kind_of(file.name) or "")
        except ParseError:
            continue
        document = placed(parsed, source=source, path=file.name)
        for one in chunk(document, max_size=1500, min_size=700, overlap=0):
            if one.text not in seen:
                seen.add(one.text)
                yield index_row(one, source=source, path=file.name, title=document.title)


def drawn(rows: Sequence[IndexRow], count: int) -> Iterator[IndexRow]:
    """Yield rows whose texts are sentences drawn from real ones, most from one document: word counts stay real."""
    draw = random.Random(7)
    by_document: dict[str, list[str]] = {}
    for row in rows:
        pieces = [one.strip()[:400] for one in _SENTENCE.split(row.text)]
        by_document.setdefault(row.document_id, []).extend(one for one in pieces if one)
    pools = [pool for pool in by_document.values() if pool]
    for number in range(count):
        like, pool = draw.choice(rows), draw.choice(pools)
        picked = [*draw.choices(pool, k=_SENTENCES), draw.choice(draw.choice(pools))]
        text = "\n".join(picked)
        changed = {
            "text": text,
            "end": len(text),
            "start": 0,
            "chunk_id": strings_id("drawn", str(number)),
            "path": f"{number % 20_000}.md",
        }
        yield like.model_copy(update=changed)


def asked(held_out: Iterable[tuple[str, Path]]) -> Iterator[str]:
    """Yield queries of 5 to 12 words that stand together in a sentence of a file without passages."""
    draw, given = random.Random(11), Counter[str]()
    for row in cut(held_out):
        sentences = [one.split() for one in _SENTENCE.split(row.text)]
        fit = [words for words in sentences if len(words) >= 12 and _prose(words)]
        if fit and given[row.document_id] < 3:
            given[row.document_id] += 1
            words, length = draw.choice(fit), draw.randint(5, 12)
            start = draw.randrange(len(words) - length + 1)
            yield " ".join(words[start : start + length])


def _prose(words: Sequence[str]) -> bool:
    return sum(word.strip(".,;:()'\"`").isalpha() for word in words) >= 0.8 * len(words)


class BagOfWords:
    """Vectors of texts: the random directions of their words, summed and brought to length 1.

    No model, so that every contestant gets the same vectors at no cost; texts that share words are near.
    """

    def __init__(self) -> None:
        self._directions = np.random.default_rng(3).standard_normal((_BUCKETS, DIMENSION), dtype=np.float32)
        self._buckets: dict[str, int] = {}

    def vectors(self, texts: Sequence[str]) -> Any:
        from scipy.sparse import csr_matrix

        members = [[self._bucket(word) for word in _WORD.findall(text.casefold())] or [0] for text in texts]
        lengths = np.cumsum([0, *map(len, members)])
        places = np.concatenate([np.asarray(one) for one in members])
        counts = csr_matrix((np.ones(len(places), np.float32), places, lengths), (len(texts), _BUCKETS))
        counts.sum_duplicates()
        counts.data = np.sqrt(counts.data)
        matrix = counts @ self._directions
        return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-6)

    def _bucket(self, word: str) -> int:
        if word not in self._buckets:
            self._buckets[word] = zlib.crc32(word.encode()) % _BUCKETS
        return self._buckets[word]


def write_passages(folder: Path, rows: Iterable[IndexRow], most: int) -> tuple[list[str], int]:
    """Write passages and vectors; return the source of each passage and how many characters all have."""
    model, remaining, size = BagOfWords(), iter(rows), 0
    keys: list[int] = []
    sources: list[str] = []
    matrix = np.lib.format.open_memmap(
        folder / "vectors.npy", mode="w+", dtype=np.float32, shape=(most, DIMENSION)
    )
    with (folder / "passages.jsonl").open("w", encoding="utf-8", errors="replace") as out:
        while batch := list(islice(remaining, 2000)):
            texts = [embedded_text(row) for row in batch]
            matrix[len(keys) : len(keys) + len(batch)] = model.vectors(texts)
            keys += [key_of(text) for text in texts]
            out.writelines(row.model_dump_json() + "\n" for row in batch)
            sources += [row.source for row in batch]
            size += sum(len(row.text) for row in batch)
    if len(keys) < most:
        raise SystemExit(
            f"{len(keys)} passages are all that can be cut, {most} are wanted: name more folders"
        )
    matrix.flush()
    np.save(folder / "keys.npy", np.array(keys, dtype=np.uint64))
    return sources, size


def write_queries(folder: Path, queries: Sequence[tuple[str, str]]) -> None:
    lines = [json.dumps({"text": text, "source": source}) + "\n" for text, source in queries]
    (folder / "queries.jsonl").write_text("".join(lines), encoding="utf-8")
    np.save(folder / "query-vectors.npy", BagOfWords().vectors([text for text, _ in queries]))


def key_of(text: str) -> int:
    """Return 64 bits of a text's digest."""
    return int(text_digest(text)[:16], 16)


def _shuffling(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


if __name__ == "__main__":
    main()
