"""Parallel work: every item has an end, whatever a worker does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lorewright.core.engine import Failure, run_local
from lorewright.core.errors import ParseError


def square(number: int, offset: int = 0) -> int:
    return number * number + offset


def slower_first(number: int) -> int:
    time.sleep(0.3 if number == 0 else 0.0)
    return number


def fail_on_odd(number: int) -> int:
    if number == 1:
        raise ParseError("page 1 is torn", "look at it")
    if number == 3:
        raise KeyError("three")
    return number


def hang_on_two(number: int) -> int:
    if number == 2:
        time.sleep(600)
    return number


class SlowToLoad:
    """Takes longer to reach a worker than an item may take."""

    def __init__(self) -> None:
        self.weight = 1

    def __setstate__(self, state: dict[str, int]) -> None:
        time.sleep(2)
        self.__dict__.update(state)


def weigh(number: int, slow: SlowToLoad) -> int:
    return number * slow.weight


def take_a_moment_on_one(number: int) -> int:
    time.sleep(0.3 if number == 1 else 0.0)
    return number


def die_on_two(number: int) -> int:
    if number == 2:
        os._exit(7)
    return number


def give_what_cannot_be_sent(number: int) -> Any:
    return threading.Lock() if number == 2 else number


def leave_on_two(number: int) -> int:
    if number == 2:
        sys.exit("leaving")
    return number


def die_after_the_answer(number: int) -> int:
    if number == 0:
        threading.Timer(0.1, os._exit, (9,)).start()
    return number


def own_pid(_item: int) -> int:
    return os.getpid()


def in_order(function: Callable[..., Any], count: int, *, workers: int = 2, **rest: Any) -> list[Any]:
    found = dict(run_local(function, range(count), workers=workers, **{"timeout_s": 60.0, **rest}))
    assert sorted(found) == list(range(count))
    return [found[index] for index in range(count)]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_every_item_has_its_result_at_its_index(workers: int) -> None:
    assert in_order(square, 7, workers=workers, args=(5,)) == [square(number, 5) for number in range(7)]


@pytest.mark.parametrize("workers", [0, 2])
def test_nothing_to_do_is_done_at_once(workers: int) -> None:
    assert list(run_local(square, [], workers=workers, timeout_s=1)) == []


def test_results_come_as_they_are_done() -> None:
    order = [index for index, _ in run_local(slower_first, range(12), workers=2, timeout_s=60)]
    assert sorted(order) == list(range(12))
    assert order[0] != 0


@pytest.mark.parametrize("workers", [0, 1])
def test_an_exception_is_the_failure_of_its_item_only(workers: int) -> None:
    assert in_order(fail_on_odd, 5, workers=workers) == [
        0,
        Failure("page 1 is torn"),
        2,
        Failure("KeyError: 'three'"),
        4,
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hung_item_is_stopped_and_the_rest_is_done(workers: int) -> None:
    found = in_order(hang_on_two, 6, workers=workers, timeout_s=4)
    assert found == [0, 1, Failure("took longer than 4 s and was stopped"), 3, 4, 5]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_is_replaced_and_the_rest_is_done(workers: int) -> None:
    found = in_order(die_on_two, 6, workers=workers)
    assert found == [0, 1, Failure("the worker died twice (exit code 7)"), 3, 4, 5]


def test_a_worker_that_dies_between_two_items_costs_none() -> None:
    found = {}
    for index, result in run_local(die_after_the_answer, range(3), workers=1, timeout_s=60):
        found[index] = result
        time.sleep(0.5)
    assert found == {0: 0, 1: 1, 2: 2}


def test_an_answer_that_cannot_be_sent_is_a_failure_said_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    found = in_order(give_what_cannot_be_sent, 4)
    assert found[:2] == [0, 1]
    assert found[3] == 3
    assert isinstance(found[2], Failure)
    assert "cannot pickle" in found[2].reason
    assert capfd.readouterr().err == ""


def test_an_item_that_asks_to_leave_is_a_failure_too() -> None:
    found = in_order(leave_on_two, 4, workers=1)
    assert [found[0], found[1], found[3]] == [0, 1, 3]
    assert isinstance(found[2], Failure)


def test_a_slow_consumer_never_costs_a_finished_item() -> None:
    found = {}
    for index, result in run_local(take_a_moment_on_one, range(4), workers=2, timeout_s=1.5):
        found[index] = result
        if len(found) == 1:
            time.sleep(2)
    assert found == {number: number for number in range(4)}


def test_starting_a_worker_does_not_count_as_time_of_its_first_item() -> None:
    assert in_order(weigh, 3, args=(SlowToLoad(),), timeout_s=1) == [0, 1, 2]


def test_workers_are_other_processes_that_end_with_the_loop() -> None:
    pids = set(in_order(own_pid, 8))
    assert os.getpid() not in pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert set(in_order(own_pid, 2, workers=0)) == {os.getpid()}


def test_workers_end_when_the_loop_is_left_early() -> None:
    results = run_local(own_pid, range(50), workers=2, timeout_s=60)
    _, pid = next(results)
    results.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pid)


def test_no_more_workers_are_started_than_there_are_items() -> None:
    assert len(set(in_order(own_pid, 1, workers=8))) == 1


def wait_in_file(item: int, folder: str) -> None:
    (Path(folder) / f"{os.getpid()}.pid").touch()
    time.sleep(600)


PARENT = """
import sys
from lorewright.core.engine import run_local
from test_core_engine import wait_in_file

list(run_local(wait_in_file, range(2), args=(sys.argv[1],), workers=2, timeout_s=600))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], env={**os.environ, "PYTHONPATH": paths}
    ) as parent:
        workers = until(
            lambda: [int(path.stem) for path in tmp_path.glob("*.pid")], lambda pids: len(pids) == 2
        )
        assert all(psutil.pid_exists(pid) for pid in workers)
        parent.kill()
    assert until(lambda: [pid for pid in workers if alive(pid)], lambda pids: not pids) == []


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(look: Callable[[], list[int]], enough: Callable[[list[int]], bool]) -> list[int]:
    end = time.monotonic() + 60
    while not enough(found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def take_much_on_two(number: int) -> int:
    return len(bytearray(3 << 30)) if number == 2 else number


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its data limit")
def test_an_item_that_asks_for_more_memory_than_allowed_fails_and_the_rest_goes_on() -> None:
    found = dict(run_local(take_much_on_two, range(4), workers=1, timeout_s=60, memory_bytes=1 << 30))
    assert found == {0: 0, 1: 1, 2: Failure("needs more memory than it may take"), 3: 3}


def die_once(path: str) -> str:
    """Kill the worker on the first try, as somebody might by hand."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def test_an_item_whose_worker_was_killed_once_is_tried_again(tmp_path: Path) -> None:
    found = dict(run_local(die_once, [str(tmp_path / "tried")], workers=1, timeout_s=60))
    assert found == {0: "done"}
