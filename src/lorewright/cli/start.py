"""init: from a folder to a working index and the next step."""

import click

from lorewright.cli.session import Session, with_session


@click.command()
@click.argument("places", metavar="PATH_OR_URL...", nargs=-1, required=True)
@click.option("--name", default="", help="What the documents are about; default: the first place's name.")
@with_session
def init(session: Session, places: tuple[str, ...], name: str) -> None:
    """Make a project here of folders, git repositories or addresses of documents, and index it.

    Writes lore.toml in the current folder (or in the folder given by -C), reads the documents, cuts them into
    passages and builds the full-text index. Everything made goes into .lore/ beside it.

    \b
    Examples:
      lore init ./docs
      lore init ./handbook --name "Acme platform"
      lore init https://github.com/apache/airflow --name airflow
      lore init ./docs https://example.org/paper.pdf
      lore init repos.json pdfs.json --name DIRAC
    """
    from lorewright.cli.stages import bring_and_tell
    from lorewright.stages.start import new_project

    with new_project(session.start, places, name=name) as target:
        runs = bring_and_tell(session, session.settings(), "probe", quiet=False)
    rejected = runs["ingest"].metrics["rejected"]
    if rejected:
        session.console.print(f"  {rejected:,} left out, each with its reason: lore ingest --report")
    session.console.print(f"[green]Ready.[/green] {target.name} is yours to edit.")
    session.console.print('[cyan]next:[/cyan] lore ask "your question"', highlight=False)
    session.console.print(
        "[cyan]then:[/cyan] lore plan [dim](what training a model of your own would take)[/dim]"
    )
