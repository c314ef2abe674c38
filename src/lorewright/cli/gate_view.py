"""What was asked about an evaluation afterwards: the gate, what was forgotten, and the baselines file."""

import json
from typing import TYPE_CHECKING

import click

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.cli.session import Session
    from lorewright.core.records import Run
    from lorewright.evaluation.intervals import Interval
    from lorewright.evaluation.report_parts import Gate
    from lorewright.stages.evaluate_gate import Update
    from lorewright.stages.settings import Settings


def print_afterwards(console: "Console", settings: "Settings") -> None:
    """Print what would be asked about the evaluation once it is made, where the settings ask for it."""
    from lorewright.stages import forgetting

    wanted = forgetting.select(settings)
    if wanted.text:
        console.print(f"[dim]then base and tuned model read the text {safe(wanted.text)}[/dim]")
    if wanted.lm_eval_tasks:
        named = safe(", ".join(wanted.lm_eval_tasks))
        console.print(f"[dim]then both do {named}, whose data lm_eval fetches from the Hub[/dim]")
    if settings.evaluation.gate.is_set:
        console.print("[dim]then the gate is checked; exit code 3 if it is not passed[/dim]")


def print_report(session: "Session", reported: "Run", gate: "Gate | None") -> None:
    """Print what was forgotten and the gate, where they were asked for, and where the report with them is."""
    from lorewright.stages.evaluate_report import REPORT

    _print_forgetting(session, reported)
    if gate:
        _print_gate(session.console, gate)
    session.console.print()
    folder = session.workspace.run_dir(reported.stage, reported.id)
    session.console.print(f"[bold]report, with this[/bold] {folder / REPORT}", soft_wrap=True)


def _print_gate(console: "Console", gate: "Gate") -> None:
    """Print each check with its figures, and whether all hold."""
    from rich.table import Table

    console.print()
    heading = (
        "[bold green]gate passed[/bold green]" if gate.passed else "[bold red]gate not passed[/bold red]"
    )
    console.print(heading)
    table = Table.grid(padding=(0, 1))
    for check in gate.checks:
        mark = "[green]✓[/green]" if check.passed else "[red]✗[/red]"
        table.add_row("", mark, safe(check.words))
    console.print(table)


def _print_forgetting(session: "Session", reported: "Run") -> None:
    """Print losses on general text by group, and tasks of the harness, where they were measured."""
    from rich.table import Table

    from lorewright.evaluation.forgetting import perplexity
    from lorewright.stages import forgetting

    if "forgetting" not in reported.inputs:
        return
    run = session.workspace.find("forgetting", reported.inputs["forgetting"])
    if run is None:
        return
    known = forgetting.read_known(session.workspace, run)
    session.console.print()
    session.console.print("[bold]what the base knew[/bold] [dim]loss in nats a token, lower is better[/dim]")
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for name in ("base", "tuned", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    if known.text:
        for group in known.text.groups:
            change = f"{group.tuned - group.base:+.3f}"
            name = safe(group.name) or "text"
            table.add_row(name, f"{group.base:.3f}", f"{group.tuned:.3f}", change)
        before, after = known.text.base.mean, known.text.tuned.mean
        table.add_row(
            "[bold]all paragraphs[/bold]",
            f"{before:.3f}",
            f"{after:.3f}",
            _with_interval(known.text.difference),
        )
        table.add_row("perplexity", f"{perplexity(before):,.1f}", f"{perplexity(after):,.1f}", "")
    for task in known.tasks:
        name = f"{safe(task.task)} [dim]{safe(task.metric)}[/dim]"
        table.add_row(
            name, f"{task.base.mean:.3f}", f"{task.tuned.mean:.3f}", _with_interval(task.difference)
        )
    session.console.print(table)


def update_baselines(
    session: "Session", settings: "Settings", evaluated: "Run", *, dry_run: bool, as_json: bool
) -> None:
    """Write what an evaluation found into the baselines file unless it is a trial, and print what changes."""
    from lorewright.stages.evaluate_gate import plan_update, write_update
    from lorewright.stages.report import read_data

    asked = settings.evaluation.gate
    update = plan_update(session.workspace, evaluated, asked, read_data(session.workspace, evaluated))
    if not dry_run:
        write_update(update)
    if not as_json:
        _print_update(session.console, update, asked.baselines, dry_run=dry_run)
    elif dry_run:
        names = ("task", "test_set", "metric", "old", "new")
        rows = [dict(zip(names, change, strict=True)) for change in update.rows]
        click.echo(json.dumps({"path": str(update.path), "changes": rows}, indent=2, ensure_ascii=False))


def _print_update(console: "Console", update: "Update", name: str, *, dry_run: bool) -> None:
    console.print()
    if not update.rows:
        console.print(f"[dim]{safe(name)} holds these values already.[/dim]")
        return
    for task, test_set, metric, old, new in update.rows:
        was = "new" if old is None else f"{old:.3f} →"
        console.print(f"  {safe(task)}  {test_set}  {safe(metric)}  {was} [bold]{new:.3f}[/bold]")
    said = "would be written to" if dry_run else "written to"
    undo = "" if dry_run else " [dim]git diff shows it, git restore takes it back[/dim]"
    console.print(f"{len(update.rows)} values {said} {safe(name)}{undo}", soft_wrap=True)


def _with_interval(interval: "Interval") -> str:
    if interval.low is None or interval.high is None:
        return f"{interval.mean:+.3f}"
    return f"{interval.mean:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
