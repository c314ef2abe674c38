"""`lore evaluate`: which system is worth having, with what it would cost to find out."""

import json
import shlex
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session
from lorewright.cli.stages import NEXT, bring_and_tell

if TYPE_CHECKING:
    from lorewright.core.records import Run
    from lorewright.stages.settings import Settings


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Show what would run, with other models their calls and their price."
)
@click.option(
    "--rate",
    type=click.IntRange(min=1),
    metavar="N",
    help="Write N answers into evaluation.ratings, for people to rate without knowing whose they are.",
)
@set_option
@json_option
@with_session
def evaluate(
    session: Session, dry_run: bool, rate: int | None, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Compare the trained model with its base, with retrieval and with simple rules; write report.html.

    Other models are compared where evaluation.systems names them: PROVIDER/MODEL, or own/RUN for an earlier version
    of this project's model, both with +rag behind them if they are to be shown passages. Each answer is kept, so that
    a stopped evaluation goes on where it was, and nobody is asked twice.

    A model marks the answers where evaluation.judge.model names one. How far it and every metric agree with people is
    told wherever people rated answers: --rate writes a sheet for that.

    \b
    Examples:
      lore evaluate
      lore evaluate --set 'evaluation.systems=["tuned", "tuned+rag", "retrieval"]'
      lore evaluate --set 'evaluation.systems=["tuned", "ollama/qwen3:8b+rag"]' --dry-run
      lore evaluate --set evaluation.judge.model=ollama/qwen3:8b --dry-run
      lore evaluate --rate 40
      lore cat evaluate --file predictions | jq -r 'select(.error != "") | .error'
    """
    settings = session.settings(assignments)
    if dry_run:
        _show_plan(session, settings, assignments, as_json=as_json)
        return
    runs = bring_and_tell(session, settings, "evaluate", asked=("evaluate",), quiet=as_json or bool(rate))
    if rate:
        _write_sheet(session, settings, runs["evaluate"], rate, as_json=as_json)
        return
    if as_json:
        click.echo(json.dumps(runs["evaluate"].model_dump(mode="json"), indent=2, ensure_ascii=False))
        return
    from lorewright.cli.verdict_view import print_verdicts

    print_verdicts(session, runs["evaluate"])
    for told in runs["evaluate"].metrics["agreement"]:
        session.console.print(told, markup=False, highlight=False)
    session.console.print(f"[cyan]next:[/cyan] {NEXT['evaluate']}", highlight=False)


def _write_sheet(session: Session, settings: "Settings", run: "Run", count: int, *, as_json: bool) -> None:
    """Write answers for people to rate, and tell how."""
    from rich.markup import escape

    from lorewright.stages.evaluate import PREDICTIONS
    from lorewright.stages.evaluate_ratings import write_sheet

    sheet = write_sheet(session.workspace, run, PREDICTIONS, settings.evaluation.ratings, count=count)
    if as_json:
        click.echo(json.dumps({**sheet._asdict(), "path": str(sheet.path)}, indent=2, ensure_ascii=False))
        return
    session.console.print(
        f"{sheet.answers:,} answers in {escape(str(sheet.path))}: {sheet.added:,} added, {sheet.rated:,} rated.",
        soft_wrap=True,
    )
    session.console.print(
        "Write a number from 1 (worthless) to 5 (right and complete) into the column rating."
    )
    session.console.print("[cyan]next:[/cyan] lore evaluate", highlight=False)


def _show_plan(
    session: Session, settings: "Settings", assignments: tuple[str, ...], *, as_json: bool
) -> None:
    """Print the way to the verdict, and where other models are compared with, what asking them would take."""
    from lorewright.cli.calls_view import calls_row, cost_rows, model_row, print_rows
    from lorewright.cli.road import print_status
    from lorewright.stages.evaluate_ahead import asks_others, plan_evaluation

    if not asks_others(settings):
        print_status(session, settings, as_json=as_json, only="evaluate")
        return
    plans = plan_evaluation(session.workspace, settings, session.reporter)
    if as_json:
        click.echo(json.dumps([plan.model_dump(mode="json") for plan in plans], indent=2, ensure_ascii=False))
        return
    for plan in plans:
        rows = [model_row(plan), calls_row(plan, none="nothing is asked of it"), *cost_rows(plan)]
        print_rows(session.console, rows, plan.notes)
    same = "".join(f" --set {shlex.quote(one)}" for one in assignments)
    session.console.print(f"[cyan]next:[/cyan] lore evaluate{same}", highlight=False, markup=True)
