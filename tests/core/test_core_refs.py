"""The journal of refs: moves together, refuses what it did not expect, survives crashes and company."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from lorewright.core.errors import BusyError
from lorewright.core.refs import Move, Refs


@pytest.fixture
def refs(tmp_path: Path) -> Refs:
    return Refs(tmp_path / "refs.jsonl")


def test_names_stand_where_they_were_moved_last(refs: Refs) -> None:
    assert refs.current() == {}
    refs.move({"latest/chunk": "chunk/1"}, why="lore chunk")
    refs.move({"latest/chunk": "chunk/2", "good": "train/9"}, why="lore chunk")
    refs.move({"good": None}, why="gone")
    assert refs.current() == {"latest/chunk": "chunk/2"}


def test_moves_made_together_are_one_line_that_says_from_where(refs: Refs) -> None:
    refs.move({"a": "chunk/1"}, why="first")
    refs.move({"a": "chunk/2", "b": "train/3"}, why="both")
    entry = refs.entries()[-1]
    assert entry.moves == (Move("a", "chunk/1", "chunk/2"), Move("b", None, "train/3"))
    assert entry.why == "both"
    assert entry.who
    assert entry.time.endswith("+00:00")


def test_a_name_that_is_there_already_writes_nothing(refs: Refs, tmp_path: Path) -> None:
    refs.move({"a": "chunk/1"}, why="first")
    before = (tmp_path / "refs.jsonl").read_bytes()
    refs.move({"a": "chunk/1"}, why="again")
    refs.move({"never": None}, why="not set anyway")
    refs.move({}, why="nothing")
    assert (tmp_path / "refs.jsonl").read_bytes() == before


@pytest.mark.parametrize("expected", [None, "chunk/0"])
def test_a_move_that_expects_another_value_is_refused_whole(refs: Refs, expected: str | None) -> None:
    refs.move({"a": "chunk/1"}, why="first")
    with pytest.raises(BusyError, match="'a' is at 'chunk/1'") as caught:
        refs.move({"a": "chunk/2", "b": "chunk/2"}, why="second", expected={"a": expected})
    assert "lore status" in caught.value.hint
    assert refs.current() == {"a": "chunk/1"}


def test_a_move_that_expects_the_right_value_is_made(refs: Refs) -> None:
    refs.move({"a": "chunk/1"}, why="first", expected={"a": None})
    refs.move({"a": "chunk/2"}, why="second", expected={"a": "chunk/1"})
    assert refs.current() == {"a": "chunk/2"}


def test_a_line_torn_at_any_byte_is_left_out_and_the_next_move_follows_it(tmp_path: Path) -> None:
    whole = Refs(tmp_path / "whole.jsonl")
    whole.move({"a": "chunk/1"}, why="first")
    kept = (tmp_path / "whole.jsonl").read_bytes()
    whole.move({"a": "chunk/2"}, why="zweite Änderung 🙂")
    added = (tmp_path / "whole.jsonl").read_bytes()[len(kept) :]
    path = tmp_path / "torn.jsonl"
    torn = Refs(path)
    for length in range(len(added) - 1):
        path.write_bytes(kept + added[:length])
        assert torn.current() == {"a": "chunk/1"}, added[:length]
        if length % 20 == 0:
            torn.move({"b": "train/1"}, why="after the crash")
            assert torn.current() == {"a": "chunk/1", "b": "train/1"}


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0c", "\n", "\r"])
def test_a_reason_may_hold_any_separator_of_lines(refs: Refs, separator: str) -> None:
    refs.move({"a": "chunk/1"}, why=f"one{separator}two")
    assert refs.current() == {"a": "chunk/1"}
    assert refs.entries()[0].why == f"one{separator}two"


def test_a_user_without_a_name_is_written_down_by_number(refs: Refs, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    refs.move({"a": "chunk/1"}, why="first")
    assert refs.entries()[0].who == str(os.getuid())


MOVER = """
import sys
from pathlib import Path
from lorewright.core.refs import Refs

refs = Refs(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    refs.move({f"{sys.argv[2]}/{number}": "chunk/1", "shared": f"{sys.argv[2]}/{number}"}, why=sys.argv[2])
"""


def test_two_processes_moving_at_once_lose_nothing(refs: Refs, tmp_path: Path) -> None:
    movers = [
        subprocess.Popen(
            [sys.executable, "-c", MOVER, str(tmp_path / "refs.jsonl"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("left", "right")
    ]
    for mover in movers:
        assert mover.stdout is not None
        assert mover.stdout.readline() == "ready\n"
    for mover in movers:
        mover.communicate("go\n")
        assert mover.returncode == 0
    names = {f"{side}/{number}" for side in ("left", "right") for number in range(15)}
    assert set(refs.current()) == {*names, "shared"}
    journal = (tmp_path / "refs.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in journal]) == 30
    shared = [move for entry in refs.entries() for move in entry.moves if move.name == "shared"]
    assert [move.old for move in shared[1:]] == [move.new for move in shared[:-1]]


def test_a_journal_cut_short_by_a_full_disk_goes_on(refs: Refs, tmp_path: Path) -> None:
    refs.move({"a": "chunk/1"}, why="first")
    os.truncate(tmp_path / "refs.jsonl", 20)
    refs.move({"b": "chunk/2"}, why="second")
    assert refs.current() == {"b": "chunk/2"}
