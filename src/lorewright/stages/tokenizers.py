"""The tokenizer that sizes are counted with: where its file lies, and what it is."""

import hashlib
from pathlib import Path

from lorewright.core.errors import ConfigError
from lorewright.core.releases import release
from lorewright.text.tokenizer import FILE


def tokenizer_path(name: str, project_dir: Path) -> Path:
    """Return the `tokenizer.json` behind a file, a folder or a Hub name, which is fetched once.

    Raises:
        ConfigError: There is none.
        MissingDependencyError: A Hub name was given and the Hub's library is not installed.
    """
    local = project_dir / Path(name).expanduser()
    for path in (local, local / FILE):
        if _there(path) and path.is_file():
            return path
    there = _there(local)
    if there or name.startswith((".", "/", "~")):
        fault = f"holds no {FILE}" if there else "does not exist"
        raise ConfigError(
            f"chunking.tokens.tokenizer: {name} {fault}.", f"name a {FILE}, its folder, or a Hub model"
        )
    from lorewright.hub.models import fetch_file

    return fetch_file(name, FILE)


def counter_digest(path: Path) -> str:
    """Return a digest of what counts tokens: the SHA-256 of a tokenizer's file, and the library that reads it."""
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {release('tokenizers')}"


def _there(path: Path) -> bool:
    """Say whether a path exists; one that no file can have does not."""
    try:
        return path.exists()
    except OSError:
        return False
