"""The files of one format: written as examples come, with what was left out, what was lost, and digests."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lorewright.core.errors import AccountError
from lorewright.datasets.formats.comma_separated import csv_lines
from lorewright.datasets.formats.format import Entry, Format, Part, Row, loses, refuses
from lorewright.datasets.formats.lines import json_text, write_lines
from lorewright.hub.split_files import describe_on_disk, write_splits

LEFT_OUT = "left_out.jsonl"
_BUFFER_CHARS = 1 << 18
_NAME_CHARS = 200
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FileMade:
    """One file: its name below the folder, its rows (None where it holds none), size and SHA-256."""

    name: str
    rows: int | None
    bytes: int
    sha256: str


@dataclass
class Tally:
    """What became of the examples that a format was given: `given == written + left out`.

    Attributes:
        rows: Rows by file; an example may have one in several.
        left_out: Reason to the number of examples that the format cannot hold at all.
        lost: What written examples have and the format does not hold, with their number.
    """

    given: int = 0
    written: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    lost: Counter[Part] = field(default_factory=Counter)

    def check(self) -> None:
        """Make sure that every example was either written or left out.

        Raises:
            AccountError: One was not.
        """
        if self.given != self.written + self.left_out.total():
            raise AccountError(
                f"{self.given:,} examples were given, {self.written:,} written and "
                f"{self.left_out.total():,} left out.",
                "this is a fault of the program: please report it with the command that you typed",
            )


def examine(form: Format, entries: Iterable[Entry], tick: Callable[[int], None] = lambda _: None) -> Tally:
    """Return what writing would come to, and write nothing."""
    tally = Tally()
    for _ in _rows(form, entries, tally, lambda _row: None, tick):
        pass
    tally.check()
    return tally


def write_format(
    form: Format,
    entries: Iterable[Entry],
    folder: Path,
    *,
    splits: Iterable[str],
    made_at: str,
    mark: str,
    tick: Callable[[int], None] = lambda _: None,
) -> tuple[Tally, tuple[FileMade, ...]]:
    """Write all files of a format into an empty folder; a few rows are in memory at any time.

    Args:
        form: The format.
        entries: The examples, set by set.
        folder: Where to.
        splits: All sets, in order: a table has a file of each.
        made_at: When the examples were made.
        mark: Changes with the content; caches of `datasets` tell tables apart by it.
        tick: Called with the number of examples that were worked on.
    """
    tally = Tally()
    with _Texts(folder) as texts:
        rows = _rows(form, entries, tally, lambda row: texts.add(LEFT_OUT, row), tick)
        if form.schema is not None:
            written = write_splits(folder, rows, splits=tuple(splits), schema=form.schema, layout="arrow")
            describe_on_disk(folder, written, schema=form.schema, mark=mark)
            in_tables = {name: one.rows for one in written.values() for name in one.files}
        else:
            in_tables = {}
            for name in form.files:
                texts.open(name)
            for name, row in rows:
                texts.add(name, row)
        if form.summary is not None:
            name, content = form.summary(tally.rows, made_at)
            (folder / name).write_text(json_text(content, indent=2) + "\n", encoding="utf-8")
    tally.check()
    counts: Mapping[str, int] = {**in_tables, **texts.rows}
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tally, tuple(_made(path, folder, counts) for path in paths)


def _rows(
    form: Format,
    entries: Iterable[Entry],
    tally: Tally,
    leave_out: Callable[[Row], None],
    tick: Callable[[int], None],
) -> Iterator[tuple[str, Row]]:
    for entry in entries:
        tally.given += 1
        if reason := refuses(form, entry):
            tally.left_out[reason] += 1
            leave_out(_left_out(entry, reason))
        else:
            tally.written += 1
            tally.lost.update(loses(form, entry.example))
            for name, row in form.rows(entry):
                tally.rows[name] += 1
                yield name, row
        tick(1)


def _left_out(entry: Entry, reason: str) -> Row:
    example = entry.example
    asked = example.prompt[:_NAME_CHARS] if example.messages else ""
    return {"id": example.id, "split": entry.split, "reason": reason, "question": asked}


def _made(path: Path, folder: Path, counts: Mapping[str, int]) -> FileMade:
    name = path.relative_to(folder).as_posix()
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileMade(name, counts.get(name), path.stat().st_size, digest)


class _Texts:
    """Files of text that grow; none is held open, for a format may have thousands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _Text] = {}

    def __enter__(self) -> "_Texts":
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._files.values():
            one.finish()

    @property
    def rows(self) -> dict[str, int]:
        """Rows by file."""
        return {name: one.rows for name, one in self._files.items()}

    def open(self, name: str) -> "_Text":
        """Return a file, which is made if it is not there."""
        if name not in self._files:
            self._files[name] = _Text(self._folder / name)
        return self._files[name]

    def add(self, name: str, row: Row) -> None:
        """Append a row to a file."""
        self.open(name).add(row)


class _Text:
    """One growing file of rows, spelled as its suffix says."""

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._path = path
        self._waiting: list[str] = []
        self._chars = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def add(self, row: Row) -> None:
        """Append a row."""
        for piece in self._pieces(row):
            self._waiting.append(piece)
            self._chars += len(piece)
        self.rows += 1
        if self._chars > _BUFFER_CHARS:
            self._flush()

    def finish(self) -> None:
        """Write the rest and the end."""
        if self._path.suffix == ".json":
            self._waiting.append("\n]\n" if self.rows else "[]\n")
        self._flush()
        with self._path.open("rb+") as stream:
            os.fsync(stream.fileno())

    def _pieces(self, row: Row) -> Iterator[str]:
        suffix = self._path.suffix
        if suffix == ".json":
            yield ",\n" if self.rows else "[\n"
            yield json_text(row, indent=2)
        elif suffix == ".csv":
            heading, line = csv_lines([row])
            if not self.rows:
                # Spreadsheets read UTF-8 only with this mark.
                yield _BYTE_ORDER_MARK + heading
            yield line
        else:
            yield from write_lines([row])

    def _flush(self) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as stream:
            stream.writelines(self._waiting)
        self._waiting, self._chars = [], 0
