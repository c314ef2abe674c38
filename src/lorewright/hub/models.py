"""Models and their files from the Hub or its cache (`HF_ENDPOINT`, `HF_HUB_OFFLINE` and `HF_HOME` are honoured)."""

import logging
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lorewright.core.errors import MissingDependencyError, NotFoundError

_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_FILES = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")


class NotFetchedError(NotFoundError):
    """A model of the Hub is not in the cache, and was not to be fetched."""


def locate(
    name: str,
    project_dir: Path,
    *,
    instead: str,
    marks: Sequence[str] = ("config.json",),
    fetch: bool = True,
) -> Path:
    """Return the folder of a local model, or the Hub's snapshot of it, which is fetched once.

    Args:
        name: A folder, seen from the project, or a Hub name.
        project_dir: The project.
        instead: The setting that does without this model, for hints.
        marks: Files of which a model's folder has at least one.
        fetch: Whether a model that is not in the cache is fetched; no connection is opened otherwise.

    Raises:
        NotFoundError: It is neither a folder with a model nor to be had from the Hub.
        NotFetchedError: It is a Hub name, not in the cache, and not to be fetched.
        MissingDependencyError: A Hub name was given and the Hub's client is not installed.
    """
    folder = _folder(name, project_dir)
    if any((folder / mark).is_file() for mark in marks):
        return folder
    if folder.is_dir():
        raise NotFoundError(
            f"The folder {folder} holds no model: it has no {' and no '.join(marks)}.",
            f"give a folder that save_pretrained wrote, or {instead}",
        )
    return _snapshot(name, instead, fetch=fetch)


def locate_embedder(name: str, project_dir: Path, *, fetch: bool = True) -> Path:
    """Return the folder of a sentence-transformers model; one without an owner is of `sentence-transformers`.

    Raises:
        NotFoundError: It is neither a folder with a model nor to be had from the Hub.
        NotFetchedError: It is a Hub name, not in the cache, and not to be fetched.
        MissingDependencyError: A Hub name was given and the Hub's client is not installed.
    """
    is_folder = _folder(name, project_dir).is_dir()
    return locate(
        name if is_folder or "/" in name else f"sentence-transformers/{name}",
        project_dir,
        instead='index.embedder = ""',
        marks=("modules.json", "config.json"),
        fetch=fetch,
    )


def _folder(name: str, project_dir: Path) -> Path:
    try:
        return (project_dir / Path(name).expanduser()).resolve()
    except (RuntimeError, ValueError) as error:
        raise NotFoundError(f"The model {name!r} is no path: {error}.", "write the whole path") from error


def _snapshot(name: str, instead: str, *, fetch: bool) -> Path:
    if not _NAME.fullmatch(name):
        raise NotFoundError(
            f"The model {name!r} is neither a folder nor a Hub name.", f"give a folder, or {instead}"
        )
    hub = _hub("a model")
    return _cached_or_fetched(
        lambda **options: hub.snapshot_download(name, allow_patterns=list(_FILES), **options),
        told=f"The model {name!r} is not a folder here and",
        hint=f"check the name and the network, give a folder, or set {instead}",
        fetch=fetch,
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


def _cached_or_fetched(download: Callable[..., str], *, told: str, hint: str, fetch: bool = True) -> Path:
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(download(local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        if not fetch:
            raise NotFetchedError(f"{told} is not fetched yet.", hint) from None
    try:
        return Path(download())
    except Exception as error:
        raise NotFoundError(f"{told} could not be fetched: {_first_line(error)}", hint) from error


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
