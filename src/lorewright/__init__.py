"""Lorewright turns what an organisation knows into a small language model that it owns.

The functions below are what the command `lore` offers, for programs: each brings what it needs up to date and returns
the run it made or found. They are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lorewright.stages.api import (
        ask,
        chunk,
        compare,
        evaluate,
        export,
        generate,
        ingest,
        init,
        run,
        search,
        train,
        why,
    )

__all__ = [
    "ask",
    "chunk",
    "compare",
    "evaluate",
    "export",
    "generate",
    "ingest",
    "init",
    "run",
    "search",
    "train",
    "why",
]


def __getattr__(name: str) -> Any:
    """Load a function of the Python API, or the records, when it is asked for."""
    if name in __all__:
        return getattr(import_module("lorewright.stages.api"), name)
    if name == "records":
        return import_module("lorewright.core.records")
    message = f"module 'lorewright' has no attribute {name!r}"
    raise AttributeError(message)
