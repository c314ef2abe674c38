"""Verdicts on the terminal: a table a task and test set, what to use, and where the report is."""

import json
from typing import TYPE_CHECKING, Any

from lorewright.cli.session import Session

if TYPE_CHECKING:
    from rich.table import Table

    from lorewright.core.records import Run


# The system, the metric that decides, and these fit a narrow terminal; the report has every metric.
_ALWAYS = 2
_ALSO = frozenset({"answer loss", "time an answer"})
# A wide one has room for how far each is from the best alternative, and for how many answers are none.
_WIDE = 104
_WHERE_WIDE = ("against ", "no answer", "judge")


def print_verdicts(session: Session, run: "Run") -> None:
    """Print every verdict of an evaluation and the path of its report."""
    from lorewright.stages.evaluate import VERDICTS
    from lorewright.stages.evaluate_report import REPORT

    folder = session.workspace.run_dir("evaluate", run.id)
    for verdict in json.loads((folder / VERDICTS).read_bytes()):
        session.console.print()
        session.console.print(f"[bold]{verdict['title']}[/bold]")
        session.console.print(_table(verdict, wide=session.console.width >= _WIDE))
        session.console.print(f"[bold green]→ {verdict['label']}[/bold green]")
        for line in verdict["lines"]:
            session.console.print(f"  {line}", markup=False)
    session.console.print()
    session.console.print(f"[bold]report[/bold] {folder / REPORT}", soft_wrap=True)


def _table(verdict: dict[str, Any], *, wide: bool) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    shown = [
        number
        for number, column in enumerate(verdict["columns"])
        if number < _ALWAYS or column in _ALSO or (wide and column.startswith(_WHERE_WIDE))
    ]
    for number in shown:
        table.add_column(verdict["columns"][number], justify="left" if number == 0 else "right", no_wrap=True)
    for place, row in enumerate(verdict["rows"]):
        used = place == verdict["marked"]
        table.add_row("→" if used else "", *(row[number] for number in shown), style="bold" if used else "")
    return table
