"""What differs between two versions of a dataset, on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.datasets.diff import Difference, Differences

_LONG = 150


def print_differences(console: "Console", before: str, after: str, found: "Differences") -> None:
    """Print counts first, then ten examples of each sort of difference."""
    console.print(
        f"[bold]{safe(before)}[/bold] → [bold]{safe(after)}[/bold]  [dim]{found.same:,} the same[/dim]"
    )
    _print_pairs(console, "settings", found.settings)
    _print_pairs(console, "left out by filters", found.filters)
    for title, counts in found.counts.items():
        _print_pairs(console, f"examples by {title}", counts)
    for title, colour, members in (
        ("added", "green", found.added),
        ("removed", "red", found.removed),
        ("moved", "yellow", found.moved),
        ("changed", "cyan", found.changed),
    ):
        _print_members(console, title, colour, members)
    if found.equal:
        console.print("[green]No example differs.[/green]")


def _print_pairs(console: "Console", title: str, pairs: object) -> None:
    if not isinstance(pairs, dict) or not pairs:
        return
    console.print(f"\n[bold]{title}[/bold]")
    for name, (before, after) in pairs.items():
        change = f"[dim]{after - before:+,}[/dim]" if _are_counts(before, after) else ""
        told = f"{safe(_value(before))} → {safe(_value(after))}"
        console.print(f"  {safe(name) or 'none':<28} {told}  {change}".rstrip(), soft_wrap=True)


def _are_counts(*values: object) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def _value(value: object) -> str:
    if value is None:
        return "not set"
    return f"{value:,}" if _are_counts(value) else str(value)


def _print_members(console: "Console", title: str, colour: str, members: "Sequence[Difference]") -> None:
    from lorewright.datasets.diff import SHOWN

    if not members:
        return
    console.print(f"\n[{colour}]{len(members):>6,}[/{colour}] [bold]{title}[/bold]")
    for one in members[:SHOWN]:
        where = " → ".join(name for name in (one.before, one.after) if name)
        console.print(f"    [dim]{one.id[:8]}[/dim]  {safe(_brief(one.question))}  [dim]{safe(where)}[/dim]")
        if one.answer_before:
            console.print(f"              [red]-[/red] {safe(_brief(one.answer_before))}")
            console.print(f"              [green]+[/green] {safe(_brief(one.answer))}")
    if len(members) > SHOWN:
        console.print(f"    [dim]… {len(members) - SHOWN:,} more: --json[/dim]")


def _brief(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONG else f"{line[:_LONG]} …"
