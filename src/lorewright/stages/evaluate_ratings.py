"""People's ratings of answers: a sheet to fill in without knowing who answered, and what was filled in."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lorewright.core.errors import ConfigError
from lorewright.core.files import write_atomic
from lorewright.core.ids import text_digest
from lorewright.core.records import Example, Prediction, Run
from lorewright.core.stage import Outside
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.datasets.formats.comma_separated import csv_lines, unguarded
from lorewright.evaluation.metrics import is_structured
from lorewright.evaluation.ratings import Rating, rating_key
from lorewright.stages import dataset

COLUMNS = ("key", "question", "reference", "answer", "rating", "rater", "note")
_KEPT = ("rating", "rater", "note")
_BEST, _WORST = 5, 1


class Sheet(NamedTuple):
    """What was written.

    Attributes:
        path: The file.
        answers: Rows in it.
        added: Of these, new ones.
        rated: Of these, those that somebody rated.
    """

    path: Path
    answers: int
    added: int
    rated: int


def users_ratings(name: str, workspace: Workspace) -> Outside:
    """Return the ratings of a file (`found`), and what of them goes into a run's id; a missing file has none.

    Args:
        name: As written in lore.toml; relative to its folder.
        workspace: Of the project.

    Raises:
        ConfigError: It cannot be read, or a rating is no number from 1 to 5.
    """
    found = list(_ratings(_rows(workspace.project_dir / Path(name).expanduser())))
    return Outside(value=text_digest(repr(sorted(found))) if found else None, found=found)


def write_sheet(workspace: Workspace, run: Run, predictions: str, name: str, *, count: int) -> Sheet:
    """Write answers into a sheet that somebody rates from 1 to 5; what is in it already stays as it is.

    Each answer stands there once, whoever gave it, in an order that tells nothing of the systems. Answers in JSON and
    those that are none are left out: they need no opinion.

    Args:
        workspace: Of the project.
        run: Of evaluate.
        predictions: Name of its artefact with the answers.
        name: Of the file, as in lore.toml.
        count: How many answers there are to be in the end.

    Raises:
        ConfigError: The file is there and is no such sheet.
    """
    path = workspace.project_dir / Path(name).expanduser()
    rows = {row["key"]: row for row in _rows(path)}
    before = len(rows)
    folder = workspace.run_dir("evaluate", run.id)
    examples = _examples(workspace, run)
    for row in _wanted(read_table(folder / predictions, Prediction), examples):
        if len(rows) < count:
            rows.setdefault(row["key"], row)
    text = "".join(csv_lines(rows.values(), COLUMNS))
    write_atomic(path, text.encode("utf-8-sig"))
    rated = sum(bool(row["rating"].strip()) for row in rows.values())
    return Sheet(path, len(rows), len(rows) - before, rated)


def _examples(workspace: Workspace, run: Run) -> dict[str, Example]:
    folder = workspace.run_dir("dataset", run.inputs["dataset"])
    tests = (read_table(folder / artefact, Example) for artefact in dataset.TESTS.values())
    return {one.id: one for rows in tests for one in rows if not is_structured(one)}


def _wanted(predictions: Iterable[Prediction], examples: Mapping[str, Example]) -> Iterator[dict[str, str]]:
    """Yield a row for each answer, by key: that is a hash, and tells nothing."""
    found: dict[str, dict[str, str]] = {}
    for one in predictions:
        example = examples.get(one.example_id)
        if example is not None and one.text.strip() and not one.error and one.finish == "stop":
            key = rating_key(example.id, one.text)
            asked = {"question": example.prompt, "reference": example.messages[-1].content}
            found[key] = {"key": key, **asked, "answer": one.text, **dict.fromkeys(_KEPT, "")}
    for key in sorted(found):
        yield found[key]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", "save it as CSV in UTF-8") from error
    # A spreadsheet may have written it with semicolons.
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    if rows and not {"key", "rating"} <= rows[0].keys():
        raise ConfigError(
            f"{path} has no columns named key and rating.", "lore evaluate --rate writes such a sheet"
        )
    return [{name: unguarded(row.get(name) or "") for name in COLUMNS} for row in rows]


def _ratings(rows: Sequence[Mapping[str, str]]) -> Iterator[Rating]:
    for number, row in enumerate(rows, start=1):
        told = row["rating"].strip()
        if not told:
            continue
        if not told.isdecimal() or not _WORST <= int(told) <= _BEST:
            raise ConfigError(
                f"The rating {told!r} of answer {number} in the sheet is no number from {_WORST} to {_BEST}.",
                "correct it there",
            )
        yield Rating(row["key"].strip(), int(told), row["rater"].strip())
