"""One contestant of `ingest.py`, in its own process and environment; it measures itself, a pass at a time.

    python worker.py CONTESTANT FILES [--size N] [--tokenizer FILE]

`FILES` is a JSON list of paths. Each line that comes in asks for one pass; each line that goes out is its result as
JSON. What the contestant itself prints is counted as complaints. Runs without Lorewright unless it is the contestant.
"""

import argparse
import gc
import json
import logging
import os
import resource
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, TextIO

Read = Callable[[Path], list[str]]
Arguments = argparse.Namespace

TRAIN = "train-tokenizer"
_VOCABULARY = 16_000
_SMALLEST = 6  # a passage is at least a sixth of the largest size
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def lorewright(arguments: Arguments) -> Read:
    """Parse, place and cut at headings, budgets in characters, or in tokens where there is a tokenizer."""
    from lorewright.chunking.chunk import chunk
    from lorewright.parsing.dispatch import parse
    from lorewright.parsing.placing import placed
    from lorewright.text.tokenizer import load_tokenizer

    counter = load_tokenizer(arguments.tokenizer) if arguments.tokenizer else None
    kind = arguments.kind

    def read(file: Path) -> list[str]:
        document = placed(parse(file.read_bytes(), kind=kind), source="benchmark", path=file.name)
        passages = chunk(
            document,
            strategies=("auto",),
            max_size=arguments.size,
            min_size=arguments.size // _SMALLEST,
            overlap=0,
            counter=counter,
        )
        return [passage.text for passage in passages]

    return read


def lorewright_pdf_text(_: Arguments) -> Read:
    """Read the text of a PDF, without structure; no passages are cut."""
    from lorewright.parsing.dispatch import parse

    return lambda file: [parse(file.read_bytes(), kind="pdf-text").text]


def pypdfium2_text(_: Arguments) -> Read:
    """Take each page's text as PDFium gives it; no structure, no cleaning, no checks."""
    from pypdfium2 import PdfDocument

    def read(file: Path) -> list[str]:
        document = PdfDocument(file.read_bytes())
        texts = []
        for page in document:
            words = page.get_textpage()
            texts.append(words.get_text_range())
            words.close()
            page.close()
        document.close()
        return texts

    return read


def _markdown_events() -> Callable[[str], Any]:
    """Return the parser, set as Lorewright sets it."""
    from pyromark import Markdown, Options

    return Markdown(
        options=Options.ENABLE_TABLES
        | Options.ENABLE_DEFINITION_LIST
        | Options.ENABLE_FOOTNOTES
        | Options.ENABLE_GFM
        | Options.ENABLE_HEADING_ATTRIBUTES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
    ).events_with_range


def parts_whole(arguments: Arguments) -> Read:
    """Run through the parser's events and keep none; a splitter that knows Markdown cuts the whole text."""
    from semantic_text_splitter import MarkdownSplitter

    events, cut = _markdown_events(), MarkdownSplitter(arguments.size).chunk_indices

    def read(file: Path) -> list[str]:
        text = file.read_text(encoding="utf-8")
        deque(events(text), maxlen=0)
        return [passage for _, passage in cut(text)]

    return read


def parts_by_headings(arguments: Arguments) -> Read:
    """Take from the parser's events where headings begin; a splitter of plain text cuts what lies between."""
    from semantic_text_splitter import TextSplitter

    events, cut = _markdown_events(), TextSplitter(arguments.size).chunk_indices

    def read(file: Path) -> list[str]:
        text = file.read_text(encoding="utf-8")
        data = text.encode()
        edges = [0, len(data)]
        edges[1:1] = [
            span["start"]
            for event, span in events(text)
            if type(event) is dict and "Heading" in event.get("Start", "")
        ]
        sections = (data[start:end].decode() for start, end in pairwise(edges))
        return [passage for section in sections for _, passage in cut(section)]

    return read


def tokenizer_pass(arguments: Arguments) -> Read:
    """Tokenize each whole text once."""
    from tokenizers import Tokenizer

    encode = Tokenizer.from_file(str(arguments.tokenizer)).encode

    def read(file: Path) -> list[str]:
        text = file.read_text(encoding="utf-8")
        encode(text, add_special_tokens=False)
        return [text]

    return read


def _sentence_splitter(size: int) -> Any:
    """A splitter by characters: its tokenizer costs nothing."""
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(chunk_size=size, chunk_overlap=0, tokenizer=lambda text: range(len(text)))


def llama_index_markdown(arguments: Arguments) -> Read:
    """Chain the Markdown parser with the text splitter, as its documentation advises."""
    from llama_index.core import Document
    from llama_index.core.node_parser import MarkdownNodeParser

    by_headings, by_size = MarkdownNodeParser(), _sentence_splitter(arguments.size)

    def read(file: Path) -> list[str]:
        document = Document(text=file.read_text(encoding="utf-8"), metadata={"file_name": file.name})
        return [node.get_content() for node in by_size(by_headings([document]))]

    return read


def llama_index_as_it_comes(_: Arguments) -> Read:
    """Read files, parse Markdown and split, each with its own defaults: tokens are counted."""
    from llama_index.core import SimpleDirectoryReader
    from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter

    by_headings, by_size = MarkdownNodeParser(), SentenceSplitter()

    def read(file: Path) -> list[str]:
        documents = SimpleDirectoryReader(input_files=[file]).load_data()
        return [node.get_content() for node in by_size(by_headings(documents))]

    return read


def llama_index_pdf(arguments: Arguments, *, split: bool) -> Read:
    """Read the pages with pypdf, and cut them on request."""
    from llama_index.readers.file import PDFReader

    reader, by_size = PDFReader(), _sentence_splitter(arguments.size)

    def read(file: Path) -> list[str]:
        pages = reader.load_data(file)
        return [node.get_content() for node in (by_size(pages) if split else pages)]

    return read


def markitdown(_: Arguments) -> Read:
    """Convert to Markdown; it has no chunks."""
    from markitdown import MarkItDown

    converter = MarkItDown(enable_plugins=False)
    return lambda file: [converter.convert(file).markdown]


def synthetic_data_kit_pdf(arguments: Arguments, *, split: bool) -> Read:
    """Read a PDF with pdfminer.six, and cut the text on request."""
    from synthetic_data_kit.parsers.pdf_parser import PDFParser
    from synthetic_data_kit.utils.text import split_into_chunks

    parser = PDFParser()

    def read(file: Path) -> list[str]:
        text = parser.parse(str(file))
        return split_into_chunks(text, chunk_size=arguments.size, overlap=0) if split else [text]

    return read


CONTESTANTS: dict[str, tuple[Callable[[Arguments], Read], tuple[str, ...]]] = {
    "lorewright": (lorewright, ("lorewright",)),
    "lorewright-pdf-text": (lorewright_pdf_text, ("lorewright", "pypdfium2")),
    "pypdfium2": (pypdfium2_text, ("pypdfium2",)),
    "parts-whole": (parts_whole, ("pyromark", "semantic-text-splitter")),
    "parts-by-headings": (parts_by_headings, ("pyromark", "semantic-text-splitter")),
    "tokenizer": (tokenizer_pass, ("tokenizers",)),
    "llama-index": (llama_index_markdown, ("llama-index-core",)),
    "llama-index-as-it-comes": (
        llama_index_as_it_comes,
        ("llama-index-core", "llama-index-readers-file"),
    ),
    "llama-index-pdf-text": (
        lambda arguments: llama_index_pdf(arguments, split=False),
        ("llama-index-readers-file", "pypdf"),
    ),
    "llama-index-pdf": (
        lambda arguments: llama_index_pdf(arguments, split=True),
        ("llama-index-readers-file", "pypdf"),
    ),
    "markitdown": (markitdown, ("markitdown",)),
    "synthetic-data-kit-text": (
        lambda arguments: synthetic_data_kit_pdf(arguments, split=False),
        ("synthetic-data-kit", "pdfminer.six"),
    ),
    "synthetic-data-kit": (
        lambda arguments: synthetic_data_kit_pdf(arguments, split=True),
        ("synthetic-data-kit", "pdfminer.six"),
    ),
}


def cpu_seconds() -> float:
    """Return user and system seconds of this process, all threads, and of the children it has waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_bytes() -> int:
    """Return the largest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def one_pass(read: Read, files: list[Path]) -> dict[str, Any]:
    """Read all files once and say what it cost and what came out."""
    failed: Counter[str] = Counter()
    pieces = characters = 0
    gc.collect()
    started = time.process_time(), cpu_seconds()
    for file in files:
        try:
            found = read(file)
        except Exception as error:  # noqa: BLE001 -- whatever a contestant raises is its result on this file
            failed[type(error).__name__] += 1
            continue
        pieces += len(found)
        characters += sum(map(len, found))
    seconds = max(time.process_time() - started[0], cpu_seconds() - started[1])
    return {
        "seconds": seconds,
        "pieces": pieces,
        "characters": characters,
        "failed": dict(failed),
        "peak": peak_bytes(),
    }


def train_tokenizer(files: list[Path], path: Path) -> None:
    """Train a byte-level BPE tokenizer on the files and save it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=_VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator((file.read_text("utf-8", "replace") for file in files), trainer)
    tokenizer.save(str(path))


def _answer(result: dict[str, Any], answers: TextIO, said: BinaryIO) -> None:
    """Send a result, with the number of lines that were printed or logged since the last one."""
    sys.stdout.flush()
    said.seek(0)
    complaints = said.read().count(b"\n")
    said.seek(0)
    said.truncate()
    print(json.dumps({**result, "complaints": complaints}), file=answers, flush=True)


def main() -> None:
    """Set up, warm up, then run a pass for each line that comes in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=[*CONTESTANTS, TRAIN])
    parser.add_argument("files", type=Path)
    parser.add_argument("--kind", default="markdown")
    parser.add_argument("--size", type=int, default=1200)
    parser.add_argument("--tokenizer", type=Path)
    arguments = parser.parse_args()
    files = [Path(name) for name in json.loads(arguments.files.read_text(encoding="utf-8"))]
    if arguments.contestant == TRAIN:
        train_tokenizer(files, arguments.tokenizer)
        return
    if hasattr(os, "sched_setaffinity"):  # idle threads of a pool, which spin, are no work
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers, tempfile.TemporaryFile("w+b") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
        logging.basicConfig(level=logging.WARNING)
        make, distributions = CONTESTANTS[arguments.contestant]
        try:
            read = make(arguments)
        except Exception as error:  # noqa: BLE001 -- a contestant that cannot start is a line of the table
            _answer({"error": f"{type(error).__name__}: {error}"}, answers, said)
            return
        start = {"versions": [f"{name} {version(name)}" for name in distributions], "base": peak_bytes()}
        one_pass(read, list(dict.fromkeys(files)))
        _answer(start, answers, said)
        for _ in sys.stdin:
            _answer(one_pass(read, files), answers, said)


if __name__ == "__main__":
    main()
