"""A confusion matrix as cells to draw: how many, and which share of the examples with that right label."""

from collections.abc import Sequence
from dataclasses import dataclass

from lorewright.evaluation.labels import UNKNOWN
from lorewright.evaluation.report_parts import Confusion

_SHOWN_WRONG = 6


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

    The last row is of answers without a label. An `unknown` that is right is a label like others. Of answers that
    are never right the six commonest have rows, the rest one together: a poor model invents dozens of labels.
    """
    last = len(confusion.given) - 1
    rows = [
        GridRow(
            given=name,
            cells=tuple(
                _cell(counts, (place,), right=name == label and place < last)
                for label, counts in zip(confusion.expected, confusion.counts, strict=True)
            ),
            no_label=place == last or (name == UNKNOWN and name not in confusion.expected),
        )
        for place, name in enumerate(confusion.given)
    ]
    rare = _rare(confusion, rows)
    if not rare:
        return tuple(rows)
    together = GridRow(
        given=f"{len(rare)} other labels",
        cells=tuple(_cell(counts, rare, right=False) for counts in confusion.counts),
        no_label=True,
    )
    shown = [row for place, row in enumerate(rows) if place not in rare]
    return (*shown[:-1], together, shown[-1])


def _rare(confusion: Confusion, rows: Sequence[GridRow]) -> tuple[int, ...]:
    wrong = [
        place for place, row in enumerate(rows) if row.given not in confusion.expected and not row.no_label
    ]
    commonest = sorted(wrong, key=lambda place: -sum(cell.count for cell in rows[place].cells))
    rare = commonest[_SHOWN_WRONG:]
    return tuple(sorted(rare)) if len(rare) > 1 else ()


def _cell(counts: Sequence[int], places: Sequence[int], *, right: bool) -> GridCell:
    count, total = sum(counts[place] for place in places), sum(counts)
    return GridCell(count, count / total if total else 0.0, right)
