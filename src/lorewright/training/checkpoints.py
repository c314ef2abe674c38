"""Checkpoints that can be trusted: a marker with the hash of every file is written last."""

import hashlib
import json
import os
import shutil
from pathlib import Path

MARKER = "complete.json"
PREFIX = "checkpoint-"


def folder(checkpoint_dir: Path, step: int) -> Path:
    """Return where the checkpoint after a number of steps lies."""
    return checkpoint_dir / f"{PREFIX}{step}"


def seal(checkpoint: Path, *, recipe: str) -> None:
    """Write the marker that makes a checkpoint count: the recipe it belongs to and its files' SHA-256."""
    hashes = {name: _sha256(checkpoint / name) for name in _files(checkpoint)}
    partial = checkpoint / f"{MARKER}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump({"recipe": recipe, "files": hashes}, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(checkpoint / MARKER)


def newest(checkpoint_dir: Path, *, recipe: str) -> Path | None:
    """Return the checkpoint with the most steps that is whole and of this recipe, or None.

    Checkpoints that are torn or of another recipe are removed: resuming from one would end elsewhere.
    """
    whole: Path | None = None
    for checkpoint in sorted(checkpoint_dir.glob(f"{PREFIX}*"), key=steps, reverse=True):
        if whole is None and is_whole(checkpoint, recipe=recipe):
            whole = checkpoint
        elif not is_whole(checkpoint, recipe=recipe):
            shutil.rmtree(checkpoint)
    return whole


def is_whole(checkpoint: Path, *, recipe: str) -> bool:
    """Return whether a checkpoint is sealed for this recipe and every file is as it was then."""
    try:
        seal_text = json.loads((checkpoint / MARKER).read_text(encoding="utf-8"))
        same = seal_text["recipe"] == recipe and sorted(seal_text["files"]) == _files(checkpoint)
        return same and all(_sha256(checkpoint / name) == hash_ for name, hash_ in seal_text["files"].items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def prune(checkpoint_dir: Path, *, keep: int) -> None:
    """Remove all but the checkpoints with the most steps."""
    ordered = sorted(checkpoint_dir.glob(f"{PREFIX}*"), key=steps)
    for checkpoint in ordered[: max(len(ordered) - keep, 0)]:
        shutil.rmtree(checkpoint)


def steps(checkpoint: Path) -> int:
    """Return after how many steps a checkpoint was written; -1 for a name that does not say."""
    number = checkpoint.name.removeprefix(PREFIX)
    return int(number) if number.isdecimal() else -1


def _files(checkpoint: Path) -> list[str]:
    paths = (path for path in checkpoint.rglob("*") if path.is_file())
    names = (path.relative_to(checkpoint).as_posix() for path in paths)
    return sorted(name for name in names if not name.startswith(MARKER))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
