"""Files that are either whole or not there, and disk errors said in words."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from lorewright.core.errors import StorageError

_REFUSALS = {
    errno.ENOSPC: (
        "The disk is full",
        "free some space (`lore gc --dry-run` shows what can go), then run the same command again",
    ),
    errno.EDQUOT: (
        "The disk quota is used up",
        "free some space (`lore gc --dry-run` shows what can go), then run the same command again",
    ),
    errno.EROFS: ("The disk is read-only", "choose a folder that can be written"),
    errno.EACCES: ("Permission was denied", "check who owns the folder, then run the same command again"),
}
_FULL_PHRASES = ("no space left on device", "os error 28", "disk quota exceeded")


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refusal(error: BaseException, doing: str) -> StorageError | None:
    """Return the storage error behind an exception, or None if the disk is not to blame.

    Libraries written in other languages wrap the system's error into a text, so the text is read too.
    """
    number = getattr(error, "errno", None)
    if number is None and any(phrase in str(error).lower() for phrase in _FULL_PHRASES):
        number = errno.ENOSPC
    if number not in _REFUSALS:
        return None
    what, hint = _REFUSALS[number]
    place = getattr(error, "filename", None)
    where = f" ({place})" if place else ""
    return StorageError(f"{what} while {doing}{where}. What was finished is kept.", hint)


@contextlib.contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn the disk's refusals inside the block into a StorageError; everything else passes."""
    try:
        yield
    except Exception as error:
        translated = refusal(error, doing)
        if translated is None:
            raise
        raise translated from error
