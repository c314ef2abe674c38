"""Questions and answers as CSV (RFC 4180) that spreadsheets open and never run."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lorewright.core.records import Evidence, Example
from lorewright.datasets.formats.format import WHOLE, Entry, Format, Row, one_file_a_split
from lorewright.datasets.formats.lines import json_text
from lorewright.datasets.formats.provenance import made_again
from lorewright.datasets.formats.turns import Pair, messages_of, pair

COLUMNS = ("question", "answer", "system", "task", "origin", "group", "id", "evidence", "metadata")
# What spreadsheets take for a formula, as OWASP lists it; the apostrophe before it makes it text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a text as a cell: what would be a formula has an apostrophe before it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell that `guarded` made."""
    return cell[1:] if _GUARDED.match(cell) else cell


def csv_lines(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...] = COLUMNS) -> Iterator[str]:
    r"""Yield a heading and each row, cells guarded; each ends with `\r\n`, and cells may hold line breaks."""
    lines: list[str] = []
    writer = csv.writer(_Lines(lines))
    writer.writerow(columns)
    for row in rows:
        yield lines.pop()
        writer.writerow([guarded(row[name]) for name in columns])
    yield lines.pop()


class _Lines:
    """Takes what a writer of CSV writes."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        """Keep a line."""
        self._lines.append(line)


def _objection(entry: Entry) -> str:
    one = pair(entry.example)
    if isinstance(one, str):
        return one
    return "its system turn is empty" if one.system == "" else ""


def _rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    one, example = pair(entry.example), entry.example
    if isinstance(one, str):
        raise TypeError(one)
    row = {
        "question": one.question,
        "answer": one.answer,
        "system": one.system or "",
        "task": example.task,
        "origin": example.origin,
        "group": example.group,
        "id": example.id,
        "evidence": json_text([piece.model_dump() for piece in example.evidence]),
        "metadata": json_text(example.metadata),
    }
    return ((f"{entry.split}.csv", row),)


def _read(row: Row) -> Example:
    cells = {name: unguarded(row[name]) for name in COLUMNS}
    made = made_again(
        messages_of(Pair(cells["system"] or None, cells["question"], cells["answer"])),
        task=cells["task"],
        origin=cells["origin"],
        evidence=[Evidence.model_validate(piece) for piece in json.loads(cells["evidence"])],
        metadata=json.loads(cells["metadata"]),
    )
    return made.model_copy(update={"group": cells["group"]})


CSV = Format(
    name="csv",
    about="`question`, `answer` and seven more columns, for spreadsheets; what looks like a formula is made text.",
    rows=_rows,
    read=_read,
    read_from=one_file_a_split(".csv"),
    objection=_objection,
    holds=WHOLE,
)
