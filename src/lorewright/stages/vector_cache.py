"""Vectors of texts that were embedded before, so that each text is embedded once; a stopped run goes on where it was.

Format: SQLite, a row a text: the digest of embedder and text, and the vector as float32 in the machine's byte order.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lorewright.core.errors import StorageError
from lorewright.core.ids import canonical
from lorewright.core.progress import Reporter
from lorewright.core.sqlite_words import sqlite_words
from lorewright.core.workspace import Workspace
from lorewright.llm.vectors import Vectors, no_vectors
from lorewright.stages.models import Providers, index_embedder
from lorewright.stages.settings import IndexSettings

_FILE = "example-vectors.sqlite"
_BUSY_S = 30.0
_AT_A_TIME = 256


def text_embedder(
    settings: IndexSettings, providers: Providers, workspace: Workspace, reporter: Reporter
) -> Callable[[Sequence[str]], Vectors] | None:
    """Return what turns questions and answers into vectors, each text once a workspace; None where no embedder is set.

    Args:
        settings: Of the index, whose embedder it is.
        providers: Servers by name.
        workspace: Of the project.
        reporter: Shows progress.

    Raises:
        ConfigError: Its provider is not configured.
        NotFoundError: Its model is neither a folder nor to be had from the Hub.
    """
    embedder = index_embedder(settings, providers, workspace)
    if embedder is None:
        return None
    path = workspace.root / "cache" / _FILE
    return cached(embedder.passages, path=path, identity=embedder.identity, reporter=reporter)


def cached(
    embed: Callable[[Sequence[str]], Vectors], *, path: Path, identity: Any, reporter: Reporter
) -> Callable[[Sequence[str]], Vectors]:
    """Return an embedder that asks another one only for texts that the file does not hold, and shows how far it is.

    Args:
        embed: The other one.
        path: The file; made when the first text comes.
        identity: A JSON value that changes when vectors may.
        reporter: Shows progress.
    """

    def vectors(texts: Sequence[str]) -> Vectors:
        import numpy as np

        if not texts:
            return no_vectors()
        keys = [_key(identity, text) for text in texts]
        with _opened(path) as file:
            missing = {key: text for key, text in zip(keys, texts, strict=True) if not _holds(file, key)}
            waiting = list(missing.items())
            with reporter.task("embed", total=len(missing), unit="texts") as tick:
                for start in range(0, len(waiting), _AT_A_TIME):
                    batch = waiting[start : start + _AT_A_TIME]
                    made = embed([text for _, text in batch])
                    _keep(file, [key for key, _ in batch], made)
                    tick(len(batch))
            return np.stack([_vector(file, key) for key in keys])

    return vectors


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_BUSY_S)) as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = NORMAL")
            file.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            yield file
    except sqlite3.Error as error:
        raise sqlite_words(
            error, path, what="cache of vectors", if_broken="remove it, and a new one is made"
        ) from error
    except OSError as error:
        raise StorageError(
            f"The cache of vectors {path} cannot be used: {error.strerror or error}.", "check the folder"
        ) from error


def _key(identity: Any, text: str) -> bytes:
    return hashlib.blake2b(canonical([identity, text]), digest_size=16).digest()


def _holds(file: sqlite3.Connection, key: bytes) -> bool:
    return file.execute("SELECT 1 FROM vectors WHERE key = ?", (key,)).fetchone() is not None


def _keep(file: sqlite3.Connection, keys: Sequence[bytes], vectors: Vectors) -> None:
    with file:
        rows = [(key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def _vector(file: sqlite3.Connection, key: bytes) -> Vectors:
    import numpy as np

    (data,) = file.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
    return np.frombuffer(data, dtype=np.float32)
