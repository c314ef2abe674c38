"""`lore why`: why an answer of the evaluation is wrong, with what each system saw."""

import json
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from lorewright.stages.why import Evaluated


@click.command()
@click.argument("example", nargs=-1)
@click.option("--system", metavar="NAME", help="Only this system's answers, such as tuned+rag.")
@click.option("--all", "everything", is_flag=True, help="Count the causes of every system and test set.")
@click.option(
    "-n", "--limit", default=10, show_default=True, type=click.IntRange(1), help="How many answers to list."
)
@json_option
@with_session
def why(
    session: Session,
    example: tuple[str, ...],
    system: str | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Say why an answer is wrong: the source was not retrieved, the context was ignored, the reference is wrong ...

    EXAMPLE is the id of a test example, its beginning, or words of the question. Shown are the reference with its
    evidence, the passages that systems were shown, what each answered, and what to do about it. Without EXAMPLE the
    worst answers are listed, those of the best tuned system unless --system names another.

    \b
    Examples:
      lore why
      lore why 3fa9c1d2
      lore why max_pressure default --system tuned+rag
      lore why --all
      lore why --all --json | jq '.[] | select(.system == "tuned+rag") | .counts'
    """
    if example and everything:
        raise click.UsageError("--all counts the causes of all answers: leave EXAMPLE out.")
    from lorewright.stages.why import open_evaluation

    evaluated = open_evaluation(session.workspace, session.settings())
    if example:
        _show_one(session, evaluated, " ".join(example), system, as_json=as_json)
    elif everything:
        _count(session, evaluated, system, as_json=as_json)
    else:
        _list(session, evaluated, system, limit, as_json=as_json)


def _show_one(
    session: Session, evaluated: "Evaluated", name: str, system: str | None, *, as_json: bool
) -> None:
    from lorewright.cli.why_view import print_explained
    from lorewright.stages.why_report import explained

    told = explained(evaluated, name, system=system)
    if as_json:
        click.echo(told.model_dump_json(indent=2))
    else:
        print_explained(session.console, told)


def _count(session: Session, evaluated: "Evaluated", system: str | None, *, as_json: bool) -> None:
    from lorewright.cli.why_view import print_causes
    from lorewright.stages.why_report import all_causes

    found = all_causes(evaluated, session.reporter, system=system)
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2, ensure_ascii=False))
        return
    print_causes(session.console, found)
    session.console.print("\n[cyan]next:[/cyan] lore why lists the worst answers, lore why ID shows one")


def _list(session: Session, evaluated: "Evaluated", system: str | None, limit: int, *, as_json: bool) -> None:
    from lorewright.cli.why_view import print_causes, print_worst
    from lorewright.stages.why_report import worst

    found = worst(evaluated, session.reporter, system=system, limit=limit)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    print_causes(session.console, found.causes)
    print_worst(session.console, found)
