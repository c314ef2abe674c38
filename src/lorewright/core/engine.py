"""The one seam for parallel work: a top-level function over records, on worker processes that can be killed.

A worker that hangs on a record is killed, that record fails, the rest goes on elsewhere. Workers are started afresh
(never forked), so that they hold none of the caller's locks, and end when the caller does.
"""

import ctypes
import multiprocessing as mp
import os
import pickle
import resource
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from lorewright.core.errors import LoreError

_POLL_S = 0.2
_START_S = 60.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Failure:
    """Why a record has no result."""

    reason: str


@dataclass
class _Worker:
    process: mp.process.BaseProcess
    pipe: Connection
    function: Callable[..., Any]
    args: tuple[Any, ...]
    memory_bytes: int | None
    ready: bool = False
    index: int = -1
    deadline: float = 0.0


def run_local(
    function: Callable[..., Any],
    items: Sequence[Any],
    *,
    args: tuple[Any, ...] = (),
    workers: int,
    timeout_s: float,
    memory_bytes: int | None = None,
) -> Iterator[tuple[int, Any]]:
    """Yield `(index, result or Failure)` for each item, in order of completion.

    Args:
        function: A picklable top-level function, called as `function(item, *args)`.
        workers: Processes to use; 0 runs in this process, where nothing can be killed.
        timeout_s: Seconds one item may take before its worker is killed; starting a worker does not count.
        memory_bytes: Memory a worker may take; an item that asks for more fails. None for no limit.
    """
    if workers == 0:
        for index, item in enumerate(items):
            yield index, _attempt(function, item, args)
        return
    waiting = deque(range(len(items)))
    pool: list[_Worker] = []
    try:
        for _ in range(min(workers, len(items))):
            pool.append(_start(function, args, memory_bytes))  # noqa: PERF401 - what has started is stopped if the next cannot
        yield from _drive(pool, waiting, items, timeout_s)
    finally:
        for worker in pool:
            _stop(worker)


def _drive(
    pool: list[_Worker], waiting: deque[int], items: Sequence[Any], timeout_s: float
) -> Iterator[tuple[int, Any]]:
    for worker in pool:
        _give(worker, waiting, items, timeout_s)
    died: set[int] = set()
    while busy := [worker for worker in pool if worker.index >= 0]:
        wait([worker.pipe for worker in busy], timeout=_POLL_S)
        for worker in busy:
            # Asked anew for each: the caller may have taken its time with the result before this one.
            if worker.pipe.poll():
                received = _receive(worker)
                if received is None:
                    worker.ready, worker.deadline = True, time.monotonic() + timeout_s
                    continue
                result = received[0]
                # A worker may die for reasons that are not its item's: killed by hand, or for want of memory.
                if not worker.process.is_alive() and isinstance(result, Failure) and worker.index not in died:
                    died.add(worker.index)
                    waiting.append(worker.index)
                    _give(worker, waiting, items, timeout_s)
                    continue
            elif time.monotonic() > worker.deadline:
                result = Failure(f"took longer than {timeout_s:g} s and was stopped")
                _stop(worker)
            else:
                continue
            yield worker.index, result
            _give(worker, waiting, items, timeout_s)


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Keep a new worker from importing the caller's script, which would run it again; our functions need it not."""
    main = sys.modules["__main__"]
    spec, file = main.__spec__, main.__dict__.pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        main.__spec__ = spec
        if file is not None:
            main.__file__ = file


def _start(function: Callable[..., Any], args: tuple[Any, ...], memory_bytes: int | None) -> _Worker:
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, function, args, os.getpid(), memory_bytes), daemon=True
    )
    # Before it can ignore it, an interrupt would end the worker in a traceback.
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _main_hidden():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    theirs.close()
    return _Worker(process, ours, function, args, memory_bytes)


def _give(worker: _Worker, waiting: deque[int], items: Sequence[Any], timeout_s: float) -> None:
    worker.index = -1
    if not waiting:
        return
    if not worker.process.is_alive():
        _replace(worker)
    worker.index = waiting.popleft()
    worker.deadline = time.monotonic() + timeout_s + (0 if worker.ready else _START_S)
    # A worker that dies just now is found by the next wait.
    with suppress(ConnectionError):
        worker.pipe.send(items[worker.index])


def _receive(worker: _Worker) -> tuple[Any] | None:
    """Return a result, alone in a tuple, or None from a worker that is ready to begin."""
    try:
        received: tuple[Any] | None = worker.pipe.recv()
    except (EOFError, ConnectionError):
        limit = f"; it may take {worker.memory_bytes >> 20:,} MB" if worker.memory_bytes else ""
        received = (Failure(f"the worker died twice (exit code {_exit_code(worker)}{limit})"),)
        _stop(worker)
    return received


def _replace(worker: _Worker) -> None:
    _stop(worker)
    fresh = _start(worker.function, worker.args, worker.memory_bytes)
    worker.process, worker.pipe, worker.ready = fresh.process, fresh.pipe, False


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()


def _exit_code(worker: _Worker) -> int | None:
    worker.process.join(timeout=1.0)
    return worker.process.exitcode


def _attempt(function: Callable[..., Any], item: Any, args: tuple[Any, ...]) -> Any:
    try:
        return function(item, *args)
    except LoreError as error:
        return Failure(error.message)
    except MemoryError:
        return Failure("needs more memory than it may take")
    except Exception as error:  # noqa: BLE001 - one bad record never stops a run; the reason is recorded
        return Failure(f"{type(error).__name__}: {error}")


def _serve(
    pipe: Connection,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    parent: int,
    memory_bytes: int | None,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _die_with(parent)
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, resource.RLIM_INFINITY))
    with suppress(EOFError, ConnectionError):
        pipe.send(None)
        while True:
            result = _attempt(function, pipe.recv(), args)
            try:
                pipe.send((result,))
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                pipe.send((Failure(f"its result cannot be sent: {error}"),))


def _die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent ends; elsewhere the closed pipe ends it after its item."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
