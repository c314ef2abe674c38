"""Claims on keys, so that two processes never do the same work at once.

A claim is a lock on one byte of a file, at a place that the key names. The system takes it back when its process
ends, however that ends: no claim outlives who made it, and none has to be cleared.
"""

import fcntl
import os
from pathlib import Path

# 60 bits: a place in a file is a signed 64-bit number.
_DIGITS = 15


class Claims:
    """What this process has claimed in a file; nothing is opened before the first claim.

    The system tells processes apart, not the objects in one: have one `Claims` a file and process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._held: set[str] = set()

    def take(self, key: str) -> bool:
        """Claim a key and tell whether that worked; it never waits.

        Args:
            key: At least 15 hex digits. Keys that begin with the same 15 count as one.
        """
        if key in self._held:
            return False
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(key))
        except (BlockingIOError, PermissionError):
            return False
        self._held.add(key)
        return True

    def give(self, key: str) -> None:
        """Give a claimed key back."""
        self._held.remove(key)
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _place(key))

    def close(self) -> None:
        """Give everything back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._held.clear()


def _place(key: str) -> int:
    return int(key[:_DIGITS], 16)
