"""Progress on standard error: a bar with rate and ETA on a terminal, now and then a line elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lorewright.core.progress import Tick

_LINE_EVERY_S = 15.0
_QUIET_S = 2.0


class _Rate(ProgressColumn):
    """Units a second, where nothing else is told."""

    def render(self, task: Task) -> Text:
        """Return the rate, empty until it is known and beside a note."""
        if task.fields["note"]:
            return Text("")
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} {task.fields['unit']}/s" if speed else "", style="dim")


class TerminalReporter:
    """Shows the work that goes on. Nothing of it reaches standard output."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def task(self, label: str, *, total: int | None, unit: str, done: int = 0) -> Iterator[Tick]:
        """Show one piece of work while the block runs."""
        if self._console.is_terminal:
            with self._bar() as progress:
                task = progress.add_task(label, total=total, completed=done, unit=unit, note="")

                def tick(units: int, note: str = "") -> None:
                    if note:
                        progress.update(task, note=note)
                    progress.advance(task, units)

                yield tick
        else:
            yield _Lines(self._console, label, total, unit, done).tick

    def say(self, line: str) -> None:
        """Say one line."""
        self._console.print(line, markup=False)

    def _bar(self) -> Progress:
        return Progress(
            TextColumn("  {task.description:<12}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            TextColumn("[dim]{task.fields[note]}"),
            console=self._console,
            transient=True,
        )


class _Lines:
    """Progress where there is no terminal: a line every quarter of a minute."""

    def __init__(self, console: Console, label: str, total: int | None, unit: str, done: int) -> None:
        self._console = console
        self._label = label
        self._total = total
        self._unit = unit
        self._before = self._done = done
        self._note = ""
        self._began = self._said = time.monotonic()

    def tick(self, units: int, note: str = "") -> None:
        """Count units; say a line if it is time."""
        self._done += units
        self._note = note or self._note
        now = time.monotonic()
        if now - self._said < _LINE_EVERY_S or now - self._began < _QUIET_S:
            return
        self._said = now
        rate = (self._done - self._before) / (now - self._began)
        of, left = "", ""
        if self._total:
            of = f" of {self._total:,}"
            left = f", about {max(self._total - self._done, 0) / rate:,.0f} s left" if rate else ""
        told = f", {self._note}" if self._note else ""
        line = f"  {self._label}: {self._done:,}{of} {self._unit}, {rate:,.1f}/s{left}{told}"
        self._console.print(line, markup=False)
