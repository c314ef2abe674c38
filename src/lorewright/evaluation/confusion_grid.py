"""A confusion matrix as cells to draw: how many, and which share of the examples with that right label."""

from dataclasses import dataclass

from lorewright.evaluation.report_parts import Confusion

UNKNOWN, INVALID = "unknown", "invalid"


@dataclass(frozen=True)
class GridCell:
    """How many examples, their share of the column, and whether the answer is right."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class GridRow:
    """What was answered, and a cell for each label that was right; `told_apart` marks `unknown` and `invalid`."""

    given: str
    cells: tuple[GridCell, ...]
    told_apart: bool


def grid(confusion: Confusion) -> tuple[GridRow, ...]:
    """Return a row for everything that was answered, with a cell for each label that was right.

    `unknown` and `invalid` have rows of their own, also where nobody answered so; an `unknown` that is right is right.
    """
    given = [*confusion.given, *(name for name in (UNKNOWN, INVALID) if name not in confusion.given)]
    totals = [sum(row) for row in confusion.counts]
    return tuple(
        GridRow(
            given=name,
            cells=tuple(
                _cell(confusion, name, column, totals[column]) for column in range(len(confusion.expected))
            ),
            told_apart=name in {UNKNOWN, INVALID} and name not in confusion.expected,
        )
        for name in given
    )


def _cell(confusion: Confusion, name: str, column: int, total: int) -> GridCell:
    at = confusion.given.index(name) if name in confusion.given else None
    count = confusion.counts[column][at] if at is not None else 0
    return GridCell(count, count / total if total else 0.0, name == confusion.expected[column])
