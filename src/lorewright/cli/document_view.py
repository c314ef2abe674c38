"""A document on the terminal, with the borders of its chunks."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lorewright.core.printable import one_line, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from lorewright.core.records import Chunk, Document


def print_document(console: "Console", document: "Document", chunks: Sequence["Chunk"]) -> None:
    """Print a document's text; a rule stands where a chunk begins, and text that is in no chunk is dim."""
    from rich.text import Text

    licence = f", licence {one_line(document.licence)}" if document.licence else ""
    figures = (
        f"{document.kind}, {len(document.text):,} characters, {len(document.blocks):,} blocks, "
        f"{len(chunks):,} chunks{licence}"
    )
    where = one_line(f"{document.source}/{document.path}")
    console.print(Text.assemble((one_line(document.title), "bold"), "  ", (document.id, "dim")))
    console.print(Text.assemble((where, "cyan"), "  ", (figures, "dim")), soft_wrap=True)
    for dropped in document.metadata.get("dropped", ()):
        unit = "page" if document.source_map.unit == "page" else "line"
        console.print(Text(f"left out: {one_line(dropped_name(dropped, unit))}", "dim"))
    if not chunks:
        console.print("[yellow]No chunks of this text yet:[/yellow] lore chunk")
    for line in _lines(document, chunks):
        console.print(line, soft_wrap=True)


def dropped_name(dropped: dict[str, object], unit: str) -> str:
    """Return what was left out and where, in words."""
    first, last = dropped.get("first"), dropped.get("last")
    where = f"{unit} {first}" if first == last else f"{unit}s {first}-{last}"
    return f"{dropped.get('what')}, {where}"


def _lines(document: "Document", chunks: Sequence["Chunk"]) -> Iterator["Text"]:
    """Yield the text with rules; where chunks overlap, each rule stands where its chunk begins."""
    from rich.text import Text

    text, position, reached = document.text, 0, 0
    for one in chunks:
        yield from _stretch(text, position, one.start, reached)
        position = max(position, one.start)
        repeated = f", repeats {reached - one.start:,}" if one.start < reached else ""
        mark = "" if one.place.unit == "page" else ":"
        yield Text.assemble(
            (f"┌─ {one.id}", "green"),
            (f"  {mark}{one.place}", "cyan"),
            (f"  {len(one.text):,} characters{repeated}, {one.strategy}", "dim"),
            f"  {one_line(' › '.join(one.headings))}",
        )
        reached = max(reached, one.end)
    yield from _stretch(text, position, len(text), reached)


def _stretch(text: str, start: int, end: int, reached: int) -> Iterator["Text"]:
    """Yield the lines of a stretch: inside the chunks so far with a bar, behind them dim."""
    from rich.text import Text

    inside = text[start : max(start, min(end, reached))]
    behind = text[max(start, reached) : end]
    for line in inside.rstrip("\n").split("\n") if inside.strip() else ():
        yield Text.assemble(("│ ", "green"), printable(line))
    for line in behind.strip("\n").split("\n") if behind.strip() else ():
        yield Text(f"  {printable(line)}", "dim")
