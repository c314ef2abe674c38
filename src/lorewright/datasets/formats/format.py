"""What a format is: where an example's rows go, what is in them, what it cannot hold, and how a row is read again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from lorewright.core.records import Example
from lorewright.datasets.formats.turns import has_half_a_character

TRAIN, VALIDATION = "train", "validation"
Row = Mapping[str, Any]
Part = Literal["id", "task", "origin", "group", "evidence", "metadata", "system turn"]
PARTS: tuple[Part, ...] = ("id", "task", "origin", "group", "evidence", "metadata", "system turn")
"""What an example may have besides its question and answer."""
WHOLE = frozenset(PARTS)
_OF_AN_ID: frozenset[Part] = frozenset({"task", "evidence", "system turn"})
DEFAULT_TASK, DEFAULT_ORIGIN = "qa", "import"
"""Of an example whose row does not say."""


@dataclass(frozen=True)
class SourcePlace:
    """Where the passage of an example stands, as question-and-answer files of repositories tell it.

    Attributes:
        repository: Name of the source.
        path: Of the file, seen from the repository; never an absolute one.
        is_code: Whether it is code; documents and logs are not.
        strategy: How its passage was cut, e.g. `heading_based`.
        preview: The first characters of the passage.
    """

    repository: str
    path: str
    is_code: bool
    strategy: str
    preview: str


@dataclass(frozen=True)
class Entry:
    """An example about to be written.

    Attributes:
        split: The set that it is in: `train`, `validation`, `test_seen_docs` and so on.
        source: Where its first passage stands, where that is known.
        validation_share: Share of the training groups that a format of two sets moves to its validation.
        made_at: When the examples were made, ISO 8601; empty where nobody knows.
    """

    split: str
    example: Example
    source: SourcePlace | None = None
    validation_share: float = 0.0
    made_at: str = ""


@dataclass(frozen=True)
class Format:
    """One way to write examples down.

    Attributes:
        about: What it is and who reads it, in one line.
        rows: Files, below the folder of the export, and the row of an entry in each. The suffix tells how it is
            written: `.jsonl`, `.json` (an indented array), `.csv`; without one it is a table of `schema`.
        objection: Why an entry cannot be written at all; empty where it can.
        holds: What is found again when a row is read, besides question and answer.
        read: The example of a row, with what the format does not hold left as `core.making.make_example` makes it.
        read_from: Of the files of a folder those to read, each with its split, so that no example is read twice.
        needs_source: Whether its rows say where a passage stands.
        schema: Of a table.
        files: Those that stand there even without a row.
        summary: One more file, its name and content, made of the rows of each file and the time of the export.
    """

    name: str
    about: str
    rows: Callable[[Entry], tuple[tuple[str, Row], ...]]
    read: Callable[[Row], Example]
    read_from: Callable[[tuple[str, ...]], tuple[tuple[str, str], ...]]
    holds: frozenset[Part] = frozenset()
    objection: Callable[[Entry], str] = lambda _entry: ""
    needs_source: bool = False
    schema: pa.Schema | None = None
    files: tuple[str, ...] = ()
    summary: Callable[[Mapping[str, int], str], tuple[str, Row]] | None = None


def refuses(form: Format, entry: Entry) -> str:
    """Return why a format cannot hold an entry at all, or an empty text."""
    if not entry.example.messages:
        return "it has no turns"
    if has_half_a_character(entry.example):
        return "it holds half a character (a lone surrogate), which UTF-8 cannot"
    return form.objection(entry)


def loses(form: Format, example: Example) -> tuple[Part, ...]:
    """Return what an example has and is not found again when its row is read."""
    lost = [part for part in PARTS if part not in form.holds and _has(example, part)]
    if "id" not in form.holds and _OF_AN_ID.intersection(lost):
        lost.insert(0, "id")
    return tuple(lost)


def _has(example: Example, part: Part) -> bool:
    """Tell whether an example has something that a row without it would not give it."""
    if part == "system turn":
        return example.messages[0].role == "system"
    if part == "task":
        return example.task != DEFAULT_TASK
    if part == "origin":
        return example.origin != DEFAULT_ORIGIN
    return part != "id" and bool(getattr(example, part))


def training_only(entry: Entry) -> str:
    """Object to examples of test sets: who trains on such a file trains on all of it."""
    return (
        ""
        if entry.split == TRAIN
        else f"it is in {entry.split}, and this format holds training examples only"
    )


def one_file_a_split(suffix: str) -> Callable[[tuple[str, ...]], tuple[tuple[str, str], ...]]:
    """Return a `read_from` for formats that write `SPLIT` and a suffix."""
    return lambda names: tuple(
        (name.removesuffix(suffix), name)
        for name in names
        if name.endswith(suffix) and "/" not in name and name != f"left_out{suffix}"
    )
