"""What every document of real corpora keeps: text, structure, places, with every strategy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lorewright.chunking.chunk import STRATEGIES, chunk
from lorewright.core.records import Chunk, Document
from lorewright.text.spans import Locator

from .conftest import Sample, samples_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_FENCE = re.compile(r"[ >]*(?:[-*+] +|\d+[.)] +|: +)?(?P<mark>`{3,}|~{3,})")
_WORDS = re.compile(r"\w{3,}")
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*$")
SIZES = [(1200, 200, 150), (400, 60, 50)]


def _fences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches between fence marks, found line by line and not by a parser."""
    position, opened, mark = 0, 0, ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and not mark:
            opened, mark = position + found.start("mark"), found["mark"]
        elif found and found["mark"].startswith(mark) and not line[found.end() :].strip():
            yield opened, position + len(line.rstrip())
            mark = ""
        position += len(line) + 1


def _rows(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
            start = position + line.index("|")
            yield start, start + len(stripped)
        position += len(line) + 1


def _divided(document: Document, chunks: "Sequence[Chunk]", limit: int) -> list[str]:
    edges = sorted({edge for passage in chunks for edge in (passage.start, passage.end)})
    fences = list(_fences(document.text))
    rows = [row for row in _rows(document.text) if not any(start < row[0] < end for start, end in fences)]
    whole = [*fences, *rows]
    return [
        document.text[start:end]
        for start, end in whole
        if end - start <= limit and any(start < edge < end for edge in edges)
    ]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_chunks_are_exact_complete_within_limits_and_cut_nothing_that_fits(
    samples: tuple[Sample, ...], strategy: str, sizes: tuple[int, int, int]
) -> None:
    limit, smallest, overlap = sizes
    for document in (sample.document for sample in samples):
        chunks = chunk(document, strategies=(strategy,), max_size=limit, min_size=smallest, overlap=overlap)
        covered = bytearray(len(document.text))
        for passage in chunks:
            assert document.text[passage.start : passage.end] == passage.text
            assert len(passage.text) <= limit
            covered[passage.start : passage.end] = b"1" * (passage.end - passage.start)
        lost = [
            sign for sign, seen in zip(document.text, covered, strict=True) if not seen and not sign.isspace()
        ]
        assert lost == [], document.path
        assert _divided(document, chunks, limit) == [], document.path


def test_every_line_of_the_text_stands_on_the_line_that_the_map_says(samples: tuple[Sample, ...]) -> None:
    for document, lines in ((sample.document, sample.lines) for sample in samples):
        locator, position = Locator(document.source_map, document.text), 0
        for line in document.text.split("\n") if lines else ():
            number = locator.place(position, position + len(line)).first
            position += len(line) + 1
            words = _WORDS.findall(line)
            if document.kind == "rest":  # written anew, in Markdown's way
                made_up = line.lstrip(" >-*:").startswith("```")
                assert (
                    made_up or not words or any(word.lower() in lines[number - 1].lower() for word in words)
                ), document.path
            elif line.strip():
                assert lines[number - 1].rstrip() == line.rstrip(), document.path


def test_chunks_carry_the_lines_of_the_file_they_stand_on(samples: tuple[Sample, ...]) -> None:
    for document, lines in ((sample.document, sample.lines) for sample in samples):
        if document.kind == "rest" or not lines:
            continue
        for passage in chunk(document, max_size=800, min_size=100, overlap=0):
            words = passage.text.split()
            assert words[0] in lines[passage.place.first - 1], document.path
            assert words[-1] in lines[passage.place.last - 1], document.path


def test_no_hash_inside_a_fence_becomes_a_heading() -> None:
    checked = 0
    for sample in samples_of("datafusion"):
        text, spans = sample.document.text, list(_fences(sample.document.text))
        headings = [block for block in sample.document.blocks if block.kind == "heading"]
        for start, end in spans:
            checked += len(re.findall(r"^\s*#", text[start:end], re.MULTILINE))
            assert not [block for block in headings if start <= block.start < end], sample.document.path
    assert checked > 20


def _underlined(lines: "Sequence[str]") -> Iterator[str]:
    """Yield titles: a line of words at the margin above a line of one sign that is as long, outside literal text."""
    for above, title, under in zip(["", *lines], lines, lines[1:], strict=False):
        adorned = _UNDERLINE.match(under) and len(under.rstrip()) >= len(title.rstrip())
        free = not above.strip() or _UNDERLINE.match(above)
        if adorned and free and re.search(r"\w", title) and not title[:1].isspace() and title[:2] != "..":
            yield title


def _plain(title: str) -> str:
    without_roles = re.sub(r":[\w:]+:`([^`<]*?)(?:\s*<[^>]*>)?`", r"\1", title)
    return " ".join(re.findall(r"\w+", without_roles.replace("`", "").replace("\\", "").lower()))


def test_heading_chunks_follow_underlined_headings() -> None:
    titles = found = 0
    missed: list[str] = []
    for sample in samples_of("dirac"):
        if sample.document.kind != "rest":
            continue
        chunks = chunk(sample.document, strategies=("headings",), max_size=1500, min_size=0, overlap=0)
        paths = {_plain(heading) for passage in chunks for heading in passage.headings}
        for title in _underlined(sample.lines):
            titles += 1
            found += _plain(title) in paths
            missed += [] if _plain(title) in paths else [f"{sample.document.path}: {title}"]
    assert titles > 900
    assert found >= 0.95 * titles, missed


def test_the_same_files_give_the_same_ids_in_any_order_and_with_any_number_of_workers(
    tmp_path: Path,
) -> None:
    from lorewright.core.progress import Silent
    from lorewright.core.records import Chunk as ChunkRecord
    from lorewright.core.tables import read_table
    from lorewright.core.workspace import Workspace
    from lorewright.stages.road import bring
    from lorewright.stages.settings import Settings

    from .conftest import CORPORA

    samples_of("datafusion")
    seen = []
    for number, (workers, names) in enumerate(
        [
            (0, ("user-guide", "library-user-guide")),
            (1, ("library-user-guide", "user-guide")),
            (3, ("user-guide", "library-user-guide")),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        sources = [{"path": str(CORPORA / "datafusion" / "docs" / "source" / name)} for name in names]
        tree = {"project": {"name": "p"}, "sources": sources, "ingest": {"workers": workers}}
        workspace = Workspace(folder)
        run = bring(workspace, Settings.model_validate(tree), Silent(), upto="chunk")["chunk"]
        rows = read_table(workspace.run_dir("chunk", run.id) / "chunks.parquet", ChunkRecord)
        seen.append((run.outputs, sorted((row.id, row.document_id, row.start) for row in rows)))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][1]) > 300
