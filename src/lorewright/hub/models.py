"""Models and their files from the Hub or its cache (`HF_ENDPOINT`, `HF_HUB_OFFLINE` and `HF_HOME` are honoured)."""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lorewright.core.errors import MissingDependencyError, NotFoundError

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_FILES = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")


def snapshot(name: str) -> Path:
    """Return the folder of a Hub model; what is already in the cache is not fetched again.

    Raises:
        NotFoundError: The name is no Hub name, or neither cache nor Hub has it.
        MissingDependencyError: The Hub's client is not installed.
    """
    if not _NAME.fullmatch(name):
        raise NotFoundError(
            f"The model {name!r} is neither a folder nor a Hub name.",
            'set training.base to a folder, or to "tiny"',
        )
    hub = _hub("a model")
    return _cached_or_fetched(
        lambda **options: hub.snapshot_download(name, allow_patterns=list(_FILES), **options),
        told=f"The model {name!r} is not a folder here and",
        hint='check the name and the network, give a folder, or set training.base = "tiny"',
    )


def fetch_file(name: str, file: str) -> Path:
    """Return one file of a Hub model; what is already in the cache is not fetched again.

    Raises:
        NotFoundError: The name is no Hub name, or neither cache nor Hub has the file.
        MissingDependencyError: The Hub's client is not installed.
    """
    if not _NAME.fullmatch(name):
        raise NotFoundError(f"{name!r} is neither a folder nor a Hub name.", "name a folder or a Hub model")
    hub = _hub(file)
    return _cached_or_fetched(
        lambda **options: hub.hf_hub_download(name, file, **options),
        told=f"{file} of {name!r}",
        hint="check the name and the network, or give a folder",
    )


def _hub(what: str) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingDependencyError(
            f"Fetching {what} needs huggingface_hub, which is not installed.", "pip install 'lorewright[hub]'"
        ) from error
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    return huggingface_hub


def _cached_or_fetched(download: Callable[..., str], *, told: str, hint: str) -> Path:
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(download(local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(download())
    except Exception as error:
        raise NotFoundError(f"{told} could not be fetched: {_first_line(error)}", hint) from error


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
