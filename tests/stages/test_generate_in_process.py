"""Examples made by models in this process: trained here, of a folder, of a GGUF file; a retrained one is another."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.workspace import Workspace

Lore = Callable[..., CompletedProcess[str]]
FEW = (
    "--task",
    "qa",
    "--limit",
    "3",
    "--set",
    "generation.max_new_tokens=24",
    "--set",
    "generation.max_failed=1",
)


def made(lore: Lore, project: Path, model: str, *options: str) -> dict[str, Any]:
    done = lore("generate", "--model", model, *FEW, *options, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    run: dict[str, Any] = json.loads(done.stdout)
    return run


def base_of(project: Path) -> Path:
    base = Workspace(project).newest("base")
    assert base is not None
    return Path(".lore/runs/base") / base.id / "model"


def test_the_model_trained_here_is_asked_and_its_replies_are_kept(lore: Lore, trained: Path) -> None:
    first = made(lore, trained, "own")
    assert first["metrics"]["calls"] > 0
    assert first["metrics"]["asked"] >= first["metrics"]["calls"]
    assert sum(first["metrics"]["by_outcome"].values()) == first["metrics"]["calls"]
    again = made(lore, trained, "own", "--set", "generation.concurrency=2")
    assert again["id"] == first["id"]


def test_a_retrained_model_behind_the_same_name_is_asked_anew(lore: Lore, trained: Path) -> None:
    first = made(lore, trained, "own")
    old = Workspace(trained).newest("train")
    assert old is not None
    assert lore("train", "--set", "training.seed=7", cwd=trained).returncode == 0
    second = made(lore, trained, "own")
    assert second["id"] != first["id"]
    assert second["metrics"]["asked"] >= second["metrics"]["calls"]
    assert second["metrics"]["kept_from_before"] == 0
    pinned = made(lore, trained, f"own/train/{old.id}")
    assert pinned["metrics"]["asked"] == 0
    assert pinned["metrics"]["kept_from_before"] == pinned["metrics"]["calls"]


def test_without_a_trained_model_own_says_how_to_make_one(lore: Lore, prepared: Path) -> None:
    done = lore("generate", "--model", "own", cwd=prepared)
    assert done.returncode == 1
    assert "nothing is trained yet" in done.stderr
    assert "lore train" in done.stderr


def test_a_folder_and_a_gguf_file_are_asked_by_their_content(lore: Lore, trained: Path) -> None:
    folder = base_of(trained)
    first = made(lore, trained, f"transformers/{folder}")
    moved = trained / "base-moved"
    (trained / folder).rename(moved)
    assert made(lore, trained, "transformers/base-moved")["metrics"]["asked"] == 0
    assert first["metrics"]["calls"] > 0
    export = Workspace(trained).newest("export")
    assert export is not None
    file = next(name for name in export.outputs if name.endswith("q8_0.gguf"))
    held = made(lore, trained, f"gguf/.lore/runs/export/{export.id}/{file}")
    assert held["metrics"]["calls"] == first["metrics"]["calls"]
    # Held to the schema by a grammar, a reply can only be whole or cut.
    assert set(held["metrics"]["by_outcome"]) <= {"as asked", "cut", "invalid"}


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("transformers/nowhere/at-all", "nowhere/at-all"),
        ("gguf/missing.gguf", "missing.gguf"),
        ("scripted/missing.jsonl", "missing.jsonl"),
        ("nobody/model", "nobody"),
        ("own/nothing", "nothing"),
    ],
)
def test_a_model_that_is_not_there_is_named(
    lore: Lore, prepared: Path, model: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = lore("generate", "--model", model, "--task", "qa", cwd=prepared)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_gguf_file_ends_the_command_at_once(lore: Lore, prepared: Path) -> None:
    (prepared / "broken.gguf").write_bytes(b"GGUF" + bytes(20))
    for options in (("--preview", "2"), ()):
        done = lore("generate", "--model", "gguf/broken.gguf", "--task", "qa", *options, cwd=prepared)
        assert done.returncode == 2
        assert "gguf/broken.gguf cannot be used" in done.stderr
        assert done.stderr.count("broken.gguf cannot be used") == 1


def test_a_file_of_answers_tries_a_task_without_a_model(lore: Lore, prepared: Path) -> None:
    pair = {
        "question": "How is the pump of Pumphouse primed?",
        "evidence": "nowhere in it",
        "answer": "It is primed by hand.",
    }
    (prepared / "answers.jsonl").write_text(json.dumps({"pairs": [pair]}) + "\n", encoding="utf-8")
    run = made(lore, prepared, "scripted/answers.jsonl")
    assert run["metrics"]["by_outcome"] == {"as asked": run["metrics"]["calls"]}
    assert run["metrics"]["candidates"] == 0
    assert "its evidence does not stand in the passage" in str(run["metrics"]["by_reason"])
