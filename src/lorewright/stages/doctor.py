"""doctor: what this machine and this project have, lack, or have wrong."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.errors import LoreError
from lorewright.core.workspace import Workspace, find_project
from lorewright.stages.settings import load

EXTRAS = {
    "rag": ("lancedb",),
    "train": ("torch", "transformers", "trl", "peft"),
    "gguf": ("gguf", "xllamacpp"),
}
_PURPOSE = {
    "rag": "index, search, ask",
    "train": "train, evaluate",
    "gguf": "export, chat with the exported model",
}
_LITTLE_SPACE_GB = 3.0
_LITTLE_MEMORY_GB = 3.0


@dataclass(frozen=True)
class Check:
    """One thing looked at; `hint` says what to do where it is not well."""

    name: str
    well: bool
    found: str
    hint: str = ""


def examine(start: Path) -> Iterator[Check]:
    """Yield every check of the machine, then of the project in or above a folder, if there is one."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= (3, 11), version, "lore needs Python 3.11 or newer")
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        found = f"not installed: {', '.join(missing)}" if missing else f"installed ({_PURPOSE[extra]})"
        yield Check(f"extra {extra}", not missing, found, f"pip install 'lorewright[{extra}]'")
    git = shutil.which("git")
    yield Check("git", git is not None, git or "not found", "install git to read repositories and commits")
    free = shutil.disk_usage(start).free / 1e9
    yield Check("disk", free > _LITTLE_SPACE_GB, f"{free:.1f} GB free", "free some space: lore gc --dry-run")
    yield _memory()
    yield from _project(start)


def _memory() -> Check:
    import psutil

    available = psutil.virtual_memory().available / 1e9
    return Check(
        "memory", available > _LITTLE_MEMORY_GB, f"{available:.1f} GB available", "close other programs"
    )


def _project(start: Path) -> Iterator[Check]:
    try:
        folder = find_project(start)
    except LoreError as error:
        yield Check("project", True, f"none here ({error.message})")
        return
    workspace = Workspace(folder)
    try:
        settings = load(folder)
    except LoreError as error:
        yield Check("lore.toml", False, error.message, error.hint)
        return
    yield Check("lore.toml", True, f"{folder / 'lore.toml'}: {settings.project.name}")
    for source in settings.sources:
        there = bool(source.git) or (folder / Path(source.path).expanduser()).exists()
        yield Check(
            f"source {source.label}", there, source.path or source.git, "mend its `path` in lore.toml"
        )
    broken = [
        value for value in workspace.refs.current().values() if workspace.find(*value.split("/", 1)) is None
    ]
    yield Check(
        "refs", not broken, f"{len(broken)} lead nowhere" if broken else "all lead to runs", "lore run"
    )
    left = workspace.partials()
    yield Check("unfinished", True, f"{len(left)} begun runs; the same command goes on" if left else "none")
