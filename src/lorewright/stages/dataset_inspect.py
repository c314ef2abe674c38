"""dataset inspect: how long examples are for the model that will be trained on them, by the code that trains."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError, DatasetError, NotFoundError
from lorewright.core.progress import Reporter
from lorewright.core.records import Example
from lorewright.core.settings import Section, check, override
from lorewright.core.workspace import Workspace
from lorewright.datasets.formats import prompt_completion
from lorewright.datasets.lengths import (
    Bar,
    Fate,
    Length,
    Spread,
    as_json,
    fate,
    histogram,
    spread,
    spread_by,
)
from lorewright.hub.models import fetch_file
from lorewright.llm.chat_tokenizer import FILES, load_chat_tokenizer
from lorewright.stages import base
from lorewright.stages.dataset_sets import Sets
from lorewright.stages.import_rows import look_at, read_examples
from lorewright.stages.settings import TINY, Settings, TrainingSettings

_ROWS_A_BATCH = 256


@dataclass(frozen=True)
class Reader:
    """What reads examples.

    Attributes:
        folder: Of its tokenizer.
        name: What a person calls it.
        max_length: Tokens, as training is told.
    """

    folder: Path
    name: str
    max_length: int


@dataclass(frozen=True)
class Inspection:
    """What a tokenizer says about some examples.

    Attributes:
        label: What they are.
        tokenizer: Whose.
        max_length: Tokens that training reads: the setting, or the model's own limit where that is less.
        unreadable: Rows of a file that are no conversation.
        fates: What becomes of them, by set.
    """

    label: str
    tokenizer: str
    max_length: int
    unreadable: int
    bars: tuple[Bar, ...]
    all: Spread
    by_split: dict[str, Spread]
    by_task: dict[str, Spread]
    fates: dict[str, Fate]

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "of": self.label,
            "tokenizer": self.tokenizer,
            "max_length": self.max_length,
            "unreadable_rows": self.unreadable,
            "all": as_json(self.all),
            "by_set": {name: as_json(one) for name, one in self.by_split.items()},
            "by_task": {name: as_json(one) for name, one in self.by_task.items()},
            "outcome": {name: asdict(one) for name, one in self.fates.items()},
            "histogram": [one._asdict() for one in self.bars],
        }


class InspectSettings(Section):
    """What inspect takes from the settings tree, or from `--set` where there is no project."""

    training: TrainingSettings = TrainingSettings()


def inspect_settings(settings: Settings | None, assignments: tuple[str, ...]) -> TrainingSettings:
    """Return how training is set: in a project, or by default and `--set`."""
    if settings is not None:
        return settings.training
    return check(override({}, assignments), InspectSettings, where="--set").training


def tokenizer_folder(name: str, *, workspace: Workspace | None, project_dir: Path) -> Path:
    """Return the folder with the tokenizer of a base model; of one on the Hub only these files are fetched.

    Args:
        name: A folder, seen from the project, a Hub name, or `tiny`.
        workspace: Of the project, where there is one.
        project_dir: What folders are seen from.

    Raises:
        ConfigError: The base is `tiny`, which is made by training and is not there yet.
        NotFoundError: There is no such tokenizer.
    """
    if name == TINY:
        made = workspace.newest("base") if workspace is not None else None
        if workspace is None or made is None or made.metrics.get("name") != TINY:
            raise ConfigError(
                "The base `tiny` has no tokenizer yet: `lore train` makes it of your documents.",
                "name another: --tokenizer FOLDER, or a Hub model such as --tokenizer Qwen/Qwen3-0.6B",
            )
        return base.path_of(workspace, made)
    folder = (project_dir / Path(name).expanduser()).resolve()
    if (folder / FILES[0]).is_file():
        return folder
    if folder.exists() or name.startswith((".", "/", "~")):
        raise NotFoundError(f"{folder} holds no {FILES[0]}.", "name a model's folder, or a Hub model")
    found = fetch_file(name, FILES[0])
    for file in FILES[1:]:
        try:
            fetch_file(name, file)
        except NotFoundError:
            continue
    return found.parent


def inspect_sets(sets: Sets, reader: Reader, *, reporter: Reporter) -> Inspection:
    """Return how long the examples of a version or a run are.

    Raises:
        DatasetError: There is none.
        NotFoundError: There is no such tokenizer.
    """
    rows = ((split, example) for split in sets.sizes for example in sets.read(split))
    return _inspect(sets.label, rows, sets.total, 0, reader, reporter)


def inspect_files(paths: Sequence[Path], reader: Reader, *, reporter: Reporter) -> Inspection:
    """Return how long the rows of somebody else's files are; those that are no conversation are counted.

    Raises:
        DatasetError: It cannot be told what holds the question or the answer.
        NotFoundError: There is no such file.
    """
    files = [file for path in paths for file in look_at(path, {})]
    outcomes = list(read_examples(files, task="qa"))
    rows = [(one.split or "file", one.example) for one in outcomes if one.example is not None]
    label = ", ".join(path.name for path in paths)
    unreadable = len(outcomes) - len(rows)
    return _inspect(label, rows, len(rows), unreadable, reader, reporter)


def _inspect(
    label: str,
    rows: Iterable[tuple[str, Example]],
    total: int,
    unreadable: int,
    reader: Reader,
    reporter: Reporter,
) -> Inspection:
    if not total:
        raise DatasetError(f"{label} holds no example to inspect.", "lore dataset list")
    loaded = load_chat_tokenizer(reader.folder)
    limit = min(reader.max_length, loaded.reads or reader.max_length)
    with reporter.task("inspect", total=total, unit="examples") as tick:
        lengths = []
        for batch in _batches(rows):
            lengths += _measure(loaded.tokenizer, batch, limit)
            tick(len(batch))
    by_split: dict[str, list[Length]] = {}
    for one in lengths:
        by_split.setdefault(one.split, []).append(one)
    return Inspection(
        label=label,
        tokenizer=reader.name,
        max_length=limit,
        unreadable=unreadable,
        bars=tuple(histogram(lengths)),
        all=spread(lengths),
        by_split=spread_by(lengths, "split"),
        by_task=spread_by(lengths, "task"),
        fates={name: fate(own, max_length=limit) for name, own in by_split.items()},
    )


def _measure(tokenizer: Any, batch: Sequence[tuple[str, Example]], max_length: int) -> list[Length]:
    from lorewright.training.encoding import IGNORED, encode_rows

    rows = [prompt_completion(example) for _, example in batch]
    kept = encode_rows(tokenizer, rows, max_length=max_length)
    dropped = set(kept.dropped)
    over = encode_rows(tokenizer, [rows[index] for index in kept.dropped], max_length=sys.maxsize)
    features, long = iter(kept.features), iter(over.features)
    lengths = []
    for index, (split, example) in enumerate(batch):
        labels = next(long if index in dropped else features)["labels"]
        prompt = labels.count(IGNORED)
        ends = labels[-1] == tokenizer.eos_token_id
        lengths.append(Length(split, example.task, prompt, len(labels) - prompt, index not in dropped, ends))
    return lengths


def _batches(rows: Iterable[tuple[str, Example]]) -> Iterator[list[tuple[str, Example]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _ROWS_A_BATCH)):
        yield batch
