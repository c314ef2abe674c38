"""review push and pull: examples reviewed by people on an Argilla server."""

import json
from typing import Any

import click

from lorewright.cli.next_line import print_next
from lorewright.cli.record_view import safe
from lorewright.cli.review import choosing
from lorewright.cli.session import Session, json_option, with_session


def _server(function: Any) -> Any:
    """Add the options that name a dataset on a server."""
    for option in (
        click.option(
            "--workspace", "space", default="", metavar="NAME", help="The workspace there; the first."
        ),
        click.option("--dataset", required=True, metavar="NAME", help="The dataset there."),
        click.option("--argilla", "url", required=True, metavar="URL", help="Address of the server."),
    ):
        function = option(function)
    return function


@click.command("push")
@_server
@choosing
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Examples at most.")
@click.option("--dry-run", is_flag=True, help="Count, and send nothing.")
@json_option
@with_session
def push_command(
    session: Session,
    url: str,
    dataset: str,
    space: str,
    sample: Any,
    task: str,
    filter_name: str,
    limit: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send examples that wait for a decision to an Argilla server, where the dataset is made if it is missing.

    Question, answer and evidence go there, nothing else of your documents. Examples that are there already are not sent
    again. The key comes from ARGILLA_API_KEY. Needs the extra `argilla`.

    \b
    Examples:
      lore review push --argilla https://argilla.example.org --dataset handbook
      lore review push --argilla http://127.0.0.1:6900 --dataset handbook --sample edge --limit 300
    """
    from lorewright.curation.reviewing import standing
    from lorewright.stages.review_argilla import push_reviews
    from lorewright.stages.review_examples import reviewables
    from lorewright.stages.review_queue import queue
    from lorewright.store.database import Database
    from lorewright.store.reviews import all_decisions

    decided = standing(all_decisions(Database(session.workspace.root)))
    chosen = queue(
        reviewables(session.workspace),
        decided,
        sample=sample,
        task=task,
        filter_name=filter_name,
        limit=limit,
    )
    if dry_run or not chosen:
        said = (
            f"{len(chosen):,} examples would be sent to {url}"
            if chosen
            else "Nothing is left to review here."
        )
        click.echo(json.dumps({"would_send": len(chosen)}) if as_json else said)
        return
    pushed = push_reviews(session.workspace, chosen, session.reporter, url=url, dataset=dataset, space=space)
    if as_json:
        click.echo(pushed.model_dump_json(indent=2))
        return
    session.console.print(
        f"[green]✓[/green] {pushed.sent:,} sent to {safe(pushed.dataset)} in {safe(pushed.workspace)}, "
        f"{pushed.there:,} there already",
        soft_wrap=True,
    )
    there = f" --workspace {space}" if space else ""
    print_next(session.console, f"lore review pull --argilla {url} --dataset {dataset}{there}")


@click.command("pull")
@_server
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and keep nothing.")
@json_option
@with_session
def pull_command(session: Session, url: str, dataset: str, space: str, dry_run: bool, as_json: bool) -> None:
    """Take in what people answered on an Argilla server; what is there already is not doubled.

    An answer counts from when it was given. Drafts and discarded answers decide nothing.

    \b
    Examples:
      lore review pull --argilla https://argilla.example.org --dataset handbook --dry-run
      lore review pull --argilla https://argilla.example.org --dataset handbook
    """
    from lorewright.cli.review_files import tell_taken
    from lorewright.stages.review_argilla import pull_reviews

    taken = pull_reviews(
        session.workspace, session.reporter, url=url, dataset=dataset, space=space, dry_run=dry_run
    )
    tell_taken(session, taken, "answer", dry_run=dry_run, as_json=as_json)
