"""init: from a folder to a working index and the next step."""

import re
from pathlib import Path

import click

from lorewright.cli.session import Session, with_session

_TEMPLATE = """\
# The one file a person edits; `lore schema` lists every key. Secrets never go here, only into the environment.
[project]
name = {name}

[[sources]]
{place}
# include = ["**/*.md", "**/*.rst"]
# exclude = ["**/changelog/**"]
"""


@click.command()
@click.argument("place", metavar="PATH_OR_GIT_URL")
@click.option("--name", default="", help="What the documents are about; default: the folder's name.")
@with_session
def init(session: Session, place: str, name: str) -> None:
    """Make a project here of a folder or a git repository of documents, and index it.

    Writes lore.toml in the current folder (or in the folder given by -C), reads the documents, cuts them into
    passages and builds the full-text index. Everything made goes into .lore/ beside it.

    \b
    Examples:
      lore init ./docs
      lore init ./handbook --name "Acme platform"
      lore init https://github.com/apache/airflow --name airflow
    """
    from lorewright.cli.stages import bring_and_tell
    from lorewright.core.errors import ConfigError, SourceError
    from lorewright.core.files import storage_errors, write_atomic
    from lorewright.core.workspace import SETTINGS_FILE

    folder = session.start.resolve()
    target = folder / SETTINGS_FILE
    if target.exists():
        raise ConfigError(f"{target} is there already.", "lore run, or edit it and add [[sources]]")
    with storage_errors(f"writing {target}"):
        write_atomic(target, _toml(place, name, folder).encode("utf-8"))
    try:
        runs = bring_and_tell(session, session.settings(), "index", costly=False, quiet=False)
    except (SourceError, ConfigError):
        target.unlink()
        raise
    rejected = runs["ingest"].metrics["rejected"]
    if rejected:
        session.console.print(
            f"  {rejected:,} left out, each with its reason: lore cat ingest --file rejections"
        )
    session.console.print(f"[green]Ready.[/green] {target.name} is yours to edit.")
    session.console.print('[cyan]next:[/cyan] lore ask "your question"', highlight=False)
    session.console.print(
        "[cyan]then:[/cyan] lore plan [dim](what training a model of your own would take)[/dim]"
    )


def _toml(place: str, name: str, folder: Path) -> str:
    import json

    is_git = bool(re.match(r"[\w+.-]+://|[\w.-]+@[\w.-]+:", place))
    if is_git:
        written = f"git = {json.dumps(place)}"
        shown = place.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1]
    else:
        found = Path(place).expanduser().resolve()
        shown = found.name
        inside = found.is_relative_to(folder)
        written = f"path = {json.dumps(str(found.relative_to(folder)) if inside else str(found))}"
    return _TEMPLATE.format(name=json.dumps(name or shown or "project"), place=written)
