"""The columns of a verdict's table: means with intervals, then what an answer costs and takes, where that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from lorewright.evaluation.means import SystemRow
from lorewright.evaluation.summary import operating
from lorewright.evaluation.verdict import Verdict
from lorewright.evaluation.wording import metric_name, number, range_words, signed, system_name

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """A figure, and its interval in words where it has one."""

    text: str
    range: str = ""


@dataclass(frozen=True)
class Column:
    """A heading and one cell a system, in the order of the verdict's rows."""

    title: str
    cells: tuple[Cell, ...]


def metric_names(verdict: Verdict) -> list[str]:
    """Return the metrics of a verdict's table, the deciding one first."""
    return list(dict.fromkeys(name for row in verdict.rows for name in row.means))


def figure_columns(verdict: Verdict) -> list[Column]:
    """Return the columns of a verdict's table; what is known of no system has none."""
    first, *others = (
        Column(metric_name(name), tuple(_mean(row, name) for row in verdict.rows))
        for name in metric_names(verdict)
    )
    return [first, *_gaps(verdict), *others, *_operating(verdict.rows)]


def deciding_columns(verdict: Verdict) -> list[Column]:
    """Return the columns of a short table: the deciding metric, what an answer costs and takes."""
    first = Column(metric_name(verdict.metric), tuple(_mean(row, verdict.metric) for row in verdict.rows))
    return [first, *_gaps(verdict), *_operating(verdict.rows)]


def _mean(row: SystemRow, name: str) -> Cell:
    interval = row.means.get(name)
    return Cell(number(interval.mean), range_words(interval)) if interval else Cell(NOTHING)


def _gaps(verdict: Verdict) -> list[Column]:
    best = next((row.system for row in verdict.rows if row.gap is None), "")
    cells = (
        Cell(signed(row.gap.mean), range_words(row.gap, sign=True)) if row.gap else Cell(NOTHING)
        for row in verdict.rows
    )
    return [Column(f"against {system_name(best)}", tuple(cells))] if len(verdict.rows) > 1 else []


def _operating(rows: Sequence[SystemRow]) -> list[Column]:
    return [Column(name, tuple(Cell(text or NOTHING) for text in texts)) for name, texts in operating(rows)]
