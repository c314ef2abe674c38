"""LanceDB itself, imported when it is first needed, kept quiet, and its failures said in words."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lorewright.core.errors import MissingDependencyError, StorageError
from lorewright.core.files import refusal


def lancedb() -> Any:
    """Return the lancedb module.

    Raises:
        MissingDependencyError: It is not installed.
    """
    # Its own log (a full cache, a slow disk) goes to stderr unless told not to.
    os.environ.setdefault("LANCE_LOG", "off")
    try:
        import lancedb as module
    except ImportError as error:
        raise MissingDependencyError(
            "the retrieval index needs lancedb, which is not installed", hint="pip install 'lorewright[rag]'"
        ) from error
    # A process forked from this one would report on stderr that LanceDB's event loop was started anew in it.
    warnings.filterwarnings("ignore", message="lancedb fork support", category=RuntimeWarning)
    return module


@contextmanager
def readable(index_dir: Path) -> Iterator[None]:
    """Tell of files of an index that are damaged, or were removed while it was open; a full disk passes as it is.

    Raises:
        StorageError: There are such files.
    """
    try:
        yield
    except RuntimeError as error:
        told = str(error).partition("\n")[0]
        if not told.startswith("lance error") or refusal(error, "") is not None:
            raise
        raise StorageError(
            f"The index in {index_dir} cannot be read: {told[:300]}",
            f"run it again, in case `lore gc` came in between; if it stays so: rm -r {index_dir}, then lore index",
        ) from error
