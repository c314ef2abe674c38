"""The user's questions file, read for the stages that ask or test them: `dataset.questions` in lore.toml."""

from pathlib import Path

from lorewright.core.errors import ConfigError
from lorewright.core.ids import text_digest
from lorewright.core.stage import Outside
from lorewright.core.workspace import Workspace
from lorewright.retrieval.questions import read_questions


def users_questions(name: str, workspace: Workspace) -> Outside:
    """Return the questions of a file (`found`) with the digest of its text; a file that is missing has none.

    Args:
        name: As written in lore.toml; relative to its folder.
        workspace: Of the project.

    Raises:
        ConfigError: The file cannot be read, or a line of it is no question.
    """
    path = _path(name, workspace)
    text = _read(path) if name and path.is_file() else ""
    return Outside(value=text_digest(text), found=read_questions(text, name=name))


def _path(name: str, workspace: Workspace) -> Path:
    try:
        return workspace.project_dir / Path(name).expanduser()
    except RuntimeError as error:
        raise ConfigError(
            f"dataset.questions is {name!r}, and there is no such user.", "write the whole path"
        ) from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}.", "write it in UTF-8, one question a line"
        ) from error
