"""Two versions side by side on the terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lorewright.cli.calls_view import counted
from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line
from lorewright.evaluation.wording import metric_name, number, signed, test_set_words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from lorewright.evaluation.versions import MetricChange, SetChange
    from lorewright.stages.compare import Comparison, ExampleChange

_LONG = 400
_COLOURS = {"better": "green", "worse": "red"}


def print_comparison(console: "Console", found: "Comparison") -> None:
    """Print what changed from A to B, by task and test set, and the examples that changed most."""
    for letter, version in (("A", found.a), ("B", found.b)):
        console.print(
            f"[bold]{letter}[/bold] {safe(version.name)}  [dim]{safe(version.system)}[/dim]", soft_wrap=True
        )
    print_excluded(console, found.excluded, found.notes)
    for change in found.sets:
        _print_set(console, change)
    if not any(change.changed for change in found.sets):
        console.print("\nBoth score the same on every example.")
    elif found.examples:
        console.print(f"\n[bold]the {counted(len(found.examples), 'example')} that changed most[/bold]")
    for example in found.examples:
        _print_example(console, example)
    console.print(f"\n[cyan]next:[/cyan] {_next(found)}", highlight=False)


def print_excluded(
    console: "Console", excluded: Mapping[str, Mapping[str, int]], notes: Iterable[str]
) -> None:
    """Print which test examples are left out because a version was trained on them, and what is not known of that."""
    for test_set, ways in excluded.items():
        told = "; ".join(f"{safe(how)} ({count:,})" for how, count in ways.items())
        console.print(
            f"[yellow]left out of {test_set}:[/yellow] {counted(sum(ways.values()), 'example')} that a version was "
            f"trained on: {told}"
        )
    for note in notes:
        console.print(f"[yellow]{safe(note)}[/yellow]")


def _print_set(console: "Console", change: "SetChange") -> None:
    best = change.decisive
    console.print(
        f"\n[bold]{safe(change.task)} on {test_set_words(change.test_set)}[/bold] [dim]({change.test_set})[/dim]"
    )
    console.print(_table(change))
    colour = _COLOURS.get(best.outcome, "yellow")
    told = {"better": "B is better", "worse": "B is worse"}.get(best.outcome, best.outcome)
    games = (
        f"{counted(change.wins, 'win')}, {counted(change.losses, 'loss')}, {counted(change.ties, 'tie')} "
        f"of {best.difference.n:,}"
    )
    console.print(f"[bold {colour}]→ {told}[/bold {colour}] by {metric_name(best.metric)}: {games}")
    if best.difference.few:
        console.print(
            f"  [dim]It rests on {counted(best.difference.clusters, 'group')}: an interval is rough below 50.[/dim]"
        )


def _table(change: "SetChange") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, name in enumerate(("", "A", "B", "B − A", "95% interval", "")):
        table.add_column(name, justify="right" if 0 < place < 5 else "left", no_wrap=True)
    for place, row in enumerate(change.metrics):
        table.add_row(*_cells(row), style="bold" if place == 0 else "")
    return table


def _cells(row: "MetricChange") -> tuple[str, ...]:
    low, high = row.difference.low, row.difference.high
    ends = "–" if low is None or high is None else f"{signed(low)} to {signed(high)}"
    colour = _COLOURS.get(row.outcome, "dim")
    return (
        metric_name(row.metric),
        number(row.a.mean),
        number(row.b.mean),
        signed(row.difference.mean),
        ends,
        f"[{colour}]{row.outcome}[/{colour}]",
    )


def _print_example(console: "Console", example: "ExampleChange") -> None:
    console.print(
        f"\n  [cyan]{example.id[:8]}[/cyan] [dim]{safe(example.task)}, {example.test_set}[/dim]  "
        f"{number(example.a_value)} → {number(example.b_value)}",
        soft_wrap=True,
    )
    for label, text in (
        ("question", example.question),
        ("reference", example.reference),
        ("A", example.a),
        ("B", example.b),
    ):
        console.print(f"    [bold]{label:<9}[/bold] {_brief(text)}")


def _brief(text: str) -> str:
    line = one_line(text) or "(nothing)"
    return safe(line if len(line) <= _LONG else f"{line[:_LONG].rstrip()} …")


def _next(found: "Comparison") -> str:
    if any(one.decisive.outcome == "better" for one in found.sets):
        return "lore evaluate says whether B is worth having against retrieval and the base"
    return "lore why shows what a system saw and why an answer is wrong"
