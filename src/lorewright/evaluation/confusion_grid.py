"""A confusion matrix as cells to draw: how many, and which share of the examples with that right label."""

from dataclasses import dataclass

from lorewright.evaluation.labels import UNKNOWN
from lorewright.evaluation.report_parts import Confusion


@dataclass(frozen=True)
class GridCell:
    """How many examples, their share of the column, and whether the answer is right."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class GridRow:
    """What was answered, and a cell for each label that was right; `no_label` where it is none of the labels."""

    given: str
    cells: tuple[GridCell, ...]
    no_label: bool


def grid(confusion: Confusion) -> tuple[GridRow, ...]:
    """Return a row for everything that was answered, with a cell for each label that was right.

    The last row is of answers without a label. An `unknown` that is right is a label like others.
    """
    totals = [sum(row) for row in confusion.counts]
    last = len(confusion.given) - 1
    return tuple(
        GridRow(
            given=name,
            cells=tuple(
                GridCell(
                    counts[place], counts[place] / total if total else 0.0, name == label and place < last
                )
                for label, counts, total in zip(confusion.expected, confusion.counts, totals, strict=True)
            ),
            no_label=place == last or (name == UNKNOWN and name not in confusion.expected),
        )
        for place, name in enumerate(confusion.given)
    )
