"""The file of the reply cache: how it is opened, brought up to date, and what is said when it cannot be used.

Format: SQLite 3 with a write-ahead log (https://sqlite.org/wal.html), `application_id` "Lore", `user_version` the
number of migrations that were applied.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import ConfigError, StorageError
from lorewright.core.locks import exclusive
from lorewright.core.sqlite_words import sqlite_words

_APPLICATION_ID = int.from_bytes(b"Lore", "big")
_BUSY_S = 30.0
_MOVE_AWAY = "move it away, and a new one is made"

# One a version, never edited once it was released.
_MIGRATIONS = (
    """
    CREATE TABLE replies (
        key TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        status TEXT NOT NULL,
        text TEXT NOT NULL,
        finish TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        completion_tokens INTEGER NOT NULL,
        served_model TEXT NOT NULL,
        max_new_tokens INTEGER NOT NULL,
        asked_at REAL NOT NULL,
        seconds REAL NOT NULL
    );
    CREATE INDEX replies_by_model ON replies (model);
    CREATE TABLE resolutions (name TEXT PRIMARY KEY, model TEXT NOT NULL);
    CREATE TABLE epochs (number INTEGER NOT NULL);
    INSERT INTO epochs VALUES (0);
    """,
)


def open_replies(path: Path, lock: Path) -> sqlite3.Connection:
    """Return a connection to a reply cache, made or brought up to date first; each statement is a transaction.

    Args:
        path: The file.
        lock: A lock file, for two processes that open a new file at once.

    Raises:
        ConfigError: The file is something else, is broken, or was written by a newer version.
        StorageError: The disk refuses.
        BusyError: Another process has been bringing it up to date for long.
    """
    with reply_file_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            if _version(connection, path) < len(_MIGRATIONS):
                with exclusive(lock, what=f"Preparing {path}", wait_s=_BUSY_S):
                    _migrate(connection, path)
            # Safe against the death of the process, and a tenth of the time of FULL.
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def reply_file_errors(path: Path) -> Iterator[None]:
    """Say what SQLite and the system refuse inside the block in this project's words.

    Raises:
        ConfigError: The file is no SQLite file, or a broken one.
        StorageError: The disk is full, read-only or not permitted, or the file is held for too long.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise sqlite_words(error, path, what="reply cache", if_broken=_MOVE_AWAY) from error
    except OSError as error:
        raise StorageError(
            f"The reply cache {path} cannot be used: {error.strerror or error}.",
            "check the folder, then run the same command again",
        ) from error


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return how many migrations a file has seen; 0 for a new one."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != _APPLICATION_ID and not (application == version == 0 and empty):
        raise ConfigError(f"{path} is a database of another program, no reply cache.", _MOVE_AWAY)
    if version > len(_MIGRATIONS):
        raise ConfigError(
            f"{path} was written by a newer version of lorewright: its format is {version}, "
            f"this version reads up to {len(_MIGRATIONS)}.",
            "pip install --upgrade lorewright, or move the file away to begin a new one",
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    for number in range(_version(connection, path), len(_MIGRATIONS)):
        connection.executescript(
            f"BEGIN IMMEDIATE; {_MIGRATIONS[number]} PRAGMA application_id = {_APPLICATION_ID};"
            f" PRAGMA user_version = {number + 1}; COMMIT;"
        )
