"""A new project: its lore.toml from a folder or a repository."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import ConfigError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.workspace import SETTINGS_FILE

_GIT = re.compile(r"[\w+.-]+://|[\w.-]+@[\w.-]+:")
_TEMPLATE = """\
# The one file a person edits; `lore schema` lists every key. Secrets never go here, only into the environment.
[project]
name = {name}

[[sources]]
{place}
exclude = ["LICENSE*", "NOTICE*"]
# include = ["**/*.md", "**/*.rst"]
"""


@contextmanager
def new_project(folder: Path, place: str, *, name: str) -> Iterator[Path]:
    """Write the lore.toml of a project for the block that indexes it; it goes again where that fails.

    So the same command can be given again, whatever stopped it.

    Args:
        folder: Where the project is to be; made if missing.
        place: A file, a folder, or a git URL.
        name: What the documents are about; empty for the place's own name.

    Raises:
        ConfigError: There is a lore.toml already.

    Yields:
        The path of lore.toml.
    """
    target = folder.resolve() / SETTINGS_FILE
    if target.exists():
        raise ConfigError(f"{target} is there already.", "lore run, or edit it and add [[sources]]")
    if _GIT.match(place):
        written = f"git = {json.dumps(place)}"
        shown = place.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1]
    else:
        found = Path(place).expanduser().resolve()
        inside = found.is_relative_to(target.parent)
        written = f"path = {json.dumps(str(found.relative_to(target.parent)) if inside else str(found))}"
        shown = found.name
    text = _TEMPLATE.format(name=json.dumps(name or shown or "project"), place=written)
    with storage_errors(f"writing {target}"):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, text.encode("utf-8"))
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise
