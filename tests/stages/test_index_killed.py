"""`lore index` killed at twenty moments: the version before goes on answering, and the rerun completes."""

import json
import os
import random
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
QUERIES = ("retries of job 17", "pool slots", "the limit of 400")
KILLS = 20


def write_pages(docs: Path, generation: int) -> None:
    docs.mkdir(exist_ok=True)
    for number in range(120):
        told = generation if number % 3 == 0 else 0
        sections = "\n\n".join(
            f"## Part {part} of job {number}\n\nThe retries of job {number} in part {part} take {told * 400 + part} "
            f"pool slots, and the limit of {number * part} holds for all of them."
            for part in range(25)
        )
        (docs / f"job-{number}.md").write_text(f"# Job {number}\n\n{sections}\n")


def found(lore: Lore, project: Path) -> list[Any]:
    return [json.loads(lore("search", query, "--json", cwd=project).stdout) for query in QUERIES]


def newest(lore: Lore, project: Path) -> str:
    return str(json.loads(lore("show", "index", "--json", cwd=project).stdout)["id"])


@pytest.mark.slow
def test_the_version_before_answers_after_each_kill_and_the_rerun_equals_a_fresh_index(
    lore: Lore, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    write_pages(project / "docs", 0)
    (project / "lore.toml").write_text(
        '[project]\nname = "Jobs"\n[[sources]]\npath = "docs"\n[chunking]\nmin_chars = 0\n[probe]\nsections = 0\n'
    )
    assert lore("index", cwd=project).returncode == 0
    draw, killed = random.Random(4), 0
    for generation in range(1, 100):
        run, before = newest(lore, project), found(lore, project)
        write_pages(project / "docs", generation)
        assert lore("chunk", cwd=project).returncode == 0
        child = subprocess.Popen(
            [sys.executable, "-c", "from lorewright.cli.main import main; main()", "index"],
            cwd=project,
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(draw.uniform(0.4, 2.2))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        if child.wait() == -signal.SIGKILL and newest(lore, project) == run:
            killed += 1
            assert found(lore, project) == before
        assert lore("index", cwd=project).returncode == 0
        if killed == KILLS:
            break
    assert killed == KILLS
    grown = found(lore, project)
    shutil.rmtree(project / ".lore")
    assert lore("index", cwd=project).returncode == 0
    assert found(lore, project) == grown
