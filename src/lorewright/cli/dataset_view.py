"""Datasets and their versions on the terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.core.records import Run
    from lorewright.stages.dataset_versions import Version


def print_made(console: "Console", run: "Run", version: "Version") -> None:
    """Print what a person must know of a run of dataset, and where its version lies."""
    from lorewright.stages.dataset import FEW

    made = run.metrics
    if made["sets"]["train"] < FEW:
        console.print(
            f"  [yellow]{made['sets']['train']:,} training examples are few[/yellow]: below {FEW} expect a model to "
            "learn the form of answers, not what they say",
            soft_wrap=True,
        )
    leaks = ", ".join(f"{name} {count:,}" for name, count in made["leakage"].items())
    colour = "red" if any(made["leakage"].values()) else "dim"
    told = f"shared with training and forbidden: {safe(leaks)} (lore cat dataset --file leakage)"
    console.print(f"  [{colour}]{told}[/{colour}]", soft_wrap=True)
    if made["filled"]:
        filled = ", ".join(f"{what} to {side}" for what, side in made["filled"].items())
        console.print(f"  [yellow]filled against the draw[/yellow] {safe(filled)}", soft_wrap=True)
    _print_questions(console, made["questions"])
    state = "[green]new[/green]" if version.fresh else "[dim]nothing changed[/dim]"
    console.print(f"  [bold]{version.label}[/bold] {state}  {safe(str(version.folder))}", soft_wrap=True)


def _print_questions(console: "Console", told: "Mapping[str, Any]") -> None:
    lost = {question: ", ".join(places) for question, *places in told["lost"]}
    for question, reason in told["untested"]:
        where = f": {lost.pop(question)}" if question in lost else ""
        console.print(f"  [yellow]not tested[/yellow] {safe(f'{question}: {reason}{where}')}", soft_wrap=True)
    for question, places in lost.items():
        console.print(f"  [yellow]lost place[/yellow] {safe(f'{question}: {places}')}", soft_wrap=True)


def print_versions(console: "Console", found: "Sequence[tuple[Version, Sequence[str]]]") -> None:
    """Print one line a version, and the files that somebody changed since it was made."""
    if not found:
        console.print(
            "No version yet: `lore dataset` makes one of a project, `lore dataset import FILE` of a file."
        )
        return
    for one, changed in found:
        sets = ", ".join(f"{rows:,} {name}" for name, rows in one.counts.items() if rows)
        made = str(one.facts.get("made_at", ""))[:16].replace("T", " ")
        console.print(
            f"[bold]{safe(one.label)}[/bold]  {sets or 'no rows'}  [dim]{made}[/dim]", soft_wrap=True
        )
        if changed:
            console.print(f"  [yellow]changed since[/yellow] {safe(', '.join(changed))}", soft_wrap=True)


def print_card(console: "Console", version: "Version", changed: "Sequence[str]") -> None:
    """Print the card of a version as Markdown, without the part that only programs read."""
    from rich.markdown import Markdown

    from lorewright.core.printable import printable
    from lorewright.stages.dataset_versions import CARD

    path = version.folder / CARD
    text = path.read_text(encoding="utf-8") if path.is_file() else "This version has no card."
    body = text.split("\n---\n", 1)[1] if text.startswith("---\n") and "\n---\n" in text else text
    console.print(Markdown(printable(body)))
    console.print(f"\n[dim]{safe(str(version.folder))}[/dim]", soft_wrap=True)
    if changed:
        console.print(f"[yellow]changed since it was made:[/yellow] {safe(', '.join(changed))}")
