"""A verdict as the rows and lines that a terminal shows."""

from dataclasses import dataclass

from lorewright.evaluation.bootstrap import Interval
from lorewright.evaluation.verdict import Verdict
from lorewright.evaluation.wording import metric_name, number, test_set_words


@dataclass(frozen=True)
class VerdictText:
    """A verdict for the terminal.

    Attributes:
        title: Task and test set.
        label: What to do, as a short sentence.
        columns: Headings of the table.
        rows: Cells in the order of `columns`, best system first.
        marked: The number of the row of the system to use.
        lines: The reason, then warnings.
    """

    title: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: int
    lines: tuple[str, ...]


def verdict_text(verdict: Verdict) -> VerdictText:
    """Return a verdict's table and sentences; a mean has its 95% interval behind it."""
    metrics = list(dict.fromkeys(name for row in verdict.rows for name in row.means))
    timed = any(row.latency_s is not None for row in verdict.rows)
    rows = []
    for row in verdict.rows:
        cells = [row.system, _with_interval(row.means[verdict.metric])]
        cells += [number(row.means[name].mean) if name in row.means else "" for name in metrics[1:]]
        if timed:
            cells.append("" if row.latency_s is None else f"{row.latency_s:.2f} s")
        rows.append(tuple(cells))
    columns = ["system", *(metric_name(name) for name in metrics)]
    columns += ["time an answer"] if timed else []
    return VerdictText(
        title=f"{verdict.task} on {test_set_words(verdict.test_set)} ({verdict.test_set})",
        label=verdict.label,
        columns=tuple(columns),
        rows=tuple(rows),
        marked=next(index for index, row in enumerate(verdict.rows) if row.system == verdict.use),
        lines=(verdict.reason, *verdict.warnings),
    )


def _with_interval(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return number(interval.mean)
    return f"{number(interval.mean)} ({number(interval.low)}–{number(interval.high)})"
