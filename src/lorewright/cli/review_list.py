"""review list and stats: what was decided."""

import json
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session

if TYPE_CHECKING:
    from lorewright.stages.review_stats import Listed

_NOTHING = "Nobody has reviewed an example yet."


@click.command("list")
@click.option("--orphans", is_flag=True, help="Only decisions about words that are made no more.")
@click.option("--history", is_flag=True, help="Also what was replaced or taken back.")
@click.option(
    "-n", "--limit", default=40, show_default=True, type=click.IntRange(1), help="How many to show."
)
@json_option
@with_session
def list_command(session: Session, orphans: bool, history: bool, limit: int, as_json: bool) -> None:
    """Decisions, newest first. With --json all are listed.

    A decision belongs to the words of an example. Where regeneration makes other words, it waits as an orphan: it is
    kept, and holds again when the words come back.

    \b
    Examples:
      lore review list
      lore review list --orphans
      lore review list --history --json | jq -r '.[] | [.state, .decided.decision, .decided.note] | @tsv'
    """
    from lorewright.cli.review_view import print_listed
    from lorewright.stages.review_stats import listed

    found = [
        one
        for one in listed(session.workspace)
        if (not orphans or one.state == "orphan") and (history or one.state not in {"replaced", "undone"})
    ]
    if as_json:
        click.echo(json.dumps([_plain(one) for one in found], indent=2, ensure_ascii=False))
    elif found:
        print_listed(session.console, found, shown=limit)
    else:
        session.console.print("No decision is an orphan." if orphans else _NOTHING)
        session.console.print("[cyan]next:[/cyan] lore review")


def _plain(one: "Listed") -> object:
    return json.loads(one.model_dump_json())


@click.command("stats")
@set_option
@json_option
@with_session
def stats_command(session: Session, assignments: tuple[str, ...], as_json: bool) -> None:
    """What was decided, and how far filters and judge agree with people (Cohen's kappa).

    An example that a person accepted counts as good, one that they edited or rejected as bad as it was. Filters are
    compared by what they said before anybody decided, the judge by whether its score reached curation.judge.min_score.

    \b
    Examples:
      lore review stats
      lore review stats --json | jq .filters.kappa
    """
    from lorewright.cli.review_view import print_stats
    from lorewright.stages.review_stats import FEW, listed, stats

    settings = session.settings(assignments)
    decisions = listed(session.workspace)
    found = stats(decisions, min_score=settings.curation.judge.min_score)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    elif decisions:
        print_stats(session.console, found, few=FEW)
    else:
        session.console.print(_NOTHING)
        session.console.print("[cyan]next:[/cyan] lore review")
