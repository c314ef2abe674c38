"""The examples in somebody else's files, each with the place it comes from, or why there is none."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from lorewright.core.errors import DatasetError, NotFoundError
from lorewright.core.making import make_example
from lorewright.core.marks import MARK
from lorewright.core.records import Example
from lorewright.datasets.foreign_rows import example_of
from lorewright.datasets.formats import Format, load_format
from lorewright.datasets.formats.comma_separated import COLUMNS as OWN_CSV
from lorewright.datasets.formats.comma_separated import unguarded
from lorewright.datasets.formats.format import DEFAULT_ORIGIN
from lorewright.datasets.formats.turns import TurnError, has_half_a_character
from lorewright.datasets.mapping import Columns, find_columns
from lorewright.stages.dataset_export import KIND
from lorewright.stages.row_files import NumberedRow, kind_of, read_rows
from lorewright.stages.whole_folder import marked_kind

IMPORTED_FROM = "imported_from"
"""Metadata of an imported example: its file and line."""
_SAMPLES = 200
_CSV = "csv"


class Place(NamedTuple):
    """Where an example stands: the name of a file, and its line, or row where a file has no lines."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


class Imported(NamedTuple):
    """What a row came to: an example, or a reason why there is none; and its set where the file says one."""

    place: Place
    split: str
    example: Example | None
    reason: str = ""


@dataclass(frozen=True)
class RowFile:
    """A file whose rows can be read as examples.

    Attributes:
        path: The file.
        name: What it is called in places.
        columns: Where things stand in its rows; None where lore wrote it.
        format: That lore wrote it in; None for somebody else's.
        split: The set of its rows, where lore wrote it.
    """

    path: Path
    name: str
    columns: Columns | None = None
    format: Format | None = None
    split: str = ""

    def told(self) -> dict[str, Any]:
        """Return how it is read, as JSON values."""
        if self.format is not None:
            return {"file": self.name, "format": self.format.name, "set": self.split}
        columns = self.columns or Columns({}, ())
        return {"file": self.name, "columns": dict(columns.of), "metadata": list(columns.others)}


def look_at(path: Path, given: Mapping[str, str]) -> list[RowFile]:
    """Return the files behind a path with how they are read: one, or those of an exported folder.

    Args:
        path: A file, or a folder that `lore dataset export` wrote.
        given: Which column holds what, as a person said it.

    Raises:
        ConfigError: A column that a person named does not exist.
        DatasetError: It cannot be told which column holds the question or the answer, or there is no row.
        NotFoundError: There is no such file.
    """
    if path.is_dir():
        return _exported(path)
    if not given and (own := _exported_file(path)) is not None:
        return [own]
    rows = (row.values for row in read_rows(path) if not row.problem)
    samples = list(islice(rows, _SAMPLES))
    if not samples:
        first = next(iter(read_rows(path)), None)
        why = f"row {first.number}: {first.problem}" if first else "it is empty"
        raise DatasetError(f"{path} holds no row that can be read ({why}).", "lore dataset import --help")
    try:
        columns = find_columns(samples, given)
    except DatasetError as error:
        raise DatasetError(f"{path.name}: {error.message}", error.hint) from error
    is_ours = kind_of(path) == ".csv" and set(samples[0]) == set(OWN_CSV) and not given
    return [RowFile(path, path.name, columns, load_format(_CSV) if is_ours else None)]


def read_examples(files: Sequence[RowFile], *, task: str) -> Iterator[Imported]:
    """Yield what every row of some files comes to, in order."""
    for file in files:
        read = partial(_read_own, file) if file.format is not None else partial(_read_foreign, file, task)
        for row in read_rows(file.path):
            yield _imported(file, row, read)


def _imported(file: RowFile, row: NumberedRow, read: Callable[[Mapping[str, Any]], Example]) -> Imported:
    place = Place(file.name, row.number)
    if row.problem:
        return Imported(place, file.split, None, row.problem)
    try:
        example = read(row.values)
    except TurnError as error:
        return Imported(place, file.split, None, str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Imported(place, file.split, None, f"it is no row of this format: {_first_line(error)}")
    if has_half_a_character(example):
        return Imported(place, file.split, None, "it holds bytes that are no text, or half a character")
    return Imported(place, file.split, _marked(example, place))


def _marked(example: Example, place: Place) -> Example:
    kept = {"made_by": example.origin} if example.origin != DEFAULT_ORIGIN else {}
    made = make_example(
        task=example.task,
        messages=example.messages,
        evidence=example.evidence,
        origin=DEFAULT_ORIGIN,
        metadata={**example.metadata, **kept, IMPORTED_FROM: str(place)},
    )
    return made.model_copy(update={"group": example.group})


def _read_own(file: RowFile, row: Mapping[str, Any]) -> Example:
    assert file.format is not None
    return file.format.read(row)


def _read_foreign(file: RowFile, task: str, row: Mapping[str, Any]) -> Example:
    assert file.columns is not None
    if kind_of(file.path) in {".csv", ".tsv"}:
        row = {name: unguarded(value) for name, value in row.items()}
    return example_of(row, file.columns, task=task)


def _exported(folder: Path) -> list[RowFile]:
    form = _format_of(folder)
    names = tuple(sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()))
    found = () if form is None else form.read_from(names)
    if form is None or not found:
        raise DatasetError(
            f"{folder} is a folder that `lore dataset export` did not write.", "name its files one by one"
        )
    return [RowFile(folder / name, name, None, form, split) for split, name in found]


def _exported_file(path: Path) -> RowFile | None:
    """Return how to read one file of an exported folder, or None."""
    form = _format_of(path.parent)
    if form is None:
        return None
    split = {name: split for split, name in form.read_from((path.name,))}.get(path.name)
    return None if split is None else RowFile(path, path.name, None, form, split)


def _format_of(folder: Path) -> Format | None:
    if marked_kind(folder) != KIND:
        return None
    return load_format(str(json.loads((folder / MARK).read_bytes()).get("format")))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def require(paths: Sequence[Path]) -> None:
    """Make sure that all paths exist.

    Raises:
        NotFoundError: One does not.
    """
    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        raise NotFoundError(f"There is no file {missing}.", "check the name")
