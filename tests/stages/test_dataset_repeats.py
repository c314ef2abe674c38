"""Examples that balance repeats stand several times in training, once everywhere else, and are accounted for once."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from lorewright.core.records import Example
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace

Lore = Callable[..., CompletedProcess[str]]
RESAMPLED = (
    "--set",
    "curation.balance.by=document",
    "--set",
    "curation.balance.method=resample",
    "--set",
    "curation.balance.max_share=1.0",
)


def made(lore: Lore, project: Path, *arguments: str) -> dict[str, Any]:
    done = lore("dataset", "--json", *arguments, cwd=project)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def members(project: Path, run_id: str, name: str) -> list[Example]:
    return list(read_table(Workspace(project).run_dir("dataset", run_id) / f"{name}.parquet", Example))


def test_repeated_examples_are_written_as_often_in_training_alone(lore: Lore, prepared: Path) -> None:
    plain = made(lore, prepared)
    run = made(lore, prepared, *RESAMPLED)
    train = members(prepared, run["id"], "train")
    times = Counter(one.id for one in train)
    assert {one.id: times[one.id] for one in train} == {
        one.id: int(one.metadata.get("repeats", 1)) for one in train
    }
    assert max(times.values()) > 1
    for name in ("validation", "test_seen_docs", "test_unseen_docs"):
        found = members(prepared, run["id"], name)
        assert len(found) == len({one.id for one in found})
    assert run["metrics"]["repeated"] == len(train) - len(times) > 0
    assert run["metrics"]["sets"]["train"] == len(train)
    assert (
        run["metrics"]["accounts"]["examples"]["given"] == plain["metrics"]["accounts"]["examples"]["given"]
    )
    assert run["metrics"]["leakage"] == {"seen-docs": 0, "unseen-docs": 0, "questions": 0}


def test_a_version_of_repeated_examples_is_written_and_told(lore: Lore, prepared: Path) -> None:
    run = made(lore, prepared, *RESAMPLED)
    folder = Path(run["published"]["folder"])
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").strip().split("\n")
    assert len(lines) == run["metrics"]["sets"]["train"]
    assert "of examples that are repeated" in (folder / "README.md").read_text(encoding="utf-8")
    assert made(lore, prepared, *RESAMPLED)["published"]["fresh"] is False
