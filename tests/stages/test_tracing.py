"""trace: from an example to lines of a file that really hold its quote, and to the runs that made it."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
TESTS = ("test_seen_docs", "test_unseen_docs")


def rows(lore: Lore, project: Path, table: str) -> list[dict[str, Any]]:
    done = lore("cat", "dataset", "--file", table, cwd=project)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def words(text: str) -> str:
    """Return the words alone: reST is rendered, so that its marks differ between source and quote."""
    return " ".join(re.findall(r"\w+", text))


def lines_of(origin: dict[str, Any]) -> str:
    lines = (Path(origin["location"]) / origin["path"]).read_text(encoding="utf-8").splitlines()
    return "\n".join(lines[origin["first"] - 1 : origin["last"]])


@pytest.mark.parametrize("task", ["qa", "log_analysis"])
@pytest.mark.parametrize("table", TESTS)
def test_any_test_example_leads_to_lines_that_hold_its_quote(
    lore: Lore, prepared: Path, table: str, task: str
) -> None:
    examples = [row for row in rows(lore, prepared, table) if row["task"] == task]
    assert examples
    for example in random.sample(examples, min(3, len(examples))):
        done = lore("trace", example["id"], "--json", cwd=prepared)
        assert done.returncode == 0, done.stderr
        traced = json.loads(done.stdout)
        assert traced["example"]["id"] == example["id"]
        assert traced["origins"]
        for origin in traced["origins"]:
            held = lines_of(origin)
            if origin["path"].endswith(".rst"):
                assert words(origin["quote"]) in words(held)
            else:
                assert origin["quote"] in held


def test_every_training_example_leads_to_its_lines(lore: Lore, prepared: Path) -> None:
    from lorewright.core.workspace import Workspace
    from lorewright.stages.trace import as_json, trace

    for example in rows(lore, prepared, "train"):
        for origin in as_json(trace(Workspace(prepared), example["id"]))["origins"]:
            assert words(origin["quote"]) in words(lines_of(origin)), (example, origin)


def test_a_trace_tells_its_lines_its_runs_and_their_settings(lore: Lore, prepared: Path) -> None:
    example = next(row for row in rows(lore, prepared, "train") if row["task"] == "log_analysis")
    done = lore("trace", example["id"][:12], cwd=prepared)
    assert done.returncode == 0, done.stderr
    assert "evidence 1" in done.stdout
    assert re.search(r"\.log:\d+", done.stdout)
    lineage = json.loads(lore("trace", example["id"], "--json", cwd=prepared).stdout)["lineage"]
    assert [run["stage"] for run in lineage] == ["dataset", "curate", "review", "generate", "chunk", "ingest"]
    assert all(run["id"] in done.stdout for run in lineage)
    assert lineage[4]["settings"]["chunking"]["strategies"] == ["auto"]


def test_the_chunks_of_a_copied_file_have_one_id(lore: Lore, prepared: Path) -> None:
    text = (prepared / "docs" / "glossary.txt").read_text()
    (prepared / "docs" / "copy.txt").write_text(text)
    assert lore("chunk", cwd=prepared).returncode == 0
    chunk = [json.loads(line) for line in lore("cat", "chunk", cwd=prepared).stdout.splitlines()]
    same = [row for row in chunk if row["text"] in text and row["kind"] == "text"]
    assert len({row["id"] for row in same}) == len(same) / 2


@pytest.mark.parametrize(
    ("prefix", "said"),
    [("ffffffffffffffff", "No record has an id that begins with"), ("abc", "No record has an id")],
)
def test_an_unknown_id_is_answered_with_where_ids_are_listed(
    lore: Lore, prepared: Path, prefix: str, said: str
) -> None:
    done = lore("trace", prefix, cwd=prepared)
    assert done.returncode == 1
    assert said in done.stderr
    assert "lore cat dataset --file train" in done.stderr


def test_a_rejected_example_is_answered_with_why_it_was_left_out(lore: Lore, prepared: Path) -> None:
    assert lore("run", "--set", "curation.min_answer_chars=60", cwd=prepared).returncode == 0
    rejected = lore("cat", "curate", "--file", "rejections", "-n", "1", cwd=prepared).stdout
    record = json.loads(rejected)["record_id"]
    kept = prepared / ".lore" / "runs" / "generate"
    assert kept.exists()
    found = json.loads(lore("trace", record, "--json", cwd=prepared).stdout)
    assert found["artefact"] == "candidates.parquet"
