"""Versions keep their runs from gc; forgetting a document takes the versions that hold it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright.core.workspace import Workspace

Lore = Callable[..., CompletedProcess[str]]
SECRET = "quicksilver"
SALARIES = f"""\
# Salaries

## The keeper's salary

The keeper of the {SECRET} pump is paid ninety gold coins a year, which nobody else may know.

## The bonus

A bonus of five {SECRET} coins is paid to every keeper whose pump has run for a whole year.
"""


def ran(lore: Lore, project: Path, *arguments: str) -> str:
    done = lore(*arguments, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def version_of(lore: Lore, project: Path, *arguments: str) -> str:
    return str(json.loads(ran(lore, project, "dataset", "--json", *arguments))["published"]["version"])


def refs(project: Path) -> dict[str, str]:
    found = Workspace(project).refs.current()
    return {name: run for name, run in found.items() if name.startswith("datasets/")}


def folder_of(project: Path, label: str) -> Path:
    name, _, number = label.partition("/")
    return project / "datasets" / name / number


@pytest.fixture
def twice(lore: Lore, prepared: Path) -> tuple[Path, str, str]:
    """A project with two versions, of which the first was made with other settings."""
    first = version_of(lore, prepared, "--set", "curation.min_answer_chars=90")
    return prepared, first, version_of(lore, prepared)


def test_a_version_names_its_run(lore: Lore, twice: tuple[Path, str, str]) -> None:
    project, first, second = twice
    assert (first, second) == ("pumphouse/v1", "pumphouse/v2")
    assert set(refs(project)) == {f"datasets/{first}", f"datasets/{second}"}
    shown = json.loads(ran(lore, project, "show", f"datasets/{first}", "--json"))
    assert shown["stage"] == "dataset"
    assert (
        shown["id"] == json.loads((folder_of(project, first) / "dataset.json").read_text())["runs"]["dataset"]
    )


def test_gc_keeps_the_run_of_a_version_and_the_documents_behind_it(
    lore: Lore, twice: tuple[Path, str, str]
) -> None:
    project, first, _ = twice
    run = refs(project)[f"datasets/{first}"]
    assert run not in json.loads(ran(lore, project, "gc", "--json"))["runs"]
    assert (project / ".lore" / "runs" / run / "run.json").exists()


def test_gc_lets_go_of_the_run_of_a_version_whose_folder_is_gone(
    lore: Lore, twice: tuple[Path, str, str]
) -> None:
    project, first, second = twice
    run = refs(project)[f"datasets/{first}"]
    third = version_of(lore, project, "--set", "curation.min_answer_chars=80")
    shutil.rmtree(folder_of(project, first))
    planned = json.loads(ran(lore, project, "gc", "--dry-run", "--json"))
    assert planned["refs"] == [f"datasets/{first}"]
    assert run in planned["runs"]
    assert f"datasets/{first}" in refs(project)
    assert f"datasets/{first}" in ran(lore, project, "gc")
    assert set(refs(project)) == {f"datasets/{second}", f"datasets/{third}"}
    assert not (project / ".lore" / "runs" / run).exists()


def test_forgetting_a_document_removes_the_versions_that_hold_it_and_no_other(
    lore: Lore, prepared: Path
) -> None:
    unaware = version_of(lore, prepared)
    (prepared / "docs" / "salaries.md").write_text(SALARIES)
    aware = version_of(lore, prepared)
    assert aware != unaware
    assert any(SECRET in path.read_text() for path in folder_of(prepared, aware).glob("*.jsonl"))
    listed = ran(lore, prepared, "forget", "docs/salaries.md", "--dry-run")
    assert aware in listed
    assert unaware not in listed
    assert folder_of(prepared, aware).is_dir()
    ran(lore, prepared, "forget", "docs/salaries.md", "--yes")
    assert not folder_of(prepared, aware).exists()
    assert set(refs(prepared)) == {f"datasets/{unaware}"}
    held = [path for path in (prepared / "datasets").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in held)
    (prepared / "docs" / "salaries.md").unlink()
    assert version_of(lore, prepared) == unaware


def test_a_version_that_lists_a_document_is_forgotten_with_it_though_its_runs_are_unknown(
    lore: Lore, prepared: Path
) -> None:
    label = version_of(lore, prepared)
    facts = folder_of(prepared, label) / "dataset.json"
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "runs": {}}))
    workspace = Workspace(prepared)
    workspace.refs.move(dict.fromkeys(refs(prepared)), why="another checkout")
    assert label in ran(lore, prepared, "forget", "alarms.md", "--dry-run")
    listed = [
        json.loads(line)["path"] for line in (facts.parent / "documents.jsonl").read_text().splitlines()
    ]
    assert "alarms.md" in listed


def test_a_source_that_holds_the_project_reads_no_version(lore: Lore, prepared: Path) -> None:
    settings = (prepared / "lore.toml").read_text()
    whole = settings.replace('path = "docs"', 'path = "."\nname = "docs"\nexclude = ["logs", "labels.jsonl"]')
    (prepared / "lore.toml").write_text(whole)
    before = json.loads(ran(lore, prepared, "ingest", "--json"))["id"]
    ran(lore, prepared, "dataset")
    assert json.loads(ran(lore, prepared, "ingest", "--json"))["id"] == before
