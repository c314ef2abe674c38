"""Records and traces on the terminal."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.stages.trace import Origin, Trace

_LONG = 1200


def print_record(console: "Console", record: dict[str, Any]) -> None:
    """Print a record field by field; long values are cut, and how to see all is said."""
    cut = False
    for name, value in record.items():
        shown = _shown(value)
        cut = cut or len(shown) > _LONG
        console.print(f"[bold]{name:<12}[/bold] {safe(shown[:_LONG])}{' …' if len(shown) > _LONG else ''}")
    if cut:
        console.print("[dim]… is cut; all of it: --json[/dim]")


def print_trace(console: "Console", traced: "Trace") -> None:
    """Print where an example came from, from the question down to the settings."""
    example = traced.example
    console.print(
        f"[bold]example[/bold]  {example.id}  [dim]{example.task}, {example.origin}, in {traced.artefact}[/dim]"
    )
    for turn in example.messages:
        console.print(f"[bold]{turn.role:<9}[/bold] {safe(turn.content[:_LONG])}")
    console.print()
    for number, origin in enumerate(traced.origins, 1):
        _print_origin(console, number, origin)
    if not traced.origins:
        console.print(
            "[yellow]The runs that held its source are gone (lore gc), or it was imported without evidence.[/yellow]"
        )
    console.print("[bold]made by[/bold]")
    for run in traced.lineage:
        finished = run.finished_at.strftime("%Y-%m-%d %H:%M")
        console.print(
            f"  {run.stage:<9} {run.id}  [dim]{finished}  {safe(_brief(run.settings))}[/dim]",
            soft_wrap=True,
        )


def _print_origin(console: "Console", number: int, origin: "Origin") -> None:
    mark = " " if origin.place.unit == "page" else ":"
    commit = f"  commit {origin.commit[:12]}" if origin.commit else ""
    console.print(
        f"[bold]evidence {number}[/bold]  [cyan]{safe(origin.path)}{mark}{origin.place}[/cyan]"
        f"  [dim]{safe(origin.source)} in {safe(origin.location)}{commit}[/dim]",
        soft_wrap=True,
    )
    if origin.headings:
        console.print(f"  [dim]{safe(' › '.join(origin.headings))}[/dim]")
    for line in origin.evidence.quote[:_LONG].splitlines():
        console.print(f"  [green]│[/green] {safe(line)}")
    console.print()


def safe(text: str) -> str:
    """Return a document's words as the terminal may show them: no markup, no control characters."""
    from rich.markup import escape

    from lorewright.core.printable import printable

    return escape(printable(text))


def _shown(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _brief(settings: dict[str, Any]) -> str:
    import json

    text = json.dumps(settings, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."
