"""A second ingest: what is unchanged or renamed is not parsed again, and what is gone is retired everywhere."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
PAGE = """# {name}

{name} is a part of the pump house that an operator starts by hand before the morning shift begins.

## Limits of {name}

The limit of {name} is {limit} bar, and an alarm of the controller tells when it is reached.
"""


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "docs").mkdir(parents=True)
    for number, name in enumerate(("Valve", "Boiler", "Turbine", "Compressor")):
        (folder / "docs" / f"{name.lower()}.md").write_text(PAGE.format(name=name, limit=number + 2))
    (folder / "docs" / "bare.md").write_text(
        "A page of words that states no title and is named by its path alone.\n"
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


@pytest.fixture
def project(tmp_path: Path, repository: Path, lore: Lore) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "lore.toml").write_text(
        f'[project]\nname = "Pumps"\n[[sources]]\ngit = {json.dumps(str(repository))}\n'
        "[ingest]\nworkers = 0\n[dataset]\nmin_examples = 1\n"
    )
    assert lore("index", cwd=folder).returncode == 0
    assert lore("generate", cwd=folder).returncode == 0
    return folder


def rows(lore: Lore, project: Path, stage: str, *options: str) -> list[dict[str, Any]]:
    done = lore("cat", stage, *options, cwd=project)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def metrics(lore: Lore, project: Path, stage: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lore("show", stage, "--json", cwd=project).stdout)["metrics"]
    return found


def test_a_rename_an_edit_and_a_deletion_parse_one_file_and_the_counts_say_so(
    lore: Lore, project: Path, repository: Path
) -> None:
    git(repository, "mv", "docs/valve.md", "docs/ventil.md")
    git(repository, "rm", "-q", "docs/boiler.md")
    turbine = repository / "docs" / "turbine.md"
    turbine.write_text(turbine.read_text().replace("4 bar", "9 bar"))
    git(repository, "commit", "-q", "-a", "-m", "two")
    done = lore("ingest", cwd=project)
    assert "4 files: 4 read (4 markdown), 0 rejected; 1 modified, 1 renamed, 1 deleted" in done.stdout
    counted = metrics(lore, project, "ingest")
    assert (counted["computed"], counted["reused"]) == (1, 3)
    assert counted["changes"] == {"added": 0, "modified": 1, "renamed": 1, "deleted": 1, "unchanged": 2}
    (moved,) = [row for row in rows(lore, project, "ingest", "--file", "files") if row["change"] == "renamed"]
    assert (moved["before"], moved["path"]) == ("docs/valve.md", "docs/ventil.md")


def test_a_rename_keeps_its_chunks_also_where_the_path_is_its_only_name(
    lore: Lore, project: Path, repository: Path
) -> None:
    before = {row["id"] for row in rows(lore, project, "chunk")}
    git(repository, "mv", "docs/bare.md", "docs/plain.md")
    git(repository, "mv", "docs/valve.md", "docs/ventil.md")
    git(repository, "commit", "-q", "-m", "two")
    assert lore("chunk", cwd=project).returncode == 0
    assert {row["id"] for row in rows(lore, project, "chunk")} == before
    counted = metrics(lore, project, "chunk")
    assert counted["computed"] == 0
    paths = {row["id"]: row["path"] for row in rows(lore, project, "ingest")}
    assert {paths[row["document_id"]] for row in rows(lore, project, "chunk")} == set(paths.values())


def test_a_deleted_document_retires_its_chunks_examples_and_index_entries(
    lore: Lore, project: Path, repository: Path
) -> None:
    assert "boiler" in lore("search", "limit of Boiler", cwd=project).stdout.lower()
    assert any("Boiler" in json.dumps(row) for row in rows(lore, project, "generate"))
    git(repository, "rm", "-q", "docs/boiler.md")
    git(repository, "commit", "-q", "-m", "two")
    assert lore("index", cwd=project).returncode == 0
    assert lore("generate", cwd=project).returncode == 0
    for stage in ("chunk", "generate"):
        assert not any("Boiler" in json.dumps(row) for row in rows(lore, project, stage)), stage
    assert "boiler" not in lore("search", "limit of Boiler", "--json", cwd=project).stdout.lower()
    assert metrics(lore, project, "index")["removed"] == 1


def test_the_same_file_at_two_paths_is_parsed_once_and_is_two_documents(
    lore: Lore, project: Path, repository: Path
) -> None:
    (repository / "docs" / "copy.md").write_text((repository / "docs" / "valve.md").read_text())
    (repository / "docs" / "second.md").write_text((repository / "docs" / "valve.md").read_text())
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "two")
    assert lore("ingest", cwd=project).returncode == 0
    counted = metrics(lore, project, "ingest")
    assert (counted["documents"], counted["computed"], counted["changes"]["added"]) == (7, 0, 2)


def test_every_file_is_read_or_rejected_and_stands_in_the_list_of_files(
    lore: Lore, project: Path, repository: Path
) -> None:
    (repository / "docs" / "empty.md").write_text("\n")
    (repository / "docs" / "huge.md").write_text("word " * 2000)
    (repository / "docs" / "binary.md").write_bytes(b"PK\x03\x04\x00\x00")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "two")
    done = lore("ingest", "--set", "ingest.max_bytes=5000", cwd=project)
    assert done.returncode == 0, done.stderr
    counted = metrics(lore, project, "ingest")
    assert (counted["files"], counted["documents"], counted["rejected"]) == (8, 5, 3)
    files = rows(lore, project, "ingest", "--file", "files")
    assert {row["path"] for row in files if row["outcome"] == "rejected"} == {
        "docs/empty.md",
        "docs/huge.md",
        "docs/binary.md",
    }
    reasons = {row["name"]: row["reason"] for row in rows(lore, project, "ingest", "--file", "rejections")}
    assert sorted(reasons.values()) == [
        "10,000 bytes, more than the limit of 5,000",
        "the file is binary: byte 0 at character 4",
        "the file is empty",
    ]
