"""Work on many things at once that is stopped in order: by Ctrl-C, by a budget, by an error."""

import asyncio
import signal
import threading
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from lorewright.llm.calls import Caller, Interrupted, Stopped

T = TypeVar("T")
R = TypeVar("R")
_WINDOW_PER_SLOT = 4
_FEWEST = 32


class Outcome(NamedTuple):
    """How work ended.

    Attributes:
        done: Things that have a result.
        remaining: Things that have none because the work was stopped.
        stopped: Why it was; `Interrupted` after Ctrl-C, None when it was not.
    """

    done: int
    remaining: int
    stopped: Stopped | None


async def run_all(
    items: Iterable[T],
    work: Callable[[T], Coroutine[Any, Any, R]],
    *,
    caller: Caller,
    on_result: Callable[[T, R], None],
    window: int = 0,
    on_interrupt: Callable[[int], None] | None = None,
) -> Outcome:
    """Work on all items, some at a time, without waiting for the slow ones before going on.

    On the main thread, the first Ctrl-C lets no call begin any more and those under way finish; the second leaves them.
    An error other than `Stopped` ends everything at once and is raised: what is no reason to end is for `work` to
    return as a result.

    Args:
        items: Taken one by one as there is room, so they are never all in memory.
        work: Asks through the caller.
        caller: It is stopped by Ctrl-C.
        on_result: Called with an item and its result, in the order in which they are ready.
        window: Items worked on at a time; when 0, 4 for each call that may run at once, and at least 32.
        on_interrupt: Called at the first Ctrl-C with the number of calls under way.
    """
    running: dict[asyncio.Task[R], T] = {}
    with _ctrl_c(caller, running, on_interrupt):
        try:
            window = window or max(_FEWEST, _WINDOW_PER_SLOT * caller.concurrency)
            return await _work_through(iter(items), work, caller, on_result, window, running)
        finally:
            _cancel(running)
            await asyncio.gather(*running, return_exceptions=True)


async def _work_through(
    rest: Iterator[T],
    work: Callable[[T], Coroutine[Any, Any, R]],
    caller: Caller,
    on_result: Callable[[T, R], None],
    window: int,
    running: dict[asyncio.Task[R], T],
) -> Outcome:
    ended: asyncio.Queue[asyncio.Task[R]] = asyncio.Queue()
    done = remaining = 0
    while True:
        for item in islice(rest, 0 if caller.stopped else window - len(running)):
            task = asyncio.create_task(work(item))
            running[task] = item
            task.add_done_callback(ended.put_nowait)
        if not running:
            return Outcome(done, remaining + sum(1 for _ in rest), caller.stopped)
        task = await ended.get()
        item = running.pop(task)
        if task.cancelled() or isinstance(task.exception(), Stopped):
            remaining += 1
        else:
            on_result(item, task.result())
            done += 1


@contextmanager
def _ctrl_c(
    caller: Caller, running: Collection[asyncio.Task[Any]], on_interrupt: Callable[[int], None] | None
) -> Iterator[None]:
    """Take Ctrl-C over while the block runs, where it is this thread's and not ignored."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in {signal.SIG_IGN, None}:
        yield
        return

    presses = 0

    def pressed() -> None:
        nonlocal presses
        presses += 1
        if presses > 1:
            _cancel(running)
            return
        caller.stop(
            Interrupted("Interrupted.", "run the same command again: it goes on where this one stopped")
        )
        if on_interrupt:
            on_interrupt(caller.progress().in_flight)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, pressed)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
