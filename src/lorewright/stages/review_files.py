"""Decisions written to files for people and other tools, and taken in from them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lorewright.core.accounts import account
from lorewright.core.errors import ConfigError, DatasetError, NotFoundError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.records import Record
from lorewright.core.workspace import Workspace
from lorewright.curation.rejecting import made_id
from lorewright.datasets.formats.comma_separated import csv_lines, unguarded
from lorewright.stages.review_examples import Background, Reviewable, backgrounds_of, reviewables, seen_of
from lorewright.stages.review_rows import (
    COLUMNS,
    Known,
    RowProblemError,
    cells_of,
    decided_of,
    open_row,
    row_of,
)
from lorewright.stages.row_files import NumberedRow, kind_of, read_rows
from lorewright.store.database import Database
from lorewright.store.decided import Decided, spelled
from lorewright.store.reviews import add_decisions, all_decisions

CSV, LINES = ".csv", ".jsonl"
_COLUMNS_SHOWN = 8
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it spreadsheets take UTF-8 for something else."""


class Problem(Record):
    """A row that was not taken in, by its line from 1."""

    line: int
    reason: str


class Taken(Record):
    """What became of the rows of a file or the answers of a server: `given` is the sum of the other counts.

    Attributes:
        given: Rows or answers.
        taken: New decisions.
        known: Decisions that are there already.
        undecided: Rows without a decision.
        problems: What was not taken in, and why.
    """

    given: int
    taken: int
    known: int
    undecided: int
    problems: tuple[Problem, ...] = ()


def export_reviews(
    path: Path,
    decisions: Iterable[Decided],
    waiting: Iterable[tuple[Reviewable, Background]] = (),
    *,
    force: bool = False,
) -> int:
    """Write decisions, and examples that wait for one, to a CSV or JSONL file; return the number of rows.

    Args:
        path: Its ending says how it is written.
        decisions: What was decided.
        waiting: Examples with what each was made of.
        force: Replace a file that is there.

    Raises:
        ConfigError: The ending is another, or the file is there already.
        StorageError: The disk refuses.
    """
    check_target(path, force=force)
    rows = [row_of(one) for one in decisions]
    rows += [open_row(seen_of(one, behind), one.key) for one, behind in waiting]
    with storage_errors(f"writing {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, _content(rows, path.suffix.lower()))
    return len(rows)


def check_target(path: Path, *, force: bool) -> None:
    """Raise ConfigError where a file of decisions cannot be written so."""
    if path.suffix.lower() not in {CSV, LINES}:
        raise ConfigError(
            f"{path} ends neither in {CSV} nor in {LINES}.", f"lore review export {path.stem}{CSV}"
        )
    if path.exists() and not force:
        raise ConfigError(f"{path} is there already.", "give another name, or --force to replace it")


def known_examples(workspace: Workspace) -> Known:
    """Return the examples of the newest run of curate by key and id; none where nothing was curated."""
    try:
        everything = reviewables(workspace)
    except NotFoundError:
        return Known({}, {})
    by_id = {made_id(one.example): one for one in everything} | {one.example.id: one for one in everything}
    return Known({one.key: one for one in everything}, by_id)


def import_reviews(workspace: Workspace, path: Path, *, reviewer: str, dry_run: bool) -> Taken:
    """Take in the decisions of a CSV or JSONL file; what is there already stays once.

    A row that was changed since it was exported is a new decision of now.

    Args:
        workspace: Of the project.
        path: The file.
        reviewer: Who decides where a row names nobody.
        dry_run: Only count.

    Raises:
        NotFoundError: There is no such file.
        DatasetError: It is no table, or has no column `decision`.
        StorageError: The disk or the server refuses; nothing is taken in.
    """
    known, now = known_examples(workspace), datetime.now(UTC)
    found: list[tuple[int, Decided]] = []
    undecided: list[int] = []
    problems: list[Problem] = []
    for row in _rows_with_decisions(path):
        try:
            decided = _decided(row, known, reviewer=reviewer, now=now, guarded=kind_of(path) != LINES)
        except RowProblemError as problem:
            problems.append(Problem(line=row.number, reason=str(problem)))
            continue
        if decided is None:
            undecided.append(row.number)
        else:
            found.append((row.number, decided))
    return take_in(workspace, found, known, undecided, problems, now=now, dry_run=dry_run)


def take_in(
    workspace: Workspace,
    found: Sequence[tuple[int, Decided]],
    known: Known,
    undecided: Sequence[int],
    problems: Sequence[Problem],
    *,
    now: datetime,
    dry_run: bool,
) -> Taken:
    """Keep the decisions that are new, each with the documents it is about, and return what became of all."""
    database = Database(workspace.root)
    before = all_decisions(database)
    entries = {one.entry for one in before}
    moments = {(one.key, spelled(one.reviewed_at)) for one in before}
    fresh: dict[str, tuple[int, Decided]] = {}
    there: list[int] = []
    for number, one in found:
        if one.entry in entries or one.entry in fresh:
            there.append(number)
        else:
            changed = (one.key, spelled(one.reviewed_at)) in moments
            fresh[one.entry] = number, one.model_copy(update={"reviewed_at": now}) if changed else one
    if not dry_run and fresh:
        add_decisions(database, _with_documents(workspace, [one for _, one in fresh.values()], known))
    counted = account(
        "rows",
        [str(number) for number in (*(at for at, _ in found), *undecided, *(one.line for one in problems))],
        kept=[str(number) for number, _ in fresh.values()] + [str(number) for number in there],
        rejected=[str(one.line) for one in problems],
        failed=[str(number) for number in undecided],
    )
    return Taken(
        given=counted.given,
        taken=len(fresh),
        known=len(there),
        undecided=len(undecided),
        problems=tuple(problems),
    )


def _rows_with_decisions(path: Path) -> Iterator[NumberedRow]:
    """Yield the rows of a file; it must have a column `decision`."""
    named = False
    seen: list[str] = []
    for row in read_rows(path):
        named = named or "decision" in {name.strip().casefold() for name in row.values}
        seen = seen or list(row.values)
        yield row
    if seen and not named:
        shown = ", ".join(seen[:_COLUMNS_SHOWN])
        raise DatasetError(
            f"{path} has no column `decision`; its columns are {shown}.",
            "lore review export FILE --to-review 20 writes a file to fill in",
        )


def _decided(
    row: NumberedRow, known: Known, *, reviewer: str, now: datetime, guarded: bool
) -> Decided | None:
    if row.problem:
        raise RowProblemError(row.problem)
    values: Mapping[str, Any] = {
        name.strip().casefold(): unguarded(value) if guarded and isinstance(value, str) else value
        for name, value in row.values.items()
    }
    try:
        return decided_of(values, known, reviewer=reviewer, now=now)
    except UnicodeEncodeError as error:
        raise RowProblemError(f"it holds bytes that are no text: {error.reason}") from error


def _with_documents(workspace: Workspace, fresh: Sequence[Decided], known: Known) -> Iterator[Decided]:
    """Yield decisions with what is known here of their examples, where the file did not say it."""
    named = [known.by_key[one.key] for one in fresh if one.key in known.by_key and not one.seen.documents]
    behind = backgrounds_of(workspace, (one.example for one in named))
    for one in fresh:
        here = known.by_key.get(one.key)
        if here is None or one.seen.documents:
            yield one
            continue
        own = seen_of(here, behind[here.example.id])
        seen = one.seen.model_copy(
            update={
                "documents": own.documents,
                "said": one.seen.said or own.said,
                "score": own.score if one.seen.score is None else one.seen.score,
            }
        )
        yield one.model_copy(update={"seen": seen})


def _content(rows: Sequence[Mapping[str, Any]], suffix: str) -> bytes:
    if suffix == CSV:
        lines = csv_lines((cells_of(row) for row in rows), COLUMNS)
        return _BYTE_ORDER_MARK + "".join(lines).encode("utf-8")
    # Escaped, so that half a surrogate pair comes back as it was, and no separator of lines stands inside a line.
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode("ascii")
