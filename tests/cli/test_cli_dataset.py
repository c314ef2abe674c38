"""`lore dataset`: a version with a card, and list, show, diff."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]


def ran(lore: Lore, project: Path, *arguments: str) -> str:
    done = lore("dataset", *arguments, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def parsed(lore: Lore, project: Path, *arguments: str) -> Any:
    return json.loads(ran(lore, project, *arguments, "--json"))


def test_it_makes_a_version_and_says_where_it_lies_and_that_nothing_leaks(lore: Lore, prepared: Path) -> None:
    said = ran(lore, prepared)
    folder = prepared / "datasets" / "pumphouse" / "v1"
    assert "pumphouse/v1 new" in said
    assert str(folder) in said
    assert "seen-docs 0, unseen-docs 0, questions 0" in said
    assert "next: lore plan" in said
    card = (folder / "README.md").read_text()
    assert "# Pumphouse, version 1" in card
    assert "| seen-docs |" in card
    assert "No person has reviewed an example." in card
    assert "| curate: examples |" in card
    assert "nothing changed" in ran(lore, prepared)
    assert str(prepared) not in card + (folder / "dataset.json").read_text()


def test_the_version_is_in_the_answer_for_programs(lore: Lore, prepared: Path) -> None:
    made = parsed(lore, prepared)
    folder = prepared / "datasets" / "pumphouse" / "v1"
    assert made["published"] == {"version": "pumphouse/v1", "folder": str(folder), "fresh": True}
    assert made["stage"] == "dataset"
    assert parsed(lore, prepared)["published"]["fresh"] is False
    facts = json.loads((folder / "dataset.json").read_text())
    assert facts["runs"]["dataset"] == made["id"]
    assert {name: one["rows"] for name, one in facts["sets"].items()} == made["metrics"]["sets"]
    assert facts["content"]["train"] == made["outputs"]["train.parquet"]
    assert facts["leakage"]["ngram_words"] == 10
    documents = sum(one["documents"] for one in facts["sources"])
    assert documents == len((folder / "documents.jsonl").read_text().splitlines())
    assert {step["name"] for step in facts["steps"]} >= {"ingest: files", "curate: examples"}


def test_a_name_of_its_own_is_another_folder_and_the_same_run(lore: Lore, prepared: Path) -> None:
    first = parsed(lore, prepared)
    named = parsed(lore, prepared, "--set", "dataset.name=Night shift")
    assert (named["published"]["version"], named["id"]) == ("night-shift/v1", first["id"])


def test_a_dry_run_makes_no_version(lore: Lore, prepared: Path) -> None:
    ran(lore, prepared, "--dry-run")
    assert not (prepared / "datasets").exists()


def test_versions_are_listed_shown_and_told_to_be_changed(lore: Lore, prepared: Path) -> None:
    assert "lore dataset" in ran(lore, prepared, "list")
    assert parsed(lore, prepared, "list") == []
    made = parsed(lore, prepared)
    (listed,) = parsed(lore, prepared, "list")
    assert (listed["version"], listed["sets"], listed["changed"]) == (
        "pumphouse/v1",
        made["metrics"]["sets"],
        [],
    )
    assert "pumphouse/v1" in ran(lore, prepared, "list")
    assert "version 1" in ran(lore, prepared, "show", "v1")
    assert parsed(lore, prepared, "show")["version"] == 1
    with (Path(made["published"]["folder"]) / "train.jsonl").open("a") as stream:
        stream.write("\n")
    assert "changed since train.jsonl" in ran(lore, prepared, "list")
    assert "train.jsonl" in ran(lore, prepared, "show")
    assert parsed(lore, prepared)["published"]["version"] == "pumphouse/v2"


@pytest.mark.parametrize("arguments", [("show", "v7"), ("diff", "v1", "v7"), ("diff", "nothing/v1")])
def test_a_version_that_is_not_there_is_answered_with_those_that_are(
    lore: Lore, prepared: Path, arguments: tuple[str, ...]
) -> None:
    ran(lore, prepared)
    done = lore("dataset", *arguments, cwd=prepared)
    assert done.returncode == 1
    assert "There is no version" in done.stderr
    assert "pumphouse/v1" in done.stderr


def test_a_difference_tells_examples_counts_settings_and_filters(lore: Lore, prepared: Path) -> None:
    ran(lore, prepared, "--set", "curation.min_answer_chars=90")
    ran(lore, prepared)
    found = parsed(lore, prepared, "diff", "v1", "v2")
    assert (found["before"], found["after"]) == ("pumphouse/v1", "pumphouse/v2")
    assert found["added"]
    before, after = found["counts"]["set"]["train"]
    assert before < after
    assert found["settings"]["curate.curation.min_answer_chars"][0] == 90
    assert any(name.startswith("curate: examples") for name in found["filters"])
    said = ran(lore, prepared, "diff", "v1", "v2")
    assert "added" in said
    assert "min_answer_chars" in said
    assert "…" in said
    same = parsed(lore, prepared, "diff", "v2")
    assert not any(same[name] for name in ("added", "removed", "moved", "changed"))
    other = parsed(lore, prepared, "diff", "v2", "run", "--set", "dataset.seed=1")
    assert other["moved"]


def test_versions_are_compared_and_listed_without_a_project(
    lore: Lore, prepared: Path, tmp_path: Path
) -> None:
    ran(lore, prepared, "--set", "curation.min_answer_chars=90")
    ran(lore, prepared)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (prepared / "datasets").rename(elsewhere / "datasets")
    assert len(parsed(lore, elsewhere, "list")) == 2
    assert parsed(lore, elsewhere, "diff", "pumphouse/v1", "pumphouse/v2")["added"]
    done = lore("dataset", cwd=elsewhere)
    assert done.returncode != 0
    assert "lore init" in done.stderr


def test_too_few_examples_say_where_the_others_are(lore: Lore, prepared: Path) -> None:
    done = lore("dataset", "--set", "dataset.min_examples=5000", cwd=prepared)
    assert done.returncode == 1
    assert "fewer than 5,000" in done.stderr
    assert "held out for tests" in done.stderr
    assert "lore curate --report" in done.stderr
    assert not (prepared / "datasets").exists()


def test_help_names_every_command(lore: Lore, tmp_path: Path) -> None:
    said = lore("dataset", "--help", cwd=tmp_path).stdout
    for name in ("list", "show", "diff", "export", "import", "inspect", "push"):
        assert f"\n  {name} " in said
        shown = lore("dataset", name, "--help", cwd=tmp_path)
        assert f"lore dataset {name}" in shown.stdout.partition("Examples:")[2]
