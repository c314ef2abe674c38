"""kill -9 in the middle of a stage, a second command beside the first, a plug-in from another distribution."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
COMMAND = "from lorewright.cli.main import main; main()"
KILLED_TRAINING = """
import os, signal, sys
from lorewright.cli.main import main
from lorewright.training import checkpoints

seal, sealed = checkpoints.seal, []
last = int(sys.argv.pop(1))

def seal_and_die(checkpoint, *, recipe):
    seal(checkpoint, recipe=recipe)
    sealed.append(checkpoint)
    if len(sealed) == last:
        os.kill(os.getpid(), signal.SIGKILL)

checkpoints.seal = seal_and_die
main()
"""
TASK = """
import os, signal, time
from pathlib import Path

calls = []

def make(document, chunks, *, project, label, options):
    calls.append(document.path)
    if os.environ.get("KILL") and len(calls) == 15:
        time.sleep(2.1)
    if os.environ.get("KILL") and len(calls) == 25:
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("GATE") and len(calls) == 1:
        Path(os.environ["GATE"], "begun").touch()
        while not Path(os.environ["GATE"], "open").exists():
            time.sleep(0.05)
    return ()
"""
TASKS = 'generation.tasks=["qa", "log_analysis", "nothing"]'


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a machine on which a distribution offers the task `nothing`."""
    site = tmp_path / "site"
    information = site / "nothing_task-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "nothing_task.py").write_text(TASK)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: nothing-task\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[lorewright.tasks]\nnothing = nothing_task:make\n")
    monkeypatch.syspath_prepend(str(site))
    return {**os.environ, "PYTHONPATH": str(site)}


def start(code: str, *arguments: str, cwd: Path, env: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shown(lore: Lore, project: Path, name: str) -> dict[str, Any]:
    done = lore("show", name, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    manifest: dict[str, Any] = json.loads(done.stdout)
    return manifest


def row_of(lore: Lore, project: Path, stage: str, *options: str) -> dict[str, Any]:
    rows = json.loads(lore("status", "--json", *options, cwd=project).stdout)
    return next(row for row in rows if row["stage"] == stage)


def test_a_killed_generate_goes_on_and_ends_as_if_nothing_had_happened(
    lore: Lore, prepared: Path, environment: dict[str, str]
) -> None:
    whole = shown(lore, prepared, "generate")["outputs"]
    shutil.rmtree(prepared / ".lore" / "runs" / "generate")
    first = start(COMMAND, "generate", "--set", TASKS, cwd=prepared, env={**environment, "KILL": "yes"})
    first.communicate(timeout=300)
    assert first.returncode == -signal.SIGKILL
    assert "begun, finished work will be reused" in row_of(lore, prepared, "generate", "--set", TASKS)["why"]

    again = start(COMMAND, "run", "--set", TASKS, cwd=prepared, env=environment)
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert "31 computed, 15 reused" in out
    run = shown(lore, prepared, "generate")
    assert (run["metrics"]["computed"], run["metrics"]["reused"]) == (31, 15)
    assert run["outputs"] == whole
    assert sorted(entry.name for entry in (prepared / ".lore/runs/generate").iterdir()) == [run["id"]]
    assert not (prepared / ".lore" / "runs" / "generate" / run["id"] / "parts").exists()


def test_a_killed_training_ends_in_the_same_adapter(lore: Lore, trained: Path) -> None:
    uninterrupted = shown(lore, trained, "train")
    for stage in ("train", "evaluate", "export"):
        shutil.rmtree(trained / ".lore" / "runs" / stage)
    killed = start(KILLED_TRAINING, "2", "train", cwd=trained, env=dict(os.environ))
    killed.communicate(timeout=300)
    assert killed.returncode == -signal.SIGKILL
    (partial,) = (trained / ".lore" / "runs" / "train").iterdir()
    assert partial.name == f"{uninterrupted['id']}.partial"
    assert len(list(partial.glob("checkpoints/**/complete.json"))) == 2

    again = lore("train", cwd=trained)
    assert again.returncode == 0, again.stderr
    run = shown(lore, trained, "train")
    assert run["id"] == uninterrupted["id"]
    assert run["outputs"] == uninterrupted["outputs"]
    log = (trained / ".lore" / "runs" / "train" / run["id"] / "log.txt").read_text()
    assert log.count("begins") == 2
    assert not list((trained / ".lore" / "runs" / "train").glob("*.partial"))


def test_a_killed_base_ends_in_the_same_weights(lore: Lore, prepared: Path, tmp_path: Path) -> None:
    longer = ("--set", "training.tiny.steps=120")
    other = Path(shutil.copytree(prepared, tmp_path / "other"))
    killed = start(KILLED_TRAINING, "1", "train", *longer, cwd=prepared, env=dict(os.environ))
    killed.communicate(timeout=300)
    assert killed.returncode == -signal.SIGKILL
    assert row_of(lore, prepared, "base", *longer)["state"] == "never run"
    for project in (prepared, other):
        done = lore("train", *longer, cwd=project)
        assert done.returncode == 0, done.stderr
    assert shown(lore, prepared, "base")["outputs"] == shown(lore, other, "base")["outputs"]
    assert shown(lore, prepared, "train")["outputs"] == shown(lore, other, "train")["outputs"]


def test_the_same_stage_started_twice_is_refused_and_both_end_well(
    lore: Lore, prepared: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.mkdir()
    first = start(COMMAND, "generate", "--set", TASKS, cwd=prepared, env={**environment, "GATE": str(gate)})
    try:
        deadline = time.monotonic() + 300
        while not (gate / "begun").exists():
            assert first.poll() is None, first.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        second = start(COMMAND, "generate", "--set", TASKS, cwd=prepared, env=environment)
        _, err = second.communicate(timeout=300)
        assert second.returncode == 1
        assert f"already at work: process {first.pid}" in err
        assert "next: wait for it" in err
        assert "Traceback" not in err
        assert row_of(lore, prepared, "generate", "--set", TASKS)["state"] == "running"
        collected = lore("gc", cwd=prepared)
        assert collected.returncode == 1
        assert "is being made" in collected.stderr
        forgotten = lore("forget", "glossary.txt", "--yes", cwd=prepared)
        assert forgotten.returncode == 1
        assert "is being made" in forgotten.stderr
    finally:
        (gate / "open").touch()
        _, err = first.communicate(timeout=300)
    assert first.returncode == 0, err
    assert row_of(lore, prepared, "generate", "--set", TASKS)["state"] == "up to date"


def test_a_task_that_nobody_offers_is_named_with_the_nearest(lore: Lore, prepared: Path) -> None:
    done = lore("generate", "--set", 'generation.tasks=["log_analysys"]', cwd=prepared)
    assert done.returncode == 2
    assert "'log_analysys'" in done.stderr
    assert "did you mean 'log_analysis'?" in done.stderr
