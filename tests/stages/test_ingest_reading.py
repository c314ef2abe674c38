"""A file that changes or cannot be read while it is ingested is never kept under another's name, nor lost."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import SourceError
from lorewright.core.progress import Silent
from lorewright.core.records import Document, Parsed
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.sources.local import SourceFile
from lorewright.stages import evaluate, ingest, sources
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings
from lorewright.stages.sources import Read


def settings(**sections: object) -> Settings:
    return Settings.model_validate({"project": {"name": "p"}, "sources": [{"path": "docs"}], **sections})


def source_file(folder: Path, text: str) -> SourceFile:
    file = folder / "a.md"
    file.write_text(text)
    return SourceFile(source="docs", path="a.md", file=file, size=len(text))


def test_a_file_that_changed_since_it_was_hashed_is_refused(tmp_path: Path) -> None:
    file = source_file(tmp_path, "# One\n\nText.\n")
    read = Read(file, "markdown", hashlib.sha256(file.file.read_bytes()).hexdigest())
    (parsed,) = ingest.parse_file(read)
    assert isinstance(parsed, Parsed)
    file.file.write_text("# Two\n\nOther text.\n")
    with pytest.raises(SourceError, match=r"a\.md changed while it was read"):
        ingest.parse_file(read)


def test_an_unreadable_file_is_a_rejection_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "good.md").write_text("# Good\n\nText.\n")
    (tmp_path / "docs" / "locked.md").write_text("# Locked\n\nText.\n")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "locked.md":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ((_, _, _, files),) = ingest.fingerprint(ingest.select(settings()), Workspace(tmp_path)).value
    assert files[0][0] == "good.md"
    assert files[1] == ["locked.md", "cannot be read: Permission denied"]


def test_the_device_of_an_evaluation_is_the_one_set_and_part_of_its_settings() -> None:
    part = evaluate.select(settings(training={"device": "cpu"}))
    assert part.model_dump()["device"] == "cpu"


def test_a_file_edited_between_the_name_of_a_run_and_its_reading_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "a.md"
    page.write_text("# One\n\nText.\n")
    workspace = Workspace(tmp_path)
    read = sources.readings

    def edited(*arguments: Any) -> Any:
        yield from list(read(*arguments))
        page.write_text("# Two\n\nOther text.\n")

    monkeypatch.setattr(ingest, "readings", edited)
    with pytest.raises(SourceError, match=r"docs/a\.md changed while it was read"):
        bring(workspace, settings(ingest={"workers": 0}), Silent(), upto="ingest")
    assert list(workspace.runs("ingest")) == []
    run = bring(workspace, settings(ingest={"workers": 0}), Silent(), upto="ingest")["ingest"]
    documents = list(read_table(workspace.run_dir("ingest", run.id) / ingest.DOCUMENTS, Document))
    assert documents[0].title == "Two"


def test_a_log_that_is_written_to_meanwhile_is_kept_as_it_was_when_its_run_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    log = tmp_path / "docs" / "a.log"
    log.write_text("2025-08-10T16:13:23 INFO one\n")
    workspace = Workspace(tmp_path)
    read = sources.readings

    def growing(*arguments: Any) -> Any:
        yield from list(read(*arguments))
        with log.open("a") as file:
            file.write("2025-08-10T16:13:24 INFO two\n")

    monkeypatch.setattr(ingest, "readings", growing)
    run = bring(workspace, settings(ingest={"workers": 0}), Silent(), upto="ingest")["ingest"]
    (document,) = read_table(workspace.run_dir("ingest", run.id) / ingest.DOCUMENTS, Document)
    assert document.text.strip() == "2025-08-10T16:13:23 INFO one"
