"""`lore evaluate`: which system is worth having, with what it would cost to find out."""

import json
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lorewright.cli.failures import EXIT_GATE
from lorewright.cli.gate_view import print_afterwards, print_report, update_baselines
from lorewright.cli.learning_view import as_fractions
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
@click.option(
    "--learning-curve",
    "fractions",
    callback=as_fractions,
    is_flag=False,
    flag_value="0.1,0.25,0.5,1",
    metavar="[FRACTIONS]",
    help="Instead, train on fractions of the examples (0.1,0.25,0.5,1) and see whether more data would help.",
)
@click.option(
    "--update-baselines",
    "update",
    is_flag=True,
    help="Write what the tuned model scored into evaluation.gate.baselines, before the gate is checked.",
)
@set_option
@json_option
@with_session
def evaluate(
    session: Session,
    dry_run: bool,
    rate: int | None,
    fractions: tuple[float, ...] | None,
    update: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare the trained model with its base, with retrieval and with simple rules; write report.html.

    Other models are compared where evaluation.systems names them: PROVIDER/MODEL, or own/RUN for an earlier version
    of this project's model, both with +rag behind them if they are to be shown passages. Each answer is kept, so that
    a stopped evaluation goes on where it was, and nobody is asked twice.

    A model marks the answers where evaluation.judge.model names one. How far it and every metric agree with people is
    told wherever people rated answers: --rate writes a sheet for that.

    Where evaluation.gate asks something of the model, its checks are printed, and the command exits with 3 if one does
    not hold. evaluation.forgetting measures whether the tuned model still knows what its base knew.

    \b
    Examples:
      lore evaluate
      lore evaluate --set evaluation.gate.min_gain=0.02
      lore evaluate --update-baselines --dry-run
      lore evaluate --learning-curve 0.1,0.25,0.5 --dry-run
      lore evaluate --set 'evaluation.systems=["tuned", "tuned+rag", "retrieval"]'
      lore evaluate --set 'evaluation.systems=["tuned", "ollama/qwen3:8b+rag"]' --dry-run
      lore evaluate --set evaluation.judge.model=ollama/qwen3:8b --dry-run
      lore evaluate --rate 40
      lore cat evaluate --file predictions | jq -r 'select(.error != "") | .error'
    """
    settings = session.settings(assignments)
    if fractions:
        from lorewright.cli.learning_view import show_curve

        if rate or update:
            raise click.UsageError("--learning-curve goes with neither --rate nor --update-baselines.")
        show_curve(session, settings, fractions, dry_run=dry_run, as_json=as_json)
        return
    if dry_run:
        if update and (there := _up_to_date(session, settings)):
            update_baselines(session, settings, there, dry_run=True, as_json=as_json)
            return
        _show_plan(session, settings, assignments, as_json=as_json)
        return
    runs = bring_and_tell(session, settings, "evaluate", asked=("evaluate",), quiet=as_json or bool(rate))
    if rate:
        _write_sheet(session, settings, runs["evaluate"], rate, as_json=as_json)
        return
    _tell(session, settings, runs["evaluate"], update=update, as_json=as_json)


def _tell(session: Session, settings: "Settings", run: "Run", *, update: bool, as_json: bool) -> None:
    """Print verdicts, and what was asked about the evaluation afterwards; exit with 3 if the gate is not passed."""
    from lorewright.cli.verdict_view import print_verdicts
    from lorewright.stages.report import make_report, read_gate

    if not as_json:
        print_verdicts(session, run)
        for told in run.metrics["agreement"]:
            session.console.print(told, markup=False, highlight=False)
    if update:
        update_baselines(session, settings, run, dry_run=False, as_json=as_json)
    reported = make_report(session.workspace, settings, run, session.reporter)
    gate = read_gate(session.workspace, reported) if reported else None
    if as_json:
        found = {"gate": {**asdict(gate), "passed": gate.passed}} if gate else {}
        click.echo(json.dumps({**run.model_dump(mode="json"), **found}, indent=2, ensure_ascii=False))
    elif reported:
        print_report(session, reported, gate)
    if gate and not gate.passed:
        raise SystemExit(EXIT_GATE)
    if not as_json:
        session.console.print(f"[cyan]next:[/cyan] {NEXT['evaluate']}", highlight=False)


def _up_to_date(session: Session, settings: "Settings") -> "Run | None":
    """Return the evaluation of these settings, if it is made."""
    from lorewright.stages.road import status

    row = next(one for one in status(session.workspace, settings) if one.name == "evaluate")
    return row.run if row.state == "up to date" else None


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
        if not as_json:
            print_afterwards(session.console, settings)
        return
    plans = plan_evaluation(session.workspace, settings, session.reporter)
    if as_json:
        click.echo(json.dumps([plan.model_dump(mode="json") for plan in plans], indent=2, ensure_ascii=False))
        return
    for plan in plans:
        rows = [model_row(plan), calls_row(plan, none="nothing is asked of it"), *cost_rows(plan)]
        print_rows(session.console, rows, plan.notes)
    print_afterwards(session.console, settings)
    same = "".join(f" --set {shlex.quote(one)}" for one in assignments)
    session.console.print(f"[cyan]next:[/cyan] lore evaluate{same}", highlight=False, markup=True)
