"""The questions asked in a project's chats, for the arrow keys: for their owner's eyes alone, and without answers."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lorewright.core.printable import one_line

FILE = "chat_history"
MAX_LINES = 1000
_OWN_EYES = 0o600


def recall(path: Path) -> None:
    """Put the questions into the line editor, if this Python has one."""
    try:
        import readline
    except ImportError:
        return
    readline.clear_history()
    for question in _read(path)[-MAX_LINES:]:
        readline.add_history(question)


def remember(path: Path, question: str) -> None:
    """Write a question to the end of the file; where that cannot be done, nothing is remembered."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, [one_line(question)], os.O_APPEND)


def shorten(path: Path) -> None:
    """Keep the last questions of a file that has grown too long."""
    questions = _read(path)
    if len(questions) > MAX_LINES:
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with suppress(OSError):
            _write(beside, questions[-MAX_LINES:], os.O_TRUNC)
            beside.replace(path)


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _write(path: Path, lines: Sequence[str], flag: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, _OWN_EYES)
    with os.fdopen(descriptor, "ab") as stream:
        os.fchmod(descriptor, _OWN_EYES)
        stream.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
