"""`lore compare`: two versions of a model on the same test questions."""

import json
import shlex
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session

if TYPE_CHECKING:
    from lorewright.stages.compare import Asked


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--examples",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    help="Examples that changed most to show.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be asked and what it would cost, and ask nothing."
)
@set_option
@json_option
@with_session
def compare(
    session: Session,
    a: str,
    b: str,
    examples: int,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say whether version B answers better than version A: paired differences with 95% intervals, and examples.

    A and B are runs or refs (train/ID, evaluate/ID, models/NAME/production), own/RUN, base, or PROVIDER/MODEL; +rag
    behind one shows it passages. Both answer today's test questions, each model once: what was asked before, by
    lore evaluate too, is not asked again. Questions that a version was trained on are left out, and counted.

    \b
    Examples:
      lore compare train/3fa9c1d2 train
      lore compare base+rag own+rag
      lore compare own/3fa9c1d2 ollama/qwen3:8b --dry-run
      lore compare train/3fa9c1d2 train --json | jq '.sets[].metrics[0].outcome'
    """
    from lorewright.stages.compare import compare as compare_versions
    from lorewright.stages.compare import prepare_comparison

    settings = session.settings(assignments)
    asked = prepare_comparison(session.workspace, settings, a, b, session.reporter)
    if dry_run:
        _show_plan(session, asked, assignments, as_json=as_json)
        return
    found = compare_versions(session.workspace, asked, session.reporter, examples=examples)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    from lorewright.cli.compare_view import print_comparison

    print_comparison(session.console, found)


def _show_plan(session: Session, asked: "Asked", assignments: tuple[str, ...], *, as_json: bool) -> None:
    from lorewright.cli.calls_view import calls_row, cost_rows, model_row, print_rows
    from lorewright.cli.compare_view import print_excluded
    from lorewright.cli.record_view import safe
    from lorewright.stages.compare import plan_comparison

    plans = plan_comparison(session.workspace, asked)
    if as_json:
        click.echo(json.dumps([plan.model_dump(mode="json") for plan in plans], indent=2, ensure_ascii=False))
        return
    for plan in plans:
        rows = [model_row(plan), calls_row(plan, none="nothing is asked of it"), *cost_rows(plan)]
        print_rows(session.console, rows, plan.notes)
    print_excluded(session.console, asked.excluded, asked.notes)
    same = [asked.a.name, asked.b.name, *(word for one in assignments for word in ("--set", one))]
    session.console.print(f"[cyan]next:[/cyan] lore compare {safe(shlex.join(same))}", soft_wrap=True)
