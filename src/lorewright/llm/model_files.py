"""What the model in a folder is, told by its files without loading it."""

import hashlib
from pathlib import Path
from typing import Any

_DECIDING = frozenset({".json", ".safetensors", ".model", ".jinja", ".bin"})
_BIG_FILE = 64 * 1024 * 1024


def revision(folder: Path) -> list[list[Any]]:
    """Return each file that decides what the model is: small ones by content, large ones by size and ends."""
    return [
        [file.name, file.stat().st_size, content(file)]
        for file in sorted(folder.iterdir())
        if file.suffix in _DECIDING and file.is_file()
    ]


def content(file: Path) -> str:
    """Return a file's SHA-256, as 64 hex digits; of a large one that of its two ends."""
    size = file.stat().st_size
    if size <= _BIG_FILE:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    with file.open("rb") as stream:
        head = stream.read(_BIG_FILE // 2)
        stream.seek(-_BIG_FILE // 2, 2)
        return hashlib.sha256(head + stream.read()).hexdigest()
