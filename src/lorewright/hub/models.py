"""A model's snapshot from the Hub or its cache (`HF_ENDPOINT`, `HF_HUB_OFFLINE` and `HF_HOME` are honoured)."""

import os
import re
from pathlib import Path

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
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError as error:
        raise MissingDependencyError(
            "Fetching a model needs huggingface_hub, which is not installed.",
            "pip install 'lorewright[hub]'",
        ) from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES), local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except Exception as error:
        raise NotFoundError(
            f"The model {name!r} is not a folder here and could not be fetched: {_first_line(error)}",
            'check the name and the network, give a folder, or set training.base = "tiny"',
        ) from error


def fetch_file(name: str, file: str) -> Path:
    """Return one file of a Hub model; what is already in the cache is not fetched again.

    Raises:
        NotFoundError: The name is no Hub name, or neither cache nor Hub has the file.
        MissingDependencyError: The Hub's client is not installed.
    """
    if not _NAME.fullmatch(name):
        raise NotFoundError(f"{name!r} is neither a folder nor a Hub name.", "name a folder or a Hub model")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError as error:
        raise MissingDependencyError(
            f"Fetching {file} needs huggingface_hub, which is not installed.",
            "pip install 'lorewright[hub]'",
        ) from error
    try:
        return Path(hf_hub_download(name, file, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(hf_hub_download(name, file))
    except Exception as error:
        raise NotFoundError(
            f"{file} of {name!r} could not be fetched: {_first_line(error)}",
            "check the name and the network, or give a folder",
        ) from error


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
