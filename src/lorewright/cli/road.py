"""run, status, plan: the road as a whole."""

import json
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session
from lorewright.cli.stages import ask_for_news, bring_and_tell, refresh_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorewright.stages.road import StepStatus
    from lorewright.stages.settings import Settings

_COLOURS = {
    "up to date": "green",
    "stale": "yellow",
    "never run": "yellow",
    "waiting": "dim",
    "running": "cyan",
}


@click.command()
@click.option("--train", "train_too", is_flag=True, help="Also train, evaluate and export.")
@refresh_option
@set_option
@json_option
@with_session
def run(
    session: Session, train_too: bool, refresh: bool, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Bring the road up to date: everything cheap, and with --train everything.

    What is up to date is not computed again. Training runs only when asked for, or inside
    budget.train_minutes of lore.toml; otherwise the plan is shown.

    \b
    Examples:
      lore run
      lore run --refresh
      lore run --train
      lore run --train --set training.epochs=1
    """
    from lorewright.stages.road import ASKING, COSTLY, CostlyStepError

    settings = session.settings(assignments)
    if refresh:
        ask_for_news(session, settings)
    told: set[str] = set()
    try:
        for name in ("probe", "dataset", "evaluate", "export"):
            asked = COSTLY if train_too else ()
            bring_and_tell(session, settings, name, asked=asked, quiet=as_json, told=told)
    except CostlyStepError as due:
        if not as_json:
            session.console.print(f"[yellow]○[/yellow] {due.message}", soft_wrap=True)
            following = due.hint if due.stage in ASKING else "lore run --train"
            session.console.print(f"[cyan]next:[/cyan] {following}")
    if as_json:
        print_status(session, settings, as_json=True)


@click.command()
@set_option
@json_option
@with_session
def status(session: Session, assignments: tuple[str, ...], as_json: bool) -> None:
    """Show the road: what is up to date, what is stale and why, what would run and how long it would take.

    \b
    Examples:
      lore status
      lore status --set training.epochs=1
      lore status --json | jq '.[] | select(.state != "up to date")'
    """
    print_status(session, session.settings(assignments), as_json=as_json)


@click.command()
@set_option
@json_option
@with_session
def plan(session: Session, assignments: tuple[str, ...], as_json: bool) -> None:
    """Show what a training would do before it costs anything.

    \b
    Examples:
      lore plan
      lore plan --set training.base=Qwen/Qwen3-0.6B
    """
    from lorewright.stages.plan import make_plan

    made = make_plan(session.workspace, session.settings(assignments), session.reporter)
    if as_json:
        click.echo(json.dumps(made, indent=2, ensure_ascii=False))
        return
    for label, value in made.items():
        session.console.print(f"[bold]{label:<12}[/bold] {value}", soft_wrap=True)
    look = "lore generate --preview 5, then " if "generate" in made["due"] else ""
    session.console.print(f"[cyan]next:[/cyan] {look}lore run --train")


def print_status(session: Session, settings: "Settings", *, as_json: bool, only: str = "") -> None:
    """Print the table of stages; with `only`, the way to that stage."""
    from lorewright.stages.road import closure
    from lorewright.stages.road import status as road_status

    rows = [
        row
        for row in road_status(session.workspace, settings)
        if not only or row.name in closure(only, settings)
    ]
    if as_json:
        click.echo(json.dumps([_plain(row) for row in rows], indent=2, ensure_ascii=False))
        return
    _print_rows(session, rows)


def _print_rows(session: Session, rows: "list[StepStatus]") -> None:
    from rich.table import Table

    from lorewright.stages.road import STEPS

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("stage", "state", "what there is", "why, and what it would take"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        colour = _COLOURS[row.state]
        there = STEPS[row.name].summary(row.run) if row.run else ""
        cost = f" (about {row.minutes:,.1f} min)" if row.minutes is not None else ""
        table.add_row(row.name, f"[{colour}]{row.state}[/{colour}]", there, row.why + cost)
    session.console.print(table)
    due = [row for row in rows if row.state in {"stale", "never run"}]
    if all(row.state == "up to date" for row in rows):
        session.console.print("[green]Everything is up to date.[/green]")
    elif due:
        session.console.print(f"[cyan]next:[/cyan] {_next(due)}")


def _next(due: "Sequence[StepStatus]") -> str:
    from lorewright.stages.road import ASKING

    first = due[0]
    if first.costly and first.name in ASKING:
        return f"lore {first.name} --dry-run, then lore {first.name}"
    return "lore run --train" if all(row.costly for row in due) else "lore run"


def _plain(row: "StepStatus") -> dict[str, object]:
    return {
        "stage": row.name,
        "state": row.state,
        "run": row.run.id if row.run else None,
        "why": row.why,
        "costly": row.costly,
        "minutes": row.minutes,
    }
