"""corpus: the passages as a Hugging Face dataset, in a folder or on the Hub."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.next_line import print_next
from lorewright.cli.pushing import push_options, seen_by
from lorewright.cli.session import Session, dry_run_option, json_option, set_option, with_session
from lorewright.cli.stages import bring_and_tell

if TYPE_CHECKING:
    from lorewright.hub.card import Description
    from lorewright.stages.corpus import Corpus
    from lorewright.stages.settings import Settings


@click.group()
def corpus() -> None:
    """Export the passages as a Hugging Face dataset with the splits `docs` and `papers`.

    One row a passage: its text, repository, path, commit, licence, headings and lines or pages.

    \b
    Examples:
      lore corpus export
      lore corpus export --out ~/data/handbook
      lore corpus push --repo-id acme/handbook --private
    """


@corpus.command("export")
@click.option("--out", metavar="DIR", help="The folder to write; `corpus` beside lore.toml if left out.")
@click.option("--force", is_flag=True, help="Replace a folder that holds something else.")
@dry_run_option
@set_option
@json_option
@with_session
def export_command(
    session: Session,
    out: str | None,
    force: bool,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a folder that `datasets.load_from_disk` reads.

    Documents and passages are brought up to date first. An earlier export is replaced when the new one is whole.

    \b
    Examples:
      lore corpus export
      lore corpus export --out ~/data/handbook --json | jq .splits
      lore corpus export --set chunking.max_chars=800 --dry-run
    """
    from lorewright.stages.corpus import check_folder, export

    settings = session.settings(assignments)
    wanted = Path(out) if out else session.workspace.project_dir / "corpus"
    folder = check_folder(wanted, workspace=session.workspace, settings=settings, force=force)
    if dry_run:
        verb = "replace" if folder.exists() else "make"
        _foretell(session, settings, f"would {verb} {folder}", as_json=as_json)
        return
    gathered = _gather(session, settings, quiet=as_json)
    made = export(session.workspace, gathered, folder, reporter=session.reporter)
    if as_json:
        _print_json({"folder": str(made.folder), "bytes": made.bytes}, made.description)
        return
    _print_counts(session, made.description, made.bytes, str(made.folder))
    print_next(
        session.console, f'datasets.load_from_disk("{made.folder}"), or lore corpus push --repo-id OWNER/NAME'
    )


@corpus.command("push")
@push_options
@set_option
@json_option
@with_session
def push_command(
    session: Session,
    repo_id: str,
    private: bool,
    force: bool,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Push the corpus to the Hugging Face Hub.

    Documents and passages are brought up to date first. The dataset's README and data are replaced in one
    commit; its history keeps the old ones. The token comes from HF_TOKEN or from `hf auth login`; HF_ENDPOINT
    names another server.

    \b
    Examples:
      lore corpus push --repo-id acme/handbook --private
      lore corpus push --repo-id acme/handbook --dry-run
      HF_ENDPOINT=https://hub.example.org lore corpus push --repo-id acme/handbook
    """
    from lorewright.hub.datasets import check_access, check_repo_id
    from lorewright.stages.corpus import publish

    check_repo_id(repo_id)
    settings = session.settings(assignments)
    if dry_run:
        _foretell(session, settings, f"would push to {repo_id}", as_json=as_json)
        return
    check_access(repo_id)
    gathered = _gather(session, settings, quiet=as_json)
    made = publish(
        session.workspace, gathered, repo_id=repo_id, private=private, force=force, reporter=session.reporter
    )
    if as_json:
        _print_json({"repo_id": repo_id, **asdict(made.pushed), "bytes": made.bytes}, made.description)
        return
    _print_counts(
        session, made.description, made.bytes, f"{made.pushed.url} ({seen_by(private=made.pushed.private)})"
    )
    print_next(session.console, f'datasets.load_dataset("{repo_id}")')


def _gather(session: Session, settings: "Settings", *, quiet: bool) -> "Corpus":
    from lorewright.stages.corpus import gather

    runs = bring_and_tell(session, settings, "chunk", quiet=quiet)
    return gather(session.workspace, runs, project=settings.project.name)


def _foretell(session: Session, settings: "Settings", line: str, *, as_json: bool) -> None:
    from lorewright.cli.road import print_status

    print_status(session, settings, as_json=as_json, only="chunk")
    if not as_json:
        session.console.print(line, markup=False, soft_wrap=True)


def _print_counts(session: Session, described: "Description", size: int, place: str) -> None:
    from rich.markup import escape

    splits = ", ".join(f"{name} {_of(one.rows, one.documents)}" for name, one in described.splits.items())
    session.console.print(
        f"[green]✓[/green] [bold]{'corpus':<9}[/bold] {splits} [dim]{size / 1e6:,.1f} MB[/dim]",
        soft_wrap=True,
    )
    session.console.print(f"  {escape(place)}", soft_wrap=True)
    for one in described.repositories:
        commit = f" at {one.commit[:12]}" if one.commit else ""
        changed = ", with uncommitted changes" if one.changed else ""
        line = f"  {one.name}{commit}{changed}: {_of(one.chunks, one.documents)}"
        session.console.print(f"[dim]{escape(line)}[/dim]", soft_wrap=True)
    if described.without_chunks:
        session.console.print(
            f"  [yellow]without a passage[/yellow] {described.without_chunks:,} documents", soft_wrap=True
        )


def _of(passages: int, documents: int) -> str:
    return (
        f"{passages:,} passage{'' if passages == 1 else 's'} of "
        f"{documents:,} document{'' if documents == 1 else 's'}"
    )


def _print_json(head: dict[str, Any], described: "Description") -> None:
    click.echo(json.dumps({**head, **asdict(described)}, indent=2, ensure_ascii=False))
