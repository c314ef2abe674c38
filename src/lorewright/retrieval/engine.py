"""LanceDB itself, imported when it is first needed and kept quiet."""

import os
import warnings
from typing import Any

from lorewright.core.errors import MissingDependencyError


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
