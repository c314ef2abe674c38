"""`lore ingest --report` on the terminal."""

from typing import TYPE_CHECKING

from lorewright.core.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.stages.ingest_report import IngestReport


def print_report(console: "Console", report: "IngestReport") -> None:
    """Print what an ingest did: kinds, reasons, slowest files, sources."""
    console.print(
        f"[bold]{report.files:,} files[/bold] = {report.documents:,} read + {report.rejected:,} rejected"
        f"  [dim]run {report.run_id}[/dim]"
    )
    moved = (
        ""
        if report.changes["added"] == report.files
        else ", ".join(f"{count:,} {change}" for change, count in report.changes.items() if count)
    )
    console.print(f"since the run before: {moved}\n" if moved else "")
    _print_kinds(console, report)
    _print_reasons(console, report)
    _print_slowest(console, report)
    _print_origins(console, report)


def _print_kinds(console: "Console", report: "IngestReport") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("kind", "files", "read", "rejected", "characters", "CPU s", "MB/CPU s"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for one in report.kinds:
        rate = f"{one.rate:,.1f}" if one.rate else ""
        rejected = f"[yellow]{one.rejected:,}[/yellow]" if one.rejected else "0"
        table.add_row(
            one.kind,
            f"{one.files:,}",
            f"{one.read:,}",
            rejected,
            f"{one.characters:,}",
            f"{one.seconds:,.2f}" if one.seconds else "",
            rate,
        )
    console.print(table)


def _print_reasons(console: "Console", report: "IngestReport") -> None:
    if not report.reasons:
        return
    console.print("\n[bold]rejected[/bold]")
    for reason in report.reasons:
        more = (
            ""
            if reason.count <= len(reason.examples)
            else f" … and {reason.count - len(reason.examples):,} more"
        )
        console.print(f"  [yellow]{reason.count:>5,}[/yellow]  {_plain(reason.reason)}")
        console.print(f"         [dim]{_plain(', '.join(reason.examples))}{more}[/dim]", soft_wrap=True)
    console.print("  [dim]all of them: lore cat ingest --file rejections[/dim]")


def _print_slowest(console: "Console", report: "IngestReport") -> None:
    if not report.slowest:
        return
    console.print("\n[bold]slowest to parse[/bold]")
    for one in report.slowest:
        console.print(f"  {one.seconds:>8.3f} s  {one.bytes:>12,} bytes  {_plain(one.name)}", soft_wrap=True)


def _print_origins(console: "Console", report: "IngestReport") -> None:
    console.print("\n[bold]sources[/bold]")
    for source in report.sources:
        commit = (
            f"  commit {source.commit[:12]}{' + changes' if source.dirty else ''}" if source.commit else ""
        )
        console.print(
            f"  {_plain(source.source)}  {source.documents:,} files  [dim]{_plain(source.location)}{commit}[/dim]",
            soft_wrap=True,
        )
    told = ", ".join(f"{licence} {count:,}" for licence, count in report.licences.items())
    console.print(f"[bold]licences[/bold]  {_plain(told)}")
    if report.dropped:
        told = ", ".join(f"{what} {count:,}" for what, count in report.dropped.items())
        console.print(f"[bold]left out as boilerplate[/bold]  {_plain(told)}")


def _plain(text: str) -> str:
    """Return what files and servers said, as one line that is neither markup nor terminal control."""
    from rich.markup import escape

    return escape(one_line(text))
