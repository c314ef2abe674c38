"""The rows of other programs' files, one after another: JSON lines, JSON arrays, CSV, Parquet and Arrow, also gzipped.

A row that cannot be read is a problem of that row, with its line; the others are read on.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from lorewright.core.errors import DatasetError, NotFoundError
from lorewright.stages.json_arrays import array_values
from lorewright.stages.text_files import first_character, open_text

_TABLES = frozenset({".parquet", ".arrow"})
_SEPARATED = frozenset({".csv", ".tsv", ".tab", ".txt"})
_DELIMITERS = ",;\t|"
_LARGEST_CELL = 1 << 30
_ROWS_A_BATCH = 1024
_SHOWN_CHARS = 60


@dataclass(frozen=True)
class NumberedRow:
    """One row of a file.

    Attributes:
        number: Of its first line from 1, or of the row in a file without lines.
        values: Column to value; empty where the row cannot be read.
        problem: Why it cannot.
    """

    number: int
    values: Mapping[str, Any]
    problem: str = ""


def read_rows(path: Path) -> Iterator[NumberedRow]:
    """Yield the rows of a file.

    Raises:
        NotFoundError: There is no such file.
        DatasetError: It is none of these kinds, or is broken in a way that leaves no row to go on with.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", "check the name; of a folder name the files")
    suffix = kind_of(path)
    if suffix in _TABLES:
        yield from _table_rows(path, suffix)
        return
    with open_text(path) as stream:
        try:
            yield from _text_rows(stream, suffix)
        except DatasetError as error:
            raise DatasetError(f"{path}: {error.message}", error.hint) from error
        except csv.Error as error:
            raise DatasetError(f"{path} is no CSV: {error}.", "save it anew as CSV in UTF-8") from error


def kind_of(path: Path) -> str:
    """Return the suffix that says how a file is written, `.gz` left out, in lower case."""
    return (Path(path.stem) if path.suffix.lower() == ".gz" else path).suffix.lower()


def _text_rows(stream: IO[str], suffix: str) -> Iterator[NumberedRow]:
    begins = first_character(stream)
    if suffix not in _SEPARATED and begins == "[":
        for number, value in array_values(stream):
            yield _object_row(number, value)
    elif suffix not in _SEPARATED and begins == "{":
        yield from _json_rows(stream)
    elif begins and suffix in {".jsonl", ".ndjson", ".json"}:
        yield from _line_rows(stream)
    elif begins:
        yield from _separated_rows(stream, suffix)


def _json_rows(stream: IO[str]) -> Iterator[NumberedRow]:
    """Yield the object of each line; or, where the file is one object that holds a list of them, those."""
    first = stream.readline()
    second = stream.readline()
    stream.seek(0)
    if (_is_object(first) and second.strip()) or _is_object(second):
        yield from _line_rows(stream)
        return
    try:
        whole = json.load(stream)
    except (ValueError, RecursionError):
        # Not one object: lines, of which the first may be broken.
        stream.seek(0)
        yield from _line_rows(stream)
        return
    yield from _wrapped_rows(whole)


def _wrapped_rows(whole: Mapping[str, Any]) -> Iterator[NumberedRow]:
    lists = [
        name
        for name, value in whole.items()
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    ]
    if len(lists) == 1 and not _is_conversation(whole[lists[0]]):
        for number, value in enumerate(whole[lists[0]], start=1):
            yield NumberedRow(number, value)
    else:
        yield NumberedRow(1, whole)


def _is_conversation(value: list[Any]) -> bool:
    return all("role" in one or "from" in one for one in value)


def _line_rows(stream: IO[str]) -> Iterator[NumberedRow]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield NumberedRow(number, {}, f"it is no JSON: {error}")
        else:
            yield _object_row(number, value)


def _object_row(number: int, value: Any) -> NumberedRow:
    if isinstance(value, dict):
        return NumberedRow(number, value)
    return NumberedRow(number, {}, f"it is no JSON object: {repr(value)[:_SHOWN_CHARS]}")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _separated_rows(stream: IO[str], suffix: str) -> Iterator[NumberedRow]:
    csv.field_size_limit(_LARGEST_CELL)
    before, delimiter = _delimiter(stream, suffix)
    reader = csv.reader(stream, delimiter=delimiter)
    heading = [
        name.strip().strip("\ufeff") or f"column {number}"
        for number, name in enumerate(next(reader), start=1)
    ]
    repeated = next((name for name in heading if heading.count(name) > 1), None)
    if repeated is not None:
        raise DatasetError(f"two columns are called {repeated!r}.", "rename one of them")
    begin = before + reader.line_num + 1
    for cells in reader:
        if any(cells):
            yield _cells_row(begin, heading, cells)
        begin = before + reader.line_num + 1


def _cells_row(number: int, heading: list[str], cells: list[str]) -> NumberedRow:
    # Spreadsheets leave out empty cells at the end of a row, or add some.
    while len(cells) > len(heading) and not cells[-1]:
        cells.pop()
    if len(cells) > len(heading):
        return NumberedRow(number, {}, f"it has {len(cells)} cells, the heading {len(heading)}")
    return NumberedRow(number, dict(zip_longest(heading, cells, fillvalue="")))


def _delimiter(stream: IO[str], suffix: str) -> tuple[int, str]:
    """Return how many lines come before the heading, and what stands between its cells."""
    first = stream.readline()
    if first.lower().startswith("sep=") and len(first.strip()) <= len("sep=;"):
        return 1, first[len("sep=") : len("sep=;")] or ";"
    stream.seek(0)
    if suffix in {".tsv", ".tab"}:
        return 0, "\t"
    return 0, max(_DELIMITERS, key=lambda one: len(next(csv.reader([first], delimiter=one), [])))


def _table_rows(path: Path, suffix: str) -> Iterator[NumberedRow]:
    number = 0
    try:
        with _batches(path, suffix) as batches:
            for batch in batches:
                for values in batch.to_pylist():
                    number += 1
                    yield NumberedRow(number, values)
    except (pa.ArrowInvalid, OSError) as error:
        raise DatasetError(
            f"{path} is no {suffix[1:].capitalize()} file: {error}.", "fetch it again"
        ) from error


@contextmanager
def _batches(path: Path, suffix: str) -> Iterator[Iterator[pa.RecordBatch]]:
    if suffix == ".parquet":
        # Buffering ahead would hold everything read so far until the table is closed.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield file.iter_batches(batch_size=_ROWS_A_BATCH)
    else:
        with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as stream:
            yield iter(stream)
