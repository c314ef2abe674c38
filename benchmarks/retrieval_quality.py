"""Recall@5 and MRR of the index on questions made from the documents, by how titles and headings count.

Usage: python benchmarks/retrieval_quality.py FOLDER...
"""

import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lorewright.chunking.chunk import chunk
from lorewright.core.errors import ParseError
from lorewright.core.records import Chunk, Document, Rejection
from lorewright.generation.extractive import extract
from lorewright.parsing.dispatch import kind_of, parse
from lorewright.parsing.placing import placed
from lorewright.retrieval import index as retrieval
from lorewright.sources.local import walk

WEIGHTS = (0.0, 0.15, 0.5, 1.0)
REPEATS = (0, 1, 3)
QUESTIONS = 400
K = 5


class Question(NamedTuple):
    text: str
    chunk_ids: frozenset[str]


def main(folders: Sequence[str]) -> None:
    for folder in folders:
        documents = list(read(Path(folder)))
        chunks = {document.id: cut(document) for document in documents}
        rows = [
            retrieval.index_row(one, source=document.source, path=document.path, title=document.title)
            for document in documents
            for one in chunks[document.id]
        ]
        questions = {
            "heading": sample(list(by_heading(documents, chunks))),
            "half a heading": sample(list(by_topic(documents, chunks))),
            "sentence": sample(list(by_sentence(documents, chunks))),
            "generated": sample(list(by_generation(documents, chunks))),
        }
        size = sum(len(row.text) for row in rows) / 1e6
        print(
            f"{folder}: {len(documents)} documents, {len(rows)} passages, {size:.2f} MB; recall@{K} / MRR@{K}"
        )
        print(
            "repeats weight  "
            + "".join(f"{f'{name} ({len(asked)})':22}" for name, asked in questions.items())
        )
        for repeats in REPEATS:
            retrieval.TRAIL_REPEATS = repeats
            with tempfile.TemporaryDirectory() as place:
                state = retrieval.update(Path(place), rows)
                index = retrieval.open_index(Path(place), state.version)
                for weight in WEIGHTS:
                    retrieval.HEADING_WEIGHT = weight
                    cells = "".join(f"{measure(index, asked):22}" for asked in questions.values())
                    print(f"{repeats:7} {weight:6g}  {cells}")


def read(folder: Path) -> Iterator[Document]:
    found = walk(folder, source=folder.name, include=["**"], exclude=[], max_bytes=5_000_000, kind_of=kind_of)
    for file in found:
        if isinstance(file, Rejection):
            continue
        kind = kind_of(file.path)
        try:
            yield placed(parse(file.file.read_bytes(), kind=kind or ""), source=file.source, path=file.path)
        except ParseError:
            continue


def cut(document: Document) -> list[Chunk]:
    return chunk(document, max_size=1500, min_size=200, overlap=0)


def sections(
    documents: Sequence[Document], chunks: dict[str, list[Chunk]]
) -> Iterator[tuple[Document, tuple[str, ...], list[Chunk]]]:
    for document in documents:
        if document.kind not in ("markdown", "rest"):
            continue
        by_path: dict[tuple[str, ...], list[Chunk]] = {}
        for one in chunks[document.id]:
            by_path.setdefault(one.headings, []).append(one)
        yield from ((document, path, members) for path, members in by_path.items() if path)


def by_heading(documents: Sequence[Document], chunks: dict[str, list[Chunk]]) -> Iterator[Question]:
    """A heading and the title above it, as a person would ask: any passage of that section answers."""
    for document, path, members in sections(documents, chunks):
        subject = path[-2] if len(path) > 1 else document.title
        about = f" in {subject}" if subject and subject != path[-1] else ""
        yield Question(f"How does {path[-1]} work{about}?", frozenset(one.id for one in members))


def by_topic(documents: Sequence[Document], chunks: dict[str, list[Chunk]]) -> Iterator[Question]:
    """Half the words of a heading with words of its section's text: what somebody half remembers."""
    for _, path, members in sections(documents, chunks):
        body = plain("\n".join(one.text for one in members).replace(path[-1], " "))
        said = re.findall(r"[^\W\d_]{5,}", body)
        if len(said) < 8:
            continue
        draw = random.Random(path[-1])
        head = re.findall(r"\w{3,}", path[-1])
        words = draw.sample(head, max(1, len(head) // 2)) if head else []
        yield Question(" ".join([*words, *draw.sample(said, 3)]), frozenset(one.id for one in members))


def by_sentence(documents: Sequence[Document], chunks: dict[str, list[Chunk]]) -> Iterator[Question]:
    """Five words of one sentence of a passage, headings left out: only that passage answers."""
    for document in documents:
        for one in chunks[document.id]:
            sentences = [s for s in re.split(r"(?<=[.!?])\s+", plain(one.text)) if len(s.split()) >= 10]
            if not sentences:
                continue
            draw = random.Random(one.id)
            words = re.findall(r"[^\W\d_]{4,}", draw.choice(sentences))
            if len(words) >= 6:
                yield Question(" ".join(draw.sample(words, 5)), frozenset([one.id]))


def by_generation(documents: Sequence[Document], chunks: dict[str, list[Chunk]]) -> Iterator[Question]:
    """The questions that training examples are made of: the passages of their evidence answer."""
    for document in documents:
        for example in extract(document, chunks[document.id], project=document.source):
            if not isinstance(example, Rejection):
                answering = frozenset(piece.chunk_id for piece in example.evidence)
                yield Question(example.messages[0].content, answering)


def plain(text: str) -> str:
    return re.sub(r"^#[^\n]*$|```.*?```", " ", text, flags=re.MULTILINE | re.DOTALL)


def sample(questions: list[Question]) -> list[Question]:
    return random.Random(7).sample(questions, min(QUESTIONS, len(questions)))


def measure(index: retrieval.Index, questions: Sequence[Question]) -> str:
    ranks = [rank(index, question) for question in questions]
    recall = sum(place is not None for place in ranks) / max(1, len(ranks))
    mrr = sum(1 / place for place in ranks if place) / max(1, len(ranks))
    return f"{recall:.3f} / {mrr:.3f}"


def rank(index: retrieval.Index, question: Question) -> int | None:
    found = [passage.chunk_id for passage in index.search(question.text, k=K)]
    return next((place for place, one in enumerate(found, 1) if one in question.chunk_ids), None)


if __name__ == "__main__":
    main(sys.argv[1:])
