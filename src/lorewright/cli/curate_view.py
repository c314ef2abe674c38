"""A curation, one example's filters, and coverage on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lorewright.cli.calls_view import calls_row, cost_rows, model_row, print_outcomes, print_rows
from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

    from lorewright.core.records import Run
    from lorewright.curation.coverage import Coverage, Unit
    from lorewright.curation.report import CurateReport
    from lorewright.pages.funnel import FunnelStep, LeftOut, Reason
    from lorewright.stages.curate_explain import Explained, Opinion
    from lorewright.stages.curate_plan import JudgePlan

_BAR = 24
_LONG = 150
_GAPS = 15


def print_plan(console: "Console", plan: "JudgePlan", options: str) -> None:
    """Print what a judge would be asked, use, cost and take; `options` are those that the command was given."""
    rows = [
        model_row(plan),
        ("rubric", safe(plan.rubric)),
        ("examples", f"{plan.examples:,} to score"),
        *([("edits", f"{plan.pairs:,} to compare, in both orders")] if plan.pairs else []),
        *([("not judged", f"{plan.unasked:,} without evidence that it may see")] if plan.unasked else []),
        calls_row(plan, none="nothing is left to judge"),
        *cost_rows(plan),
    ]
    print_rows(console, rows, plan.notes)
    console.print(f"[cyan]next:[/cyan] lore curate{safe(options)}", highlight=False, soft_wrap=True)


def print_made(console: "Console", run: "Run") -> None:
    """Print what a run of curate left out, by filter, and where to look."""
    print_outcomes(console, run.metrics, stage="curate")
    left_out = run.metrics["by_filter"]
    for name, count in list(left_out.items())[:6]:
        console.print(f"  [yellow]{count:>7,}[/yellow]  {safe(name)}")
    if left_out:
        console.print("[dim]  examples of each: lore curate --report[/dim]")
    if not run.metrics["examples"]:
        console.print("[yellow]Nothing is left.[/yellow]")


def print_report(console: "Console", report: "CurateReport") -> None:
    """Print the funnel with ten examples of each reason, and what the examples are about."""
    for step in report.steps:
        _print_step(console, step)
    tasks = ", ".join(f"{count:,} {safe(task)}" for task, count in report.by_task.items())
    console.print(f"[bold]kept[/bold] {tasks or 'nothing'}")
    if report.accepted:
        console.print(f"[dim]{report.accepted:,} of them were accepted by people[/dim]")
    if report.judged:
        console.print(f"[bold]judge[/bold] {safe(report.judged)}")
    console.print()
    print_coverage(console, report.coverage, gaps=report.gaps, shown=5)
    if report.edge_cases:
        told = f"{len(report.edge_cases)} edge cases are set aside for people: lore review"
        console.print(f"\n[cyan]next:[/cyan] {told}", highlight=False)


def _print_step(console: "Console", step: "FunnelStep") -> None:
    filled = round(_BAR * step.share)
    bar = f"[green]{'█' * filled}[/green][dim]{'░' * (_BAR - filled)}[/dim]"
    console.print(
        f"[bold]{safe(step.stage):<9}[/bold] {bar} {step.kept:,} of {step.came_in:,} {safe(step.records)} kept "
        f"[dim]({step.share:.1%})[/dim]"
    )
    for reason in step.reasons:
        _print_reason(console, reason, step.came_in)
    console.print()


def _print_reason(console: "Console", reason: "Reason", came_in: int) -> None:
    wanted = f"  [dim]wanted: {safe(reason.wants)}[/dim]" if reason.wants else ""
    share = reason.count / came_in if came_in else 0.0
    console.print(
        f"\n  [yellow]{reason.count:>6,}[/yellow] [bold]{safe(reason.filter)}[/bold] {share:.1%}{wanted}"
    )
    if reason.shown:
        console.print(_left_out(reason.shown))


def _left_out(shown: "Sequence[LeftOut]") -> "Padding":
    from rich.padding import Padding
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for one in shown:
        lines = [safe(_brief(one.name))]
        if one.answer:
            lines.append(f"[dim]→ {safe(_brief(one.answer))}[/dim]")
        lines.append(f"[yellow]{safe(_brief(one.reason))}[/yellow]")
        if one.twin_name:
            lines.append(f"[dim]twin {one.twin[:8]}: {safe(_brief(one.twin_name))}[/dim]")
        table.add_row(one.id[:8], "\n".join(lines))
    return Padding(table, (0, 0, 0, 4))


def print_explained(console: "Console", told: "Explained") -> None:
    """Print one example with what each filter says and what became of it."""
    console.print(f"[bold]example[/bold] {told.id}  [dim]{safe(told.task)}, {safe(told.origin)}[/dim]")
    for turn in told.messages:
        console.print(f"[bold]{turn.role:<9}[/bold] {safe(turn.content)}")
    for piece in told.evidence:
        mark = " " if piece.place and piece.place.unit == "page" else ":"
        where = f"{piece.path}{mark}{piece.place}" if piece.place else "its passage is gone"
        console.print(f"[bold]evidence[/bold]  [cyan]{safe(where)}[/cyan]")
        for line in piece.quote.splitlines():
            console.print(f"  [green]│[/green] {safe(line)}")
    console.print()
    for opinion in told.opinions:
        console.print(_opinion(opinion), soft_wrap=True)
    if told.judgement:
        score = "no score" if told.judgement.score is None else f"score {told.judgement.score:.2f}"
        said = told.judgement.explanation or told.judgement.problem
        console.print(f"[bold]judge[/bold] {score}  {safe(one_line(said))}")
    if told.decision:
        console.print(f"[bold]review[/bold] {safe(told.decision)}")
    _print_outcome(console, told)


def _opinion(opinion: "Opinion") -> str:
    name = f"{safe(opinion.filter):<11}"
    if not opinion.asked:
        return f"[dim]·  {name} switched off (curation.off)[/dim]"
    if opinion.reason:
        return f"[red]✗[/red]  [bold]{name}[/bold] {safe(one_line(opinion.reason))}"
    return f"[green]✓[/green]  {name} [dim]{safe(opinion.wants)}[/dim]"


def _print_outcome(console: "Console", told: "Explained") -> None:
    if told.outcome == "kept":
        console.print("\n[green]kept[/green]", highlight=False)
        return
    console.print(
        f"\n[red]rejected[/red] by {safe(told.filter)}: {safe(one_line(told.reason))}", soft_wrap=True
    )
    if told.twin:
        console.print(f"[bold]twin[/bold] {told.twin.id}")
        console.print(f"  {safe(_brief(told.twin.prompt))}")
        console.print(f"  [dim]→ {safe(_brief(told.twin.messages[-1].content))}[/dim]")
    console.print(f"[cyan]next:[/cyan] to keep it all the same: lore review accept {told.id[:8]}")


def print_coverage(
    console: "Console", covered: "Coverage", *, gaps: int | None = None, shown: int = _GAPS
) -> None:
    """Print how much of the documents the examples are about, and the largest gaps."""
    from rich.table import Table

    from lorewright.curation.report import level_words

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(f"{covered.examples:,} examples")
    for name in ("all", "with an example", "share of their text"):
        table.add_column(name, justify="right")
    for one in covered.levels:
        share = one.covered_characters / one.characters if one.characters else 0.0
        table.add_row(level_words(one.level), f"{one.units:,}", f"{one.covered:,}", f"{share:.0%}")
    console.print(table)
    total = len(covered.gaps) if gaps is None else gaps
    if not total:
        console.print("[green]Everything has an example.[/green]")
        return
    console.print(f"\n[bold]largest of {total:,} without an example[/bold]")
    for gap in covered.gaps[:shown]:
        console.print(_gap(gap), soft_wrap=True)
    if total > shown:
        console.print(f"  [dim]… {total - shown:,} more: lore coverage --limit {total}[/dim]")


def _gap(gap: "Unit") -> str:
    mark = " p. " if gap.place.unit == "page" else ":"
    where = safe(one_line(f"{gap.path}{mark}{gap.place.first}"))
    return f"  [yellow]{gap.characters:>8,}[/yellow]  {gap.level:<8}  [cyan]{where}[/cyan]  {safe(one_line(gap.name))}"


def _brief(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONG else f"{line[:_LONG]} …"
