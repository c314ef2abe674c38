"""The database of what people say: where it is, how it is opened and brought up to date.

A SQLite file with a write-ahead log (https://sqlite.org/wal.html) beside the runs, or what `LORE_DATABASE_URL` names,
as SQLAlchemy spells addresses (https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ConfigError, LoreError, MissingDependencyError, StorageError
from lorewright.core.locks import exclusive
from lorewright.core.sqlite_words import sqlite_words

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FILE = "lore.sqlite"
ADDRESS = "LORE_DATABASE_URL"
VERSION_TABLE = "lorewright_version"
NEWEST = "0001"
"""The newest of the migrations; they are numbered in order."""
_MIGRATIONS = "lorewright.store:migrations"
_BUSY_S = 30
_IF_BROKEN = "restore it from a backup or `lore review export`, or move it away to begin a new one"


class Database:
    """A database that is opened when it is used; connections live as long as a transaction.

    Several processes may use it at once: a writer waits up to 30 seconds for another.

    Attributes:
        shown: Where it is, for people: without a password.
    """

    def __init__(self, folder: Path) -> None:
        """Name the database of a workspace; nothing is opened or made.

        Args:
            folder: Of the workspace, where the file lies if the environment names no other database.
        """
        self._url = os.environ.get(ADDRESS, "").strip()
        self._path = folder / FILE
        self.shown = _without_password(self._url) if self._url else str(self._path)
        self._engine: Engine | None = None

    def exists(self) -> bool:
        """Whether there may be something in it: the file is there, or another database is named."""
        return bool(self._url) or self._path.exists()

    @contextmanager
    def reading(self) -> "Iterator[Connection | None]":
        """Open the database for the block, brought up to date; None if nothing was ever written.

        Raises:
            ConfigError: It is something else, is broken, or was written by a newer version.
            StorageError: The disk or the server refuses.
            MissingDependencyError: The driver of the database is not installed.
        """
        if not self.exists():
            yield None
            return
        with self._errors():
            with self._opened().connect().execution_options(reads=True) as connection:
                version = self._version(connection)
            if version and version < NEWEST:
                self._bring_up_to_date()
            with self._opened().connect().execution_options(reads=True) as connection:
                yield connection if version else None

    @contextmanager
    def writing(self) -> "Iterator[Connection]":
        """Open the database for one transaction, made or brought up to date first; it holds after the block.

        Raises:
            ConfigError: It is something else, is broken, or was written by a newer version.
            StorageError: The disk or the server refuses; nothing of the block is kept.
            MissingDependencyError: The driver of the database is not installed.
        """
        with self._errors():
            if not self._url:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._opened().connect().execution_options(reads=True) as connection:
                version = self._version(connection)
            if version != NEWEST:
                self._bring_up_to_date()
            with self._opened().begin() as connection:
                yield connection

    def empty_log(self) -> None:
        """Leave nothing of removed rows in a file's write-ahead log; another database sees to that itself.

        Raises:
            StorageError: The disk refuses.
        """
        if self._url:
            return
        with self._errors():
            raw = self._opened().raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def _bring_up_to_date(self) -> None:
        if self._url:
            with self._opened().begin() as connection:
                _migrate(connection)
            return
        lock = self._path.with_suffix(".lock")
        with exclusive(lock, what=f"Preparing {self.shown}", wait_s=_BUSY_S):
            raw = self._opened().raw_connection()
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            finally:
                raw.close()
            with self._opened().begin() as connection:
                _migrate(connection)

    def _opened(self) -> "Engine":
        if self._engine is None:
            from sqlalchemy import URL, create_engine, event
            from sqlalchemy.pool import NullPool

            address = self._url or URL.create("sqlite", database=str(self._path))
            self._engine = create_engine(address, poolclass=NullPool)
            if self._engine.dialect.name == "sqlite":
                event.listen(self._engine, "connect", _prepare)
                event.listen(self._engine, "begin", _begin)
        return self._engine

    def _version(self, connection: "Connection") -> str:
        """Return the newest migration that a database has seen; an empty text for a new one."""
        from sqlalchemy import inspect, text

        tables = inspect(connection).get_table_names()
        if VERSION_TABLE not in tables:
            if tables and not self._url:
                raise ConfigError(f"{self.shown} is a database of another program.", _IF_BROKEN)
            return ""
        version = str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or "")  # noqa: S608
        if version > NEWEST:
            raise ConfigError(
                f"{self.shown} was written by a newer version of lorewright: its format is {version}, "
                f"this version reads up to {NEWEST}.",
                "pip install --upgrade lorewright",
            )
        return version

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except LoreError:
            raise
        except Exception as error:
            words = self._in_words(error)
            if words is None:
                raise
            raise words from (
                None if self._url else error
            )  # what a driver says may hold the address with its password

    def _in_words(self, error: Exception) -> LoreError | None:
        from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

        if isinstance(error, ModuleNotFoundError | NoSuchModuleError):
            return MissingDependencyError(
                f"The driver of {self.shown} ({ADDRESS}) is not installed: {_first_line(error)}.",
                "pip install the driver that SQLAlchemy's page on database URLs names",
            )
        if isinstance(error, ArgumentError):
            return ConfigError(
                f"{ADDRESS} is no address of a database.", "sqlite:////path/to/file.sqlite, for example"
            )
        if isinstance(error, DBAPIError):
            cause = error.orig
            if isinstance(cause, sqlite3.Error):
                place = Path(self.shown)
                return sqlite_words(cause, place, what="database of decisions", if_broken=_IF_BROKEN)
            said = type(cause).__name__ if cause else type(error).__name__
            return StorageError(
                f"The database {self.shown} cannot be used: {said}.",
                f"is its server running, and {ADDRESS} right? then run the same command again",
            )
        if isinstance(error, OSError):
            return StorageError(
                f"The database of decisions {self.shown} cannot be used: {error.strerror or error}.",
                "check the folder, then run the same command again",
            )
        return None


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Set up a connection to SQLite: SQLAlchemy begins transactions, a commit is durable, removed rows are zeroed."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_S * 1000}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")


def _begin(connection: "Connection") -> None:
    """Begin a transaction; one that writes takes the lock at once, so that what it has read still holds."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(connection: "Connection") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return ADDRESS


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
