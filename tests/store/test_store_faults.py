"""Killed processes, two writers, full disks, locked folders: what was decided stays, and one message tells."""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, StorageError
from lorewright.store.database import Database
from lorewright.store.reviews import all_decisions, undo_last

CHILD = Path(__file__).with_name("deciding_child.py")


def start(folder: Path, reviewer: str, decisions: int, chars: int = 10, **options: Any) -> Any:
    process = subprocess.Popen(
        [sys.executable, CHILD, folder, reviewer, str(decisions), str(chars)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: Any) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def kept(folder: Path) -> list[str]:
    return [decided.key for decided in all_decisions(Database(folder))]


def test_a_process_killed_in_the_middle_of_writing_loses_nothing_that_it_had_kept(tmp_path: Path) -> None:
    draw = random.Random(6)
    said: set[str] = set()
    for time_round in range(6):
        process = start(tmp_path, f"r{time_round}", 10_000)
        go(process)
        for _ in range(draw.randint(0, 12)):
            said.add(process.stdout.readline().strip())
        time.sleep(draw.uniform(0, 0.01))
        process.kill()
        rest, _ = process.communicate()
        said |= {line for line in rest.split("\n")[:-1] if line}
        there = kept(tmp_path)
        assert said <= set(there)
        assert len(there) - len(said) <= time_round + 1
        assert len(there) == len(set(there))
    assert len(said) > 6


def test_two_that_decide_at_once_lose_nothing_and_begin_one_new_file_together(tmp_path: Path) -> None:
    processes = [start(tmp_path, name, 40) for name in ("ada", "bob")]
    for process in processes:
        go(process)
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert err == ""
        assert len(out.split()) == 40
    assert sorted(kept(tmp_path)) == sorted(
        f"{name}-{number}" for name in ("ada", "bob") for number in range(40)
    )


def test_a_full_disk_is_one_message_and_what_was_decided_stays(tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    process = start(tmp_path, "ada", 100, chars=50_000, preexec_fn=little_room)
    go(process)
    out, err = process.communicate(timeout=120)
    assert err == ""
    *said, problem = out.strip().split("\n")
    assert problem.startswith("StorageError: The disk of the database of decisions")
    assert "is full or failing" in problem
    assert 1 < len(said) < 100
    assert kept(tmp_path) == said


def test_a_folder_that_cannot_be_written_is_one_message() -> None:
    environ = {**os.environ, "AS_NOBODY": "1"} if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        go(first := start(folder, "ada", 1))
        first.communicate(timeout=60)
        folder.chmod(0o555)
        go(second := start(folder, "bob", 1, env=environ))
        out, err = second.communicate(timeout=60)
        folder.chmod(0o755)
        assert err == ""
        assert out.startswith("StorageError: The database of decisions")
        assert "check who owns the file and its folder" in out
        assert kept(folder) == ["ada-0"]


def test_a_file_that_cannot_be_opened_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "lore.sqlite").mkdir()
    with pytest.raises(StorageError, match=r"The database of decisions .*lore.sqlite cannot be written"):
        all_decisions(Database(tmp_path))


def test_a_torn_file_is_one_message(tmp_path: Path) -> None:
    go(process := start(tmp_path, "ada", 30, chars=4000))
    process.communicate(timeout=60)
    path = tmp_path / "lore.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    with pytest.raises(ConfigError, match="or a broken one"):
        undo_last(Database(tmp_path), reviewer="ada", now=all_decisions(Database(tmp_path))[0].reviewed_at)
