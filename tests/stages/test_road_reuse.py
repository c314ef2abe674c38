"""The road a second time: what has not changed is not computed again, and what has changed is all that is."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
CHEAP = ("ingest", "chunk", "index", "probe", "generate", "curate", "dataset")
AFTER_INGEST = CHEAP[1:]


def runs(project: Path) -> dict[str, list[str]]:
    """Return the ids of all finished runs by stage."""
    base = project / ".lore" / "runs"
    return {stage.name: sorted(run.name for run in stage.iterdir()) for stage in sorted(base.iterdir())}


def newest(lore: Lore, project: Path, stage: str) -> dict[str, Any]:
    """Return the manifest of a stage's newest run."""
    shown = lore("show", stage, "--json", cwd=project)
    assert shown.returncode == 0, shown.stderr
    manifest: dict[str, Any] = json.loads(shown.stdout)
    return manifest


def chunks(lore: Lore, project: Path) -> dict[tuple[str, int], str]:
    rows = [json.loads(line) for line in lore("cat", "chunk", cwd=project).stdout.splitlines()]
    return {(row["document_id"], row["start"]): row["id"] for row in rows}


def git(project: Path, *arguments: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *author, *arguments], cwd=project, check=True, capture_output=True)


def run_again(lore: Lore, project: Path) -> str:
    done = lore("run", cwd=project)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_second_run_makes_no_stage(lore: Lore, prepared: Path) -> None:
    before = runs(prepared)
    told = run_again(lore, prepared)
    assert runs(prepared) == before
    for stage in CHEAP:
        line = next(line for line in told.splitlines() if f" {stage} " in line)
        assert line.startswith("·")
        assert line.endswith("up to date")


def test_with_everything_trained_a_second_run_makes_no_stage(lore: Lore, trained: Path) -> None:
    before = runs(trained)
    done = lore("run", "--train", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert runs(trained) == before
    assert "Everything is up to date." in lore("status", cwd=trained).stdout


def test_a_changed_document_is_all_that_is_computed(lore: Lore, prepared: Path) -> None:
    before = chunks(lore, prepared)
    document = prepared / "docs" / "alarms.md"
    document.write_text(document.read_text().replace("twelve hours", "ten hours"))
    run_again(lore, prepared)

    for stage in ("ingest", "chunk", "generate"):
        counted = newest(lore, prepared, stage)["metrics"]
        assert (counted["computed"], counted["reused"]) == (1, 45), stage
    after = chunks(lore, prepared)
    fresh, gone = set(after.items()) - set(before.items()), set(before.items()) - set(after.items())
    assert fresh
    assert len({document_id for (document_id, _), _ in fresh | gone}) == 1
    counted = newest(lore, prepared, "index")["metrics"]
    assert (counted["added"], counted["removed"]) == (len(fresh), len(gone))
    assert counted["kept"] == counted["passages"] - len(fresh)


def test_unchanged_chunks_of_a_changed_document_keep_their_ids(lore: Lore, prepared: Path) -> None:
    settings = ("--set", "chunking.min_chars=0")
    assert lore("chunk", *settings, cwd=prepared).returncode == 0
    before = set(chunks(lore, prepared).values())
    document = prepared / "docs" / "alarms.md"
    document.write_text(document.read_text().replace("one minute counts", "two minutes counts"))
    assert lore("chunk", *settings, cwd=prepared).returncode == 0
    after = set(chunks(lore, prepared).values())
    assert len(before - after) == len(after - before) == 1
    assert len(before & after) == len(before) - 1


def test_the_stages_after_a_change_without_effect_are_not_made(lore: Lore, prepared: Path) -> None:
    before = runs(prepared)
    document = prepared / "docs" / "install.md"
    document.write_text(document.read_text().replace("\n", "\r\n"), newline="")
    told = run_again(lore, prepared)
    changed = runs(prepared)
    assert len(changed["ingest"]) == 2, told
    assert {stage: changed[stage] for stage in AFTER_INGEST} == {
        stage: before[stage] for stage in AFTER_INGEST
    }


def test_what_is_no_document_and_new_times_change_nothing(lore: Lore, prepared: Path) -> None:
    before = runs(prepared)
    (prepared / "docs" / "logo.svg").write_text("<svg/>")
    (prepared / "notes.md").write_text("# Beside the sources")
    os.utime(prepared / "docs" / "install.md", (1, 1))
    run_again(lore, prepared)
    assert runs(prepared) == before


def test_a_commit_that_changes_no_document_runs_nothing_after_ingest(lore: Lore, prepared: Path) -> None:
    git(prepared, "init", "-q")
    git(prepared, "add", "docs", "logs", "lore.toml", "labels.jsonl")
    git(prepared, "commit", "-q", "-m", "first")
    run_again(lore, prepared)
    before = runs(prepared)
    (prepared / "Makefile").write_text("all:\n")
    git(prepared, "add", "Makefile")
    git(prepared, "commit", "-q", "-m", "second")
    run_again(lore, prepared)
    after = runs(prepared)
    assert {stage: after[stage] for stage in AFTER_INGEST} == {stage: before[stage] for stage in AFTER_INGEST}
    states = [
        json.loads(line)
        for line in lore("cat", "ingest", "--file", "sources", cwd=prepared).stdout.splitlines()
    ]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=prepared, check=True, capture_output=True, text=True
    )
    assert {state["commit"] for state in states} == {head.stdout.strip()}


def test_a_renamed_document_keeps_the_ids_of_its_chunks(lore: Lore, prepared: Path) -> None:
    before = sorted(chunks(lore, prepared).values())
    (prepared / "docs" / "alarms.md").rename(prepared / "docs" / "alerts.md")
    run_again(lore, prepared)
    assert sorted(chunks(lore, prepared).values()) == before
    found = json.loads(lore("search", "silenced", "alarm", "--json", cwd=prepared).stdout)
    assert found[0]["path"] == "alerts.md"


def test_a_removed_document_leaves_index_and_dataset(lore: Lore, prepared: Path) -> None:
    (prepared / "docs" / "glossary.txt").unlink()
    run_again(lore, prepared)
    assert newest(lore, prepared, "ingest")["metrics"]["documents"] == 45
    assert newest(lore, prepared, "index")["metrics"]["removed"] >= 1
    found = json.loads(lore("search", "serial", "line", "controller", "--json", cwd=prepared).stdout)
    assert "glossary.txt" not in {passage["path"] for passage in found}


def test_a_moved_project_is_up_to_date(lore: Lore, prepared: Path, tmp_path: Path) -> None:
    before = runs(prepared)
    moved = Path(shutil.move(prepared, tmp_path / "elsewhere"))
    run_again(lore, moved)
    assert runs(moved) == before
    found = json.loads(lore("search", "purge", "--json", cwd=moved).stdout)
    assert found[0]["path"] == "install.md"


@pytest.mark.parametrize("setting", ["ingest.workers=1", "training.save_steps=9", "budget.train_minutes=0"])
def test_settings_that_cannot_change_a_result_make_no_run(lore: Lore, prepared: Path, setting: str) -> None:
    before = runs(prepared)
    assert lore("run", "--set", setting, cwd=prepared).returncode == 0
    assert runs(prepared) == before


def test_one_setting_makes_its_stage_anew_and_not_the_ones_before(lore: Lore, prepared: Path) -> None:
    before = runs(prepared)
    assert lore("run", "--set", "curation.min_answer_chars=60", cwd=prepared).returncode == 0
    after = runs(prepared)
    grown = [stage for stage in CHEAP if after[stage] != before[stage]]
    assert grown == ["curate", "dataset"]


def test_worker_processes_read_the_same_documents(lore: Lore, prepared: Path) -> None:
    alone = newest(lore, prepared, "ingest")["outputs"]["documents.parquet"]
    shutil.rmtree(prepared / ".lore")
    assert lore("ingest", "--set", "ingest.workers=2", cwd=prepared).returncode == 0
    assert newest(lore, prepared, "ingest")["outputs"]["documents.parquet"] == alone
