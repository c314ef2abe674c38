"""A new project: its lore.toml from folders, repositories, addresses and lists of them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from lorewright.core.errors import ConfigError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.workspace import SETTINGS_FILE
from lorewright.sources.addresses import is_hosted, repository_name, split_credentials

_PAGES = frozenset({".pdf", ".html", ".htm", ".md", ".rst", ".txt"})
_TEMPLATE = """\
# The one file a person edits; `lore schema` lists every key. Secrets never go here, only into the environment.
[project]
name = {name}

"""
_SOURCE = """
[[sources]]
{place}
exclude = ["LICENSE*", "NOTICE*"]
# include = ["**/*.md", "**/*.rst"]
"""


@contextmanager
def new_project(folder: Path, places: Sequence[str], *, name: str) -> Iterator[Path]:
    """Write the lore.toml of a project for the block that indexes it; it goes again where that fails.

    So the same command can be given again, whatever stopped it.

    Args:
        folder: Where the project is to be; made if missing.
        places: Files, folders, git URLs, addresses of documents, or JSON files that list repositories or addresses.
        name: What the documents are about; empty for the first place's own name.

    Raises:
        ConfigError: There is a lore.toml already, or a place cannot be written into one.

    Yields:
        The path of lore.toml.
    """
    target = folder.resolve() / SETTINGS_FILE
    if target.exists():
        raise ConfigError(f"{target} is there already.", "lore run, or edit it and add [[sources]]")
    sources = "".join(_SOURCE.format(place=_written(place, target.parent)) for place in places)
    text = _TEMPLATE.format(name=_quoted(name or _name(places[0]))) + sources
    with storage_errors(f"writing {target}"):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, text.encode("utf-8"))
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _written(place: str, project_dir: Path) -> str:
    """Return the line of lore.toml that names a place."""
    if not place.strip():
        raise ConfigError(f"{place!r} names no place.", "lore init PATH_OR_URL")
    if is_hosted(place):
        if "://" in place:
            split_credentials(place)  # refuses a broken address before it is written
        page = PurePosixPath(urlsplit(place).path).suffix.casefold() in _PAGES
        return f"urls = [{_quoted(place)}]" if page else f"git = {_quoted(place)}"
    found = Path(place).expanduser().resolve()
    inside = found.is_relative_to(project_dir)
    shown = _quoted(str(found.relative_to(project_dir)) if inside else str(found))
    return f"{_list_kind(found)} = {shown}"


def _quoted(text: str) -> str:
    """Return a string as TOML writes it, which is JSON's way but for characters beyond 16 bits and DEL."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"the name {text!r} is not UTF-8, so lore.toml cannot hold it.", "rename the folder"
        ) from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list_kind(file: Path) -> str:
    """Return the key for a JSON file that lists repositories or addresses, `path` for anything else."""
    if file.suffix.casefold() != ".json" or not file.is_file():
        return "path"
    try:
        return "pdfs" if isinstance(json.loads(file.read_bytes()), list) else "repos"
    except ValueError:
        return "repos"


def _name(place: str) -> str:
    if is_hosted(place):
        return repository_name(place).rpartition("/")[2] or "project"
    found = Path(place).expanduser().resolve()
    return (found.stem if found.suffix == ".json" else found.name) or "project"
