"""Locks that the operating system frees when their holder dies, and that say who holds them."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import BusyError

# Whoever asks whether a lock is held holds it for an instant; that is no reason to give up.
_GRACE_S = 0.25


@contextmanager
def exclusive(path: Path, *, what: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a lock while the block runs.

    Args:
        path: The lock file; it is made if missing and stays.
        what: What is being locked, for the message.
        wait_s: How long to wait for another holder before giving up.

    Raises:
        BusyError: Somebody else holds it; the message names process, host and time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path, what, wait_s)
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%H:%M:%S")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether somebody holds a lock right now."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _acquire(descriptor: int, path: Path, what: str, wait_s: float) -> None:
    deadline = time.monotonic() + max(wait_s, _GRACE_S)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"{what} is already at work: {_holder(path)}.",
                    "wait for it, then run the same command again; `lore status` shows what is running",
                ) from None
            time.sleep(0.05)
        else:
            return


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, OSError):
        return "another process"
