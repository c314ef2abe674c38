"""Figures on parsing and chunking real documents, and the promises that must hold on all of them.

    python benchmarks/parse_corpora.py FOLDER [FOLDER ...]

Prints a Markdown report; exits 1 when a document is lost, a passage is not its stretch of the text, a character
stands in no passage, or a word is cut.
"""

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from lorewright.chunking.chunk import chunk
from lorewright.core.errors import ParseError
from lorewright.core.records import Chunk, Document
from lorewright.parsing.dispatch import kind_of, parse
from lorewright.parsing.placing import placed
from lorewright.sources.local import SourceFile, walk

_WORD = re.compile(r"\w+")
_STRATEGIES = ("auto", "paragraphs", "windows")


@dataclass
class _Kind:
    """What was read of one kind of document."""

    documents: int = 0
    parsed: int = 0
    size: int = 0
    seconds: float = 0.0
    blocks: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Read the folders, print the report, exit 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--max-chars", type=int, default=1200)
    parser.add_argument("--min-chars", type=int, default=200)
    parser.add_argument("--overlap-chars", type=int, default=150)
    arguments = parser.parse_args()
    broken = 0
    for folder in arguments.folders:
        documents, lost = _read(folder)
        broken += lost
        for strategy in _STRATEGIES:
            broken += _chunk(
                documents,
                strategy=strategy,
                max_chars=arguments.max_chars,
                min_chars=arguments.min_chars,
                overlap_chars=arguments.overlap_chars,
            )
    sys.exit(1 if broken else 0)


def _read(folder: Path) -> tuple[list[Document], int]:
    """Parse a folder; return its documents and the number of those that went missing."""
    kinds: dict[str, _Kind] = defaultdict(_Kind)
    documents: list[Document] = []
    rejected: list[str] = []
    found = walk(folder, source=folder.name, include=(), exclude=(), max_bytes=20_000_000, kind_of=kind_of)
    for entry in found:
        if not isinstance(entry, SourceFile):
            rejected.append(f"{entry.name}: {entry.reason}")
            continue
        kind = kind_of(entry.path) or ""
        figures = kinds[kind]
        figures.documents += 1
        data = entry.file.read_bytes()
        started = time.process_time()
        try:
            document = placed(parse(data, kind=kind), source=folder.name, path=entry.path)
        except ParseError as error:
            rejected.append(f"{entry.path}: {error.message}")
            continue
        finally:
            figures.seconds += time.process_time() - started
            figures.size += len(data)
        figures.parsed += 1
        figures.blocks.update(block.kind for block in document.blocks)
        documents.append(document)
    there = sum(1 for file in folder.rglob("*") if file.is_file() and kind_of(file.name))
    _print_reading(folder.name, there, kinds, rejected)
    return documents, there - len(documents) - len(rejected)


def _print_reading(name: str, there: int, kinds: dict[str, _Kind], rejected: list[str]) -> None:
    parsed = sum(figures.parsed for figures in kinds.values())
    print(f"\n### {name}\n\n{there} documents in = {parsed} parsed + {len(rejected)} rejected.\n")
    for reason in rejected:
        print(f"* rejected: {reason}")
    print("\n| kind | documents | parsed | MB | MB per CPU-second | blocks |\n|---|---|---|---|---|---|")
    for kind, figures in sorted(kinds.items()):
        blocks = ", ".join(f"{count} {block}" for block, count in figures.blocks.most_common(5))
        megabytes = figures.size / 1e6
        rate = megabytes / max(figures.seconds, 1e-9)
        print(
            f"| {kind} | {figures.documents} | {figures.parsed} | {megabytes:.2f} | {rate:.2f} | {blocks} |"
        )
    print("\n| strategy | chunks | median chars | p95 | under the minimum | MB per CPU-second ", end="")
    print("| text differs | cut words | characters lost |\n|---|---|---|---|---|---|---|---|---|")


def _chunk(
    documents: list[Document], *, strategy: str, max_chars: int, min_chars: int, overlap_chars: int
) -> int:
    """Cut the documents, print a row, and return how often a promise was broken."""
    started = time.process_time()
    cut = [
        chunk(
            document,
            strategies=(strategy,),
            max_size=max_chars,
            min_size=min_chars,
            overlap=overlap_chars,
        )
        for document in documents
    ]
    seconds = time.process_time() - started
    differing = words = lost = 0
    for document, chunks in zip(documents, cut, strict=True):
        differing += sum(document.text[passage.start : passage.end] != passage.text for passage in chunks)
        words += sum(_cut_words(document.text, passage, max_chars) for passage in chunks)
        lost += _lost(document.text, chunks)
    sizes = sorted(len(passage.text) for chunks in cut for passage in chunks) or [0]
    small = sum(size < min_chars for size in sizes) / len(sizes)
    rate = sum(len(document.text) for document in documents) / 1e6 / max(seconds, 1e-9)
    print(
        f"| {strategy} | {len(sizes)} | {sizes[len(sizes) // 2]} | {sizes[int(len(sizes) * 0.95)]} | {small:.0%} "
        f"| {rate:.1f} | {differing} | {words} | {lost} |"
    )
    return differing + words + lost


def _cut_words(text: str, passage: Chunk, max_chars: int) -> int:
    """How many edges stand inside a word; what is longer than a passage may be is no word."""
    cut = 0
    for edge in (passage.start, passage.end):
        around = text[max(0, edge - max_chars) : edge + max_chars]
        inside = min(edge, max_chars)
        cut += any(
            match.start() < inside < match.end() and match.end() - match.start() <= max_chars
            for match in _WORD.finditer(around)
        )
    return cut


def _lost(text: str, chunks: list[Chunk]) -> int:
    kept = bytearray(len(text))
    for passage in chunks:
        kept[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    return sum(not seen and not text[index].isspace() for index, seen in enumerate(kept))


if __name__ == "__main__":
    main()
