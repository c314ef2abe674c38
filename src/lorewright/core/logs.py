"""Logging: one logger tree, quiet on the terminal unless asked, and a file in each run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import ConfigError

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LEVELS = ("debug", "info", "warning", "error")


def configure(level: str) -> None:
    """Send the package's log of a level and above to standard error.

    Raises:
        ConfigError: There is no such level.
    """
    if level not in LEVELS:
        raise ConfigError(f"There is no log level {level!r}.", f"choose one of {', '.join(LEVELS)}")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.setLevel(level.upper())
    logger = logging.getLogger("lorewright")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False


@contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Append the package's log to a file while the block runs."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger = logging.getLogger("lorewright")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
