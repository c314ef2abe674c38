"""Odd places, lists and files: each is one message with the value in it, and nothing is lost in silence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lorewright.chunking.chunk import chunk
from lorewright.core.errors import ConfigError, LoreError, ParseError, SourceError
from lorewright.core.progress import Silent
from lorewright.core.records import Document, Rejection
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.parsing.dispatch import KINDS, parse
from lorewright.parsing.placing import placed
from lorewright.stages import ingest
from lorewright.stages.ingest import DOCUMENTS, REJECTIONS
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings, load
from lorewright.stages.start import new_project

PAGE = "# Valve\n\nThe valve opens at 3 bar.\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n"


class Told(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def settings(*sources: dict[str, object], **sections: object) -> Settings:
    return Settings.model_validate(
        {"project": {"name": "p"}, "sources": sources, "ingest": {"workers": 0}, **sections}
    )


def run(folder: Path, chosen: Settings, *, upto: str = "ingest", reporter: Silent | None = None) -> Path:
    """Return the folder of the run that was made."""
    workspace = Workspace(folder)
    runs = bring(workspace, chosen, reporter or Silent(), upto=upto)
    return workspace.run_dir(upto, runs[upto].id)


def paths(made: Path) -> list[str]:
    return [one.path for one in read_table(made / DOCUMENTS, Document)]


@pytest.mark.parametrize("name", ["📚 docs", "new\nline", 'quo"te', "del\x7f", "-dash", "back\\slash", "]"])
def test_a_folder_of_any_name_makes_a_project(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "a.md").write_text(PAGE)
    with new_project(tmp_path / "project", [str(folder)], name=""):
        found = load(tmp_path / "project")
    assert (found.project.name, found.sources[0].path) == (name, str(folder))


@pytest.mark.parametrize("place", ["", "  ", "http://[bad", "https://", "bad\udcff"])
def test_a_place_that_no_project_can_be_made_of_is_refused_and_nothing_is_written(
    tmp_path: Path, place: str
) -> None:
    with pytest.raises(LoreError), new_project(tmp_path / "project", [place], name="p"):
        pass
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("key", ["path", "git"])
@pytest.mark.parametrize("place", ["~nobody-of-this-name/x", "n" * 400, "none"])
def test_a_place_that_cannot_be_opened_is_told_with_its_name(tmp_path: Path, key: str, place: str) -> None:
    with pytest.raises(SourceError, match=place.replace("~", "~?")[:200]):
        run(tmp_path, settings({key: place, "name": "s"}))


def test_a_place_with_a_zero_byte_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="null byte"):
        run(tmp_path, settings({"path": "a\0b"}))


def test_the_projects_own_settings_are_no_document(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_text("[project]\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "lore.toml").write_text("[project]\nname = 'y'\n")
    assert paths(run(tmp_path, settings({"path": "."}))) == ["below/lore.toml", "pyproject.toml"]


def test_an_empty_list_of_addresses_is_told_and_never_read_as_the_projects_folder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAGE)
    (tmp_path / "pdfs.json").write_text(json.dumps([]))
    with pytest.raises(ConfigError, match=r"pdfs\.json lists no address"):
        run(tmp_path, settings({"pdfs": "pdfs.json"}))


def test_patterns_that_leave_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(PAGE)
    with pytest.raises(SourceError, match=r"'\*\.nope'"):
        run(tmp_path, settings({"path": "docs", "include": ["*.nope"]}))


def test_a_source_without_documents_beside_others_is_told(tmp_path: Path) -> None:
    for name in ("docs", "bare"):
        (tmp_path / name).mkdir()
    (tmp_path / "docs" / "a.md").write_text(PAGE)
    told = Told()
    run(tmp_path, settings({"path": "docs"}, {"path": "bare"}), reporter=told)
    (line,) = told.lines
    assert line.startswith("source bare: no file of ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pointer_of_git_lfs_is_no_document_of_any_kind(kind: str) -> None:
    with pytest.raises(ParseError, match="git lfs pull"):
        parse(POINTER, kind=kind)


def test_a_page_about_git_lfs_is_a_document() -> None:
    page = b"version https://git-lfs.github.com/spec/v1 is how every pointer of Git LFS begins.\n"
    assert parse(page, kind="markdown").text.startswith("version https")


def test_a_log_that_is_always_written_to_is_read_as_far_as_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    log = tmp_path / "docs" / "a.log"
    log.write_text("INFO one\n")
    parse_file: Callable[..., object] = ingest.parse_file

    def written_to(read: object) -> object:
        log.write_text(log.read_text() + "INFO more\n")
        return parse_file(read)

    monkeypatch.setattr(ingest, "parse_file", written_to)
    assert paths(run(tmp_path, settings({"path": "docs"}))) == ["a.log"]


def test_a_broken_tokenizer_is_told_once_and_not_for_each_document(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(PAGE)
    (tmp_path / "tokenizer.json").write_text("{}")
    chosen = settings({"path": "docs"}, chunking={"tokens": {"tokenizer": "tokenizer.json"}})
    with pytest.raises(ConfigError, match=r"tokenizer\.json is no tokenizer"):
        run(tmp_path, chosen, upto="chunk")


def test_every_file_is_a_document_or_a_rejection(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(PAGE)
    (docs / "pointer.md").write_bytes(POINTER)
    (docs / "empty.txt").write_text("")
    (docs / "loop.md").symlink_to("loop.md")
    made = run(tmp_path, settings({"path": "docs"}))
    rejected = {one.name for one in read_table(made / REJECTIONS, Rejection)}
    assert paths(made) == ["a.md"]
    assert rejected == {"docs/empty.txt", "docs/loop.md", "docs/pointer.md"}


@pytest.mark.parametrize("strategy", ["windows", "paragraphs", "auto"])
def test_a_method_whose_comment_opens_its_class_is_not_divided(strategy: str) -> None:
    method = "    # what it is made of\n    def {}(self):\n" + "        self.valve = 3\n" * 8
    text = "".join(f"class C{n}:\n{method.format('make')}\n{method.format('other')}\n" for n in range(9))
    document = placed(parse(text.encode(), kind="python"), source="s", path="a.py")
    chunks = chunk(document, strategies=[strategy], max_size=400, min_size=50, overlap=60)
    edges = {edge for one in chunks for edge in (one.start, one.end)}
    methods = [block for block in document.blocks if block.kind == "function"]
    assert len(methods) == 18
    assert not [edge for one in methods for edge in edges if one.start < edge < one.end]
