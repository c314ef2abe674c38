"""The line that says what to type next."""

from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from rich.console import Console


def print_next(console: "Console", line: str) -> None:
    """Print what to type next, on one line however wide the terminal is, so that it can be copied."""
    console.print(f"[cyan]next:[/cyan] {safe(line)}", highlight=False, soft_wrap=True)
