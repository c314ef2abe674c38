"""A document on the terminal, with the borders of its chunks."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.core.records import Chunk, Document


def print_document(console: "Console", document: "Document", chunks: Sequence["Chunk"]) -> None:
    """Print a document's text; a rule stands where a chunk begins, and text that is in no chunk is dim."""
    from rich.markup import escape

    console.print(f"[bold]{escape(document.title)}[/bold]  [dim]{document.id}[/dim]")
    licence = f", licence {document.licence}" if document.licence else ""
    console.print(
        f"[cyan]{escape(document.source)}/{escape(document.path)}[/cyan]  "
        f"[dim]{document.kind}, {len(document.text):,} characters, {len(document.blocks):,} blocks, "
        f"{len(chunks):,} chunks{escape(licence)}[/dim]",
        soft_wrap=True,
    )
    for dropped in document.metadata.get("dropped", ()):
        unit = "page" if document.source_map.unit == "page" else "line"
        console.print(f"[dim]left out: {escape(dropped_name(dropped, unit))}[/dim]")
    if not chunks:
        console.print("[yellow]No chunks of this text yet:[/yellow] lore chunk")
    for line in _lines(document, chunks):
        console.print(line, soft_wrap=True)


def dropped_name(dropped: dict[str, object], unit: str) -> str:
    """Return what was left out and where, in words."""
    first, last = dropped.get("first"), dropped.get("last")
    where = f"{unit} {first}" if first == last else f"{unit}s {first}-{last}"
    return f"{dropped.get('what')}, {where}"


def _lines(document: "Document", chunks: Sequence["Chunk"]) -> Iterator[str]:
    """Yield the text with rules; where chunks overlap, each rule stands where its chunk begins."""
    from rich.markup import escape

    text, position, reached = document.text, 0, 0
    for one in chunks:
        yield from _stretch(text, position, one.start, reached)
        position = max(position, one.start)
        repeated = f", repeats {reached - one.start:,}" if one.start < reached else ""
        mark = " " if one.place.unit == "page" else ":"
        path = escape(" › ".join(one.headings))
        yield (
            f"[green]┌─ {one.id}[/green]  [cyan]{mark.strip()}{one.place}[/cyan]  "
            f"[dim]{len(one.text):,} characters{repeated}, {one.strategy}[/dim]  {path}"
        )
        reached = max(reached, one.end)
    yield from _stretch(text, position, len(text), reached)


def _stretch(text: str, start: int, end: int, reached: int) -> Iterator[str]:
    """Yield the lines of a stretch: inside the chunks so far with a bar, behind them dim."""
    from rich.markup import escape

    inside = text[start : max(start, min(end, reached))]
    behind = text[max(start, reached) : end]
    for line in inside.rstrip("\n").split("\n") if inside.strip() else ():
        yield f"[green]│[/green] {escape(line)}"
    for line in behind.strip("\n").split("\n") if behind.strip() else ():
        yield f"[dim]  {escape(line)}[/dim]"
