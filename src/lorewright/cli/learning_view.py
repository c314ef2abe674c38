"""`lore evaluate --learning-curve`: what it would take, a table and a bar a fraction, and what it says of more data."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.cli.session import Session
    from lorewright.evaluation.report_parts import LearningCurve
    from lorewright.stages.learning_curve import Planned
    from lorewright.stages.settings import Settings

_WIDTH = 30


def as_fractions(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> tuple[float, ...] | None:
    """Return the numbers of `0.1,0.5,1` or `[0.1, 0.5, 1]` in order, each once; None where none were given.

    Raises:
        BadParameter: One is not above 0 and up to 1.
    """
    if value is None:
        return None
    try:
        found = {float(part) for part in value.strip("[] ").split(",")}
    except ValueError:
        found = {0.0}
    if not all(0 < one <= 1 for one in found):
        message = f"{value!r} is no list of fractions above 0 and up to 1, such as 0.1,0.25,0.5,1"
        raise click.BadParameter(message)
    return tuple(sorted(found))


def show_curve(
    session: "Session",
    settings: "Settings",
    fractions: Sequence[float],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print what the curve would take, then make it and print it."""
    from lorewright.stages.learning_curve import curves, make_curve, plan_curve

    planned = plan_curve(session.workspace, settings, session.reporter, fractions)
    if dry_run and as_json:
        click.echo(json.dumps([asdict(one) for one in planned], indent=2))
        return
    if not as_json and (dry_run or not all(one.there for one in planned)):
        _print_plan(session.console, planned)
    if dry_run:
        given = ",".join(f"{one:g}" for one in fractions)
        session.console.print(f"[cyan]next:[/cyan] lore evaluate --learning-curve {given}", highlight=False)
        return
    points = make_curve(session.workspace, settings, session.reporter, fractions)
    found = curves(session.workspace, points)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        print_curve(session.console, one)
    session.console.print()
    session.console.print(
        "[dim]Each fraction was trained once: intervals hold the chance of the questions, not that of training.[/dim]"
    )
    session.console.print("[cyan]next:[/cyan] lore evaluate, whose report shows this curve", highlight=False)


def _print_plan(console: "Console", planned: "Sequence[Planned]") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("of the data", "examples", "training"):
        table.add_column(name, justify="right")
    for one in planned:
        minutes = (
            "not known before the base is there" if one.minutes is None else f"about {one.minutes:,.1f} min"
        )
        table.add_row(f"{one.fraction:.0%}", f"{one.examples:,}", "done" if one.there else minutes)
    console.print(table)
    known = [one.minutes for one in planned if one.minutes is not None]
    if all(one.there for one in planned):
        console.print("all of it is made already", highlight=False)
    elif len(known) == len(planned):
        console.print(
            f"about {sum(known):,.1f} minutes of training, and then the test questions", highlight=False
        )


def print_curve(console: "Console", curve: "LearningCurve") -> None:
    """Print a line a fraction, with its score as a number and as a bar, and what the last step says."""
    from rich.table import Table

    from lorewright.evaluation.wording import metric_name, number, range_words, system_name, test_set_words

    console.print()
    title = f"{curve.task} on {test_set_words(curve.test_set)}: {system_name(curve.system)}"
    console.print(f"[bold]{safe(title)}[/bold]")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("examples", metric_name(curve.metric), "95% interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    most = max([point.score.mean for point in curve.points], default=0.0) or 1.0
    for point in curve.points:
        bar = "█" * round(_WIDTH * point.score.mean / most)
        table.add_row(
            f"{point.examples:,}", number(point.score.mean), range_words(point.score), f"[cyan]{bar}[/cyan]"
        )
    console.print(table)
    console.print(f"  {curve.words}", markup=False)
