"""corpus: rows and descriptions from documents and chunks, and folders that are replaced whole or not at all."""

import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import BusyError, ConfigError
from lorewright.core.locks import exclusive
from lorewright.core.making import chunk_id, make_document
from lorewright.core.progress import Silent
from lorewright.core.records import Chunk, Place, SourceMap, SourceState
from lorewright.core.tables import write_table
from lorewright.core.workspace import Workspace
from lorewright.hub.card import Description, SplitCount
from lorewright.stages import corpus as stage
from lorewright.stages.corpus import Corpus, Origin, corpus_rows, count_splits, describe_repositories
from lorewright.stages.settings import Settings

KINDS = ("markdown", "rest", "python", "log", "pdf", "rust")


def origin(kind: str, repository: str = "acme/pumps", licence: str = "MIT") -> Origin:
    return Origin(repository, f"a.{kind}", kind, "A title", licence)


def chunk(document_id: str, text: str = "Text.") -> dict[str, Any]:
    place = {"unit": "line", "first": 3, "last": 7}
    return {
        "id": f"c-{text}",
        "document_id": document_id,
        "text": text,
        "headings": ["A", "B"],
        "place": place,
        "strategy": "windows",
    }


def test_a_row_holds_the_passage_its_place_and_where_its_document_comes_from() -> None:
    ((split, row),) = corpus_rows({"d1": origin("rest")}, [chunk("d1")], {"acme/pumps": "abc"})
    assert split == "docs"
    assert list(row) == stage.SCHEMA.names
    assert row == {
        "text": "Text.",
        "source": "doc",
        "repository": "acme/pumps",
        "path": "a.rest",
        "commit": "abc",
        "licence": "MIT",
        "kind": "rest",
        "title": "A title",
        "headings": ["A", "B"],
        "unit": "line",
        "first": 3,
        "last": 7,
        "strategy": "windows",
        "chunk_id": "c-Text.",
    }


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 4)), max_size=8))
def test_every_chunk_becomes_one_row_and_only_pdfs_are_papers(documents: list[tuple[str, int]]) -> None:
    origins = {f"d{number}": origin(kind) for number, (kind, _) in enumerate(documents)}
    chunks = [
        chunk(f"d{number}", f"t{n}") for number, (_, count) in enumerate(documents) for n in range(count)
    ]
    made = list(corpus_rows(origins, chunks, {}))
    assert [row["text"] for _, row in made] == [one["text"] for one in chunks]
    assert all((split == "papers") == (row["kind"] == "pdf") for split, row in made)
    assert all((split == "papers") == (row["source"] == "paper") for split, row in made)
    counted = count_splits(
        origins, {f"d{number}": count for number, (_, count) in enumerate(documents) if count}
    )
    assert {name: one.rows for name, one in counted.items()} == {
        name: sum(split == name for split, _ in made) for name in ("docs", "papers")
    }
    assert sum(one.documents for one in counted.values()) == sum(count > 0 for _, count in documents)


def test_repositories_are_described_without_where_they_lie() -> None:
    origins = {
        "d1": origin("rest", "b", ""),
        "d2": origin("rest", "a", "MIT"),
        "d3": origin("rest", "b", "MIT"),
        "d4": origin("rest", "b", "MIT"),
        "unused": origin("rest", "c", "MIT"),
    }
    states = [
        SourceState(source="a", location="/home/me/a", commit="c1", dirty=True),
        SourceState(source="b", location="/home/me/b"),
    ]
    first, second = describe_repositories(origins, {"d1": 2, "d2": 5, "d3": 1, "d4": 1}, states)
    assert (first.name, first.commit, first.changed, first.documents, first.chunks) == ("a", "c1", True, 1, 5)
    assert (second.name, second.commit, second.changed, second.documents, second.chunks) == (
        "b",
        "",
        False,
        3,
        4,
    )
    assert dict(second.licences) == {"": 1, "MIT": 2}
    assert "/home/me" not in repr((first, second))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "project" / "docs").mkdir(parents=True)
    made = Workspace(tmp_path / "project")
    made.prepare()
    return made


SETTINGS = Settings.model_validate(
    {"project": {"name": "p"}, "sources": [{"path": "docs"}, {"path": "../far"}]}
)


def checked(workspace: Workspace, folder: Path, *, force: bool = False) -> Path:
    return stage.check_folder(folder, workspace=workspace, settings=SETTINGS, force=force)


def test_a_new_an_empty_and_an_own_folder_may_be_written(workspace: Workspace, tmp_path: Path) -> None:
    assert checked(workspace, tmp_path / "new" / "deep") == tmp_path / "new" / "deep"
    own = tmp_path / "own"
    own.mkdir()
    assert checked(workspace, own) == own
    (own / "lorewright.json").write_text("{}")
    (own / "docs").mkdir()
    assert checked(workspace, own) == own


def test_a_folder_of_other_things_needs_force(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "mine" / name).write_text("x")
    with pytest.raises(ConfigError, match=r"mine was not made by .* holds a\.txt and 1 more") as refused:
        checked(workspace, tmp_path / "mine")
    assert "--force" in refused.value.hint
    assert checked(workspace, tmp_path / "mine", force=True) == tmp_path / "mine"


@pytest.mark.parametrize(
    "place", ["project", "project/docs", ".", "far", "/", "~", "project/.lore/runs", "link"]
)
def test_force_never_replaces_the_project_its_sources_or_a_home(
    workspace: Workspace, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "project" / "docs")
    with pytest.raises(ConfigError, match=r"would be replaced|lies in the workspace"):
        checked(workspace, Path(place), force=True)


def test_a_file_is_never_replaced(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="is a file"):
        checked(workspace, tmp_path / "file", force=True)


def small(folder: Path, texts: Sequence[str]) -> Corpus:
    document = make_document(
        source="a", path="a.md", kind="markdown", title="A", text="".join(texts), source_map=SourceMap()
    )
    chunks = [
        Chunk(
            id=chunk_id("markdown", (), text),
            document_id=document.id,
            kind="markdown",
            text=text,
            start=0,
            end=len(text),
            place=Place(unit="line", first=1, last=1),
            strategy="headings",
        )
        for text in texts
    ]
    write_table(folder / "chunks.parquet", chunks, Chunk)
    counts = {"docs": SplitCount(len(texts), 1), "papers": SplitCount(0, 0)}
    described = Description("p", "lorewright", {"ingest": "i", "chunk": "c"}, counts, ())
    origins = {document.id: Origin("a", "a.md", "markdown", "A", "")}
    return Corpus(origins, {}, folder / "chunks.parquet", "c", described)


def texts_in(folder: Path) -> list[str]:
    datasets = pytest.importorskip("datasets")
    return list(datasets.load_from_disk(str(folder))["docs"]["text"])


def test_what_was_read_of_a_table_is_let_go(tmp_path: Path) -> None:
    generator = random.Random(1)
    table = tmp_path / "chunks.parquet"
    with pq.ParquetWriter(table, pa.schema([("text", pa.string())])) as writer:
        for _ in range(24):
            texts = [generator.randbytes(512).hex() for _ in range(1000)]
            writer.write_table(pa.table({"text": texts}))
    assert table.stat().st_size > 12e6
    before = pa.total_allocated_bytes()
    held = [
        pa.total_allocated_bytes() - before
        for number, _ in enumerate(stage._columns(table, ["text"]))
        if number % 500 == 0
    ]
    assert len(held) == 48
    assert max(held) < 15e6


def test_a_shorter_export_leaves_nothing_of_the_longer_one(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for texts in (["a", "b", "c"], ["d"]):
        stage.export(workspace, small(tmp_path, texts), out, reporter=Silent())
        assert texts_in(out) == texts
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chunks.parquet", "out", "project"]
    assert json.loads((out / "lorewright.json").read_text())["runs"] == {"ingest": "i", "chunk": "c"}


def test_the_same_export_is_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    seen = []
    for name in ("one", "two"):
        stage.export(workspace, small(tmp_path, ["a", "b"]), tmp_path / name, reporter=Silent())
        files = sorted((tmp_path / name).rglob("*.*"))
        seen.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert seen[0] == seen[1]


def test_an_export_that_fails_leaves_the_old_one_whole(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    stage.export(workspace, small(tmp_path, ["old"]), out, reporter=Silent())

    def broken(*_: object, **__: object) -> Iterator[object]:
        yield from [("docs", dict.fromkeys(stage.SCHEMA.names))] * 5000
        raise RuntimeError("stopped half-way")

    monkeypatch.setattr(stage, "corpus_rows", broken)
    with pytest.raises(RuntimeError, match="half-way"):
        stage.export(workspace, small(tmp_path, ["new"]), out, reporter=Silent())
    assert texts_in(out) == ["old"]
    assert not list(tmp_path.glob(".out.*"))


def test_what_a_killed_export_left_behind_is_cleared(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for state in ("partial", "old"):
        (tmp_path / f".out.{state}" / "docs").mkdir(parents=True)
        (tmp_path / f".out.{state}" / "docs" / "data").write_text("half")
    stage.export(workspace, small(tmp_path, ["a"]), out, reporter=Silent())
    assert texts_in(out) == ["a"]
    assert not list(tmp_path.glob(".out.*"))


def test_a_folder_that_cannot_be_moved_away_stays(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    stage.export(workspace, small(tmp_path, ["old"]), out, reporter=Silent())
    rename = Path.rename

    def stuck(self: Path, target: Path) -> Path:
        if self.name == ".out.partial":
            raise OSError("stuck")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stuck)
    with pytest.raises(OSError, match="stuck"):
        stage.export(workspace, small(tmp_path, ["new"]), out, reporter=Silent())
    assert texts_in(out) == ["old"]


def test_a_second_export_is_told_who_is_at_work(workspace: Workspace, tmp_path: Path) -> None:
    with (
        exclusive(workspace.lock_path("corpus", "export"), what="the first"),
        pytest.raises(BusyError, match=f"lore corpus is already at work: process {os.getpid()}"),
    ):
        stage.export(workspace, small(tmp_path, ["a"]), tmp_path / "out", reporter=Silent())
