"""Folders that are written beside their place and stand there whole or not at all."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import ConfigError, StorageError
from lorewright.core.files import sync_folder
from lorewright.core.marks import MARK


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give a folder to write beside another, which it replaces if the block succeeds."""
    growing, old = (folder.with_name(f".{folder.name}.{state}") for state in ("partial", "old"))
    shutil.rmtree(growing, ignore_errors=True)
    try:
        growing.mkdir()
    except FileNotFoundError as error:  # in system folders such as /proc
        raise StorageError(f"No folder can be made in {folder.parent}.", "give another folder") from error
    try:
        yield growing
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        growing.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(growing, ignore_errors=True)
        raise
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def place_for(folder: Path, *, needed: Iterable[Path], made_by: str, kind: str, force: bool) -> Path:
    """Return where a folder goes, with links followed, after making sure that it may go there.

    Args:
        folder: As it was asked for.
        needed: Places that it must not replace, nor hold.
        made_by: The command that makes such folders, for the message.
        kind: What the marks of such folders say, as `marked_kind` returns it.
        force: Whether a folder of something else may be replaced.

    Raises:
        ConfigError: Something else would be replaced.
    """
    target = folder.expanduser().resolve()
    held = next((place for place in needed if place.is_relative_to(target)), None)
    if held is not None:
        raise ConfigError(
            f"{target} would be replaced, and is needed."
            if held == target
            else f"{target} would be replaced, and {held} with it.",
            "give --out a folder of its own",
        )
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{target} is a file.", "give --out a folder")
    is_own = force or marked_kind(target) == kind
    others = [] if is_own or not target.is_dir() else sorted(target.iterdir())
    if others:
        raise ConfigError(
            f"{target} was not made by `{made_by}` and holds {others[0].name}"
            + (f" and {len(others) - 1:,} more." if len(others) > 1 else "."),
            "choose another folder by --out, or add --force to replace it",
        )
    return target


def marked_kind(folder: Path) -> str:
    """Return what the mark of a folder says that it is; `corpus` where it does not, and nothing without a mark."""
    try:
        mark = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return ""
    return str(mark.get("kind", "corpus")) if isinstance(mark, dict) else ""


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
