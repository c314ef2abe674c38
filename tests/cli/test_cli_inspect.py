"""show, cat and the other listings: what they print, as JSON too, and what they say where there is nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]


def parsed(lore: Lore, project: Path, *arguments: str) -> Any:
    done = lore(*arguments, cwd=project)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--json"),
        ("status", "--json"),
        ("plan", "--json"),
        ("show", "dataset", "--json"),
        ("search", "alarm", "--json"),
        ("ask", "What is dry running?", "--json"),
        ("doctor", "--json"),
        ("gc", "--dry-run", "--json"),
        ("schema",),
        *((stage, "--json") for stage in ("ingest", "chunk", "index", "generate", "curate", "dataset")),
        ("train", "--dry-run", "--json"),
        ("export", "--dry-run", "--json"),
    ],
)
def test_json_output_is_json_and_nothing_else(lore: Lore, prepared: Path, arguments: tuple[str, ...]) -> None:
    done = lore(*arguments, cwd=prepared)
    assert done.returncode == (0 if arguments[0] != "doctor" else done.returncode), done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("stage", ["train", "evaluate", "export"])
def test_json_of_the_costly_stages_is_their_run(lore: Lore, trained: Path, stage: str) -> None:
    run = parsed(lore, trained, stage, "--json")
    assert run["stage"] == stage
    assert run == parsed(lore, trained, "show", f"latest/{stage}", "--json")


def test_a_run_is_shown_by_stage_id_beginning_and_ref(lore: Lore, prepared: Path) -> None:
    run = parsed(lore, prepared, "show", "chunk", "--json")
    for name in (f"chunk/{run['id']}", run["id"], run["id"][:10], "latest/chunk"):
        assert parsed(lore, prepared, "show", name, "--json") == run


def test_records_are_shown_by_the_beginning_of_their_id(lore: Lore, prepared: Path) -> None:
    for name in ("ingest", "chunk", "curate"):
        row = parsed(lore, prepared, "cat", name, "-n", "1")
        shown = parsed(lore, prepared, "show", row["id"], "--json")
        assert shown["id"] == row["id"]
        text = lore("show", row["id"][:12], cwd=prepared)
        assert text.returncode == 0, text.stderr
        assert row["id"] in text.stdout


@pytest.mark.parametrize("name", ["nothing", "ffffffffffff", "latest/nothing"])
def test_what_is_not_there_is_answered_with_where_to_look(lore: Lore, prepared: Path, name: str) -> None:
    for command in ("show", "cat"):
        done = lore(command, name, cwd=prepared)
        assert done.returncode == 1
        assert repr(name) in done.stderr
        assert "`lore status` lists" in done.stderr


def test_a_table_that_a_run_lacks_is_answered_with_those_it_has(lore: Lore, prepared: Path) -> None:
    done = lore("cat", "dataset", "--file", "nothing", cwd=prepared)
    assert done.returncode == 1
    assert "has no table 'nothing'" in done.stderr
    for name in ("train.parquet", "test_seen_docs.jsonl", "leakage.json"):
        assert name in done.stderr


def test_cat_limits_its_lines_and_prints_other_files_as_they_are(lore: Lore, prepared: Path) -> None:
    lines = lore("cat", "chunk", "-n", "3", cwd=prepared).stdout.splitlines()
    assert len(lines) == 3
    assert all(isinstance(json.loads(line)["metadata"], dict) for line in lines)
    leakage = parsed(lore, prepared, "cat", "dataset", "--file", "leakage")
    assert set(leakage["tests"]) == {"seen-docs", "unseen-docs", "questions"}
    lines = lore("cat", "dataset", "--file", "train.jsonl", cwd=prepared).stdout.splitlines()
    assert {tuple(json.loads(line)) for line in lines} == {("prompt", "completion")}


def test_a_tasks_log_stays_with_its_run(lore: Lore, prepared: Path) -> None:
    run = parsed(lore, prepared, "show", "ingest", "--json")
    log = (prepared / ".lore" / "runs" / "ingest" / run["id"] / "log.txt").read_text()
    assert f"ingest {run['id']} begins" in log
    assert "is finished" in log


def test_the_answer_cites_file_and_lines(lore: Lore, prepared: Path) -> None:
    done = lore("ask", "What happens when a sensor fails?", cwd=prepared)
    assert done.returncode == 0, done.stderr
    assert "alarms.md:" in done.stdout
    only = parsed(lore, prepared, "search", "alarm", "--path", "reference/**", "--json")
    assert {passage["path"] for passage in only} == {"reference/options.md"}
    nowhere = lore("search", "alarm", "--kind", "pdf", cwd=prepared)
    assert nowhere.returncode == 1
    assert "known are: markdown, python, rest, text" in nowhere.stderr


def test_before_anything_is_made_the_next_command_is_said(lore: Lore, project: Path) -> None:
    for arguments, hint in (
        (("ask", "why"), "lore index"),
        (("search", "why"), "lore index"),
        (("cat", "chunk"), "lore status"),
        (("trace", "abcdef12"), "lore cat"),
    ):
        done = lore(*arguments, cwd=project)
        assert done.returncode == 1
        assert hint in done.stderr.partition("next:")[2]


def test_chat_answers_from_passages_until_there_is_a_model_and_from_the_model_then(
    lore: Lore, prepared: Path, trained_once: Path
) -> None:
    early = lore("chat", cwd=prepared, stdin="What happens when a sensor fails?\n/model\n/quit\n")
    assert early.returncode == 0, early.stderr
    assert "half of its speed" in " ".join(early.stdout.split())
    assert "own words; no model is trained yet (lore plan)." in early.stdout
    assert "alarms.md:" in early.stdout
    late = lore("chat", cwd=trained_once, stdin="What is a slot?\n/model\n/quit\n")
    assert late.returncode == 0, late.stderr
    assert "q8_0.gguf" in late.stdout
    assert "shown 1 passage." in late.stdout


def test_dry_runs_make_nothing(lore: Lore, project: Path) -> None:
    for stage in ("ingest", "chunk", "dataset", "train", "export"):
        done = lore(stage, "--dry-run", cwd=project)
        assert done.returncode == 0, done.stderr
        assert stage in done.stdout
    assert not (project / ".lore" / "runs").exists()
