"""What SQLite refuses, said in this project's words."""

import sqlite3
from pathlib import Path

from lorewright.core.errors import ConfigError, LoreError, StorageError

_PRIMARY = 0xFF
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_REFUSED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def sqlite_words(error: sqlite3.Error, path: Path, *, what: str, if_broken: str) -> LoreError:
    """Return what SQLite's error means for the user.

    Args:
        error: Raised by SQLite.
        path: The file.
        what: What it is called, as in "reply cache".
        if_broken: The hint where it is no such file, or a broken one.
    """
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _FULL:
        return StorageError(
            f"The disk of the {what} {path} is full or failing: {error}. What was kept before stays.",
            "free some space (`lore gc --dry-run` shows what can go), then run the same command again",
        )
    if code in _BROKEN:
        return ConfigError(f"{path} is no {what}, or a broken one: {error}.", if_broken)
    if code in _REFUSED:
        hint = "check who owns the file and its folder, then run the same command again"
        return StorageError(f"The {what} {path} cannot be written: {error}.", hint)
    return StorageError(
        f"The {what} {path} cannot be used: {error}.",
        "is another program holding it? then run the same command again",
    )
