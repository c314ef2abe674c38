"""Locks say who holds them and go with their holder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lorewright.core.errors import BusyError
from lorewright.core.locks import exclusive, is_held

HOLDER = """
import sys
from pathlib import Path
from lorewright.core.locks import exclusive

with exclusive(Path(sys.argv[1]), what="lore train"):
    print("held", flush=True)
    sys.stdin.readline()
"""

ASKER = """
import sys, time
from pathlib import Path
from lorewright.core.locks import is_held

print("asking", flush=True)
while True:
    is_held(Path(sys.argv[1]))
    time.sleep(0.0005)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "train.lock"


@pytest.fixture
def holder(lock: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_holder_is_told_what_who_and_since_when(lock: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(
            BusyError, match=rf"^lore train is already at work: process {holder.pid} on .+ since \d\d:"
        ) as caught,
        exclusive(lock, what="lore train"),
    ):
        pass
    assert "lore status" in caught.value.hint


def test_a_lock_is_free_after_kill_9(lock: Path, holder: subprocess.Popen[str]) -> None:
    assert is_held(lock)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert not is_held(lock)
    with exclusive(lock, what="lore train"):
        assert is_held(lock)


def test_a_lock_is_free_after_its_block_even_when_that_fails(lock: Path) -> None:
    with pytest.raises(ValueError, match="no"), exclusive(lock, what="lore train"):
        raise ValueError("no")
    assert not is_held(lock)
    with exclusive(lock, what="lore train"):
        pass


def test_one_process_cannot_hold_a_lock_twice(lock: Path) -> None:
    with (
        exclusive(lock, what="lore train"),
        pytest.raises(BusyError, match=f"process {os.getpid()} "),
        exclusive(lock, what="lore train"),
    ):
        pass


def test_a_lock_nobody_made_is_not_held_and_stays_unmade(lock: Path) -> None:
    assert not is_held(lock)
    assert not lock.exists()


def test_a_waiting_holder_gets_the_lock_when_it_is_freed(lock: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    holder.stdin.write("go\n")
    holder.stdin.flush()
    with exclusive(lock, what="lore train", wait_s=30):
        assert is_held(lock)


def test_asking_whether_a_lock_is_held_never_turns_a_holder_away(lock: Path) -> None:
    with exclusive(lock, what="lore train"):
        pass
    asking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            ASKER,
            str(lock),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with asking:
        assert asking.stdout is not None
        asking.stdout.readline()
        try:
            end = time.monotonic() + 1.0
            while time.monotonic() < end:
                with exclusive(lock, what="lore train"):
                    pass
        finally:
            asking.kill()


@pytest.mark.parametrize("content", ["", "{", "{}", '{"pid": 1}', "\x00\x00"])
def test_a_lock_whose_holder_cannot_be_read_is_still_held(lock: Path, content: str) -> None:
    with exclusive(lock, what="lore train"):
        lock.write_text(content)
        with (
            pytest.raises(BusyError, match="lore train is already at work: another process"),
            exclusive(lock, what="lore train"),
        ):
            pass
