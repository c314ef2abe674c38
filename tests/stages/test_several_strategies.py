"""Several strategies at once: what overlaps shares a split, leaks nothing, and is one passage in an answer."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

Lore = Callable[..., CompletedProcess[str]]
STRATEGIES = ("--set", 'chunking.strategies=["headings","windows"]', "--set", "chunking.max_chars=400")


def rows(lore: Lore, project: Path, stage: str, *options: str) -> list[dict[str, Any]]:
    done = lore("cat", stage, *options, cwd=project)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_passages_of_two_strategies_share_their_document_s_split_and_leak_nothing(
    lore: Lore, project: Path
) -> None:
    done = lore("dataset", *STRATEGIES, cwd=project)
    assert done.returncode == 0, done.stderr
    chunks = rows(lore, project, "chunk")
    assert {row["strategy"] for row in chunks} == {"headings", "windows"}
    sides = {
        row["document_id"]: row["split"] for row in rows(lore, project, "dataset", "--file", "assignments")
    }
    documents = {row["id"]: row["document_id"] for row in chunks}
    train = rows(lore, project, "dataset", "--file", "train")
    assert train
    for example in train:
        assert {sides[documents[piece["chunk_id"]]] for piece in example["evidence"]} == {"train"}
    metrics = json.loads(lore("show", "dataset", "--json", cwd=project).stdout)["metrics"]
    assert set(metrics["leakage"].values()) == {0}, metrics["leakage"]


def test_an_answer_s_passages_do_not_repeat_each_other(lore: Lore, project: Path) -> None:
    assert lore("index", *STRATEGIES, cwd=project).returncode == 0
    done = lore("search", "pressure of a pump", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 1
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            lines = {line for line in one["text"].splitlines() if len(line) > 40}
            assert not lines & set(other["text"].splitlines()), (one["place"], other["place"])
