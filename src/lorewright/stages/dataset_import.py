"""dataset import: somebody else's rows as a version of a dataset, checked, dealt out to sets, each with its line.

It needs no project and makes no run.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lorewright import __version__
from lorewright.core.accounts import account
from lorewright.core.errors import ConfigError, DatasetError, NotFoundError
from lorewright.core.printable import one_line
from lorewright.core.progress import Reporter
from lorewright.core.records import Example, Rejection
from lorewright.core.settings import Section, check, override, result_settings
from lorewright.core.workspace import find_project
from lorewright.curation.curate import SCHEMA
from lorewright.curation.duplicates import drop_exact
from lorewright.datasets.draws import SIDES, draw, ensure_sides
from lorewright.datasets.fields import field_value
from lorewright.datasets.leakage import measure
from lorewright.hub.dataset_card import Step, VersionFacts
from lorewright.stages.curate_checks import alone
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.dataset_settings import DatasetSettings
from lorewright.stages.dataset_versions import Version, publish_version
from lorewright.stages.import_rows import IMPORTED_FROM, Imported, RowFile, look_at, read_examples, require
from lorewright.stages.settings import load
from lorewright.text.near_duplicates import clusters

_DUPLICATE = "exact_duplicate"
_STRUCTURAL = (SCHEMA, "json", "form")
_NAME_CHARS = 120


class ImportSettings(Section):
    """What an import takes from the settings tree, or from `--set` where there is no project."""

    curation: CurationSettings = CurationSettings()
    dataset: DatasetSettings = DatasetSettings()


@dataclass(frozen=True)
class Dealt:
    """What became of all rows of some files.

    Attributes:
        files: How each was read.
        sets: Examples by set.
        rejections: Why the other rows were left out; `name` begins with file and line.
        leakage: What tests share with training, as `datasets.leakage.measure` returns it.
        rows: How many there were.
    """

    files: tuple[RowFile, ...]
    sets: Mapping[str, Sequence[Example]]
    rejections: Sequence[Rejection]
    leakage: Mapping[str, Any]
    rows: int

    @property
    def by_filter(self) -> dict[str, int]:
        """Rejections by filter, the most frequent first."""
        return dict(Counter(one.filter for one in self.rejections).most_common())

    def told(self) -> dict[str, Any]:
        """Return it as JSON values, without the examples."""
        return {
            "files": [one.told() for one in self.files],
            "rows": self.rows,
            "sets": {name: len(members) for name, members in self.sets.items()},
            "rejected": len(self.rejections),
            "by_filter": self.by_filter,
            "rejections": [one.model_dump(mode="json") for one in self.rejections],
        }


def import_settings(start: Path, assignments: tuple[str, ...]) -> tuple[Path, ImportSettings]:
    """Return the folder that holds `datasets/` and the settings: a project's, or the defaults where there is none."""
    try:
        root = find_project(start)
    except NotFoundError:
        return start.resolve(), check(override({}, assignments), ImportSettings, where="--set")
    settings = load(root, assignments)
    return root, ImportSettings(curation=settings.curation, dataset=settings.dataset)


def deal(
    paths: Sequence[Path],
    *,
    given: Mapping[str, str],
    task: str,
    split_by: str,
    settings: ImportSettings,
    reporter: Reporter,
) -> Dealt:
    """Read, check and deal out the rows of some files.

    Args:
        paths: Files, or folders that were exported; in these the sets stay as they are.
        given: Which column holds what, as a person said it.
        task: Of examples whose row does not say.
        split_by: Column whose values stay whole; empty keeps near-duplicate questions together.
        settings: Of the filters and of the split.
        reporter: Shows progress.

    Raises:
        ConfigError: A column that a person named does not exist.
        DatasetError: It cannot be told what holds the question or the answer, or no row can be used.
        NotFoundError: There is no such file.
    """
    require(paths)
    files = [file for path in paths for file in look_at(path, given)]
    outcomes: list[Imported] = []
    with reporter.task("import", total=None, unit="rows") as tick:
        for one in read_examples(files, task=task):
            outcomes.append(one)
            tick(1)
    _require_column(outcomes, split_by)
    kept, rejections = _checked(outcomes, settings.curation)
    sets = _deal(kept, split_by, settings.dataset)
    account(
        "rows",
        (_row_id(one) for one in outcomes),
        kept=(one.id for members in sets.values() for one in members),
        rejected=(one.record_id or one.name for one in rejections),
    )
    trained = [*sets.get("train", ()), *sets.get("validation", ())]
    tests = {name: members for name, members in sets.items() if name not in {"train", "validation"}}
    leakage = measure(trained, tests, {}, split_by=split_by)
    return Dealt(tuple(files), sets, rejections, leakage, len(outcomes))


def publish_import(
    dealt: Dealt, *, root: Path, name: str, split_by: str, settings: ImportSettings, reporter: Reporter
) -> Version:
    """Write what was dealt out as the next version of a dataset.

    Raises:
        DatasetError: There are fewer training examples than `dataset.min_examples`.
        BusyError: Another process writes a version of this dataset.
        StorageError: The disk refuses.
    """
    counts = {name: len(members) for name, members in dealt.sets.items()}
    wanted = settings.dataset.min_examples
    if counts.get("train", 0) < wanted:
        why = ", ".join(f"{count:,} {reason}" for reason, count in dealt.by_filter.items())
        raise DatasetError(
            f"{counts.get('train', 0):,} of {dealt.rows:,} rows are left to train on, fewer than {wanted:,}"
            + (f" (left out: {why})." if why else "."),
            "give more rows, or --set dataset.min_examples=1; --dry-run shows what was left out",
        )
    files = [_file_facts(file) for file in dealt.files]
    facts = VersionFacts(
        counts=counts,
        made_by=f"lorewright {__version__}, lore dataset import",
        settings={**result_settings(settings), "split_by": split_by},
        steps=_steps(dealt, counts),
        leakage=dict(dealt.leakage),
        rejections=dealt.rejections,
        notes=["Imported from " + ", ".join(f"`{one['file']}`" for one in files) + "."],
        limits=["Nobody told lore under which licence the imported rows are."],
        details={"files": files},
    )
    return publish_version(root, name, dealt.sets, facts, reporter)


def _checked(
    outcomes: Iterable[Imported], settings: CurationSettings
) -> tuple[list[tuple[str, Example]], list[Rejection]]:
    """Return the rows that are conversations, each once with its set, and why the others are not."""
    filters = alone(settings, chunk_texts={})
    structural = {name: filters[name] for name in _STRUCTURAL if name in filters}
    kept: list[tuple[str, Example]] = []
    rejections: list[Rejection] = []
    for one in outcomes:
        if one.example is None:
            rejections.append(_unreadable(one))
            continue
        said = ((name, objection(one.example)) for name, objection in structural.items())
        refused = next(((name, reason) for name, reason in said if reason is not None), None)
        if refused is None:
            kept.append((one.split, one.example))
        else:
            rejections.append(_rejected(one.example, *refused))
    if _DUPLICATE in settings.off:
        return kept, rejections
    once: list[tuple[str, Example]] = []
    for (split, example), outcome in zip(kept, drop_exact([example for _, example in kept]), strict=True):
        if isinstance(outcome, Example):
            once.append((split, example))
        else:
            rejections.append(_rejected(example, outcome.filter, outcome.reason, outcome.twin))
    return once, rejections


def _deal(
    rows: Sequence[tuple[str, Example]], split_by: str, settings: DatasetSettings
) -> dict[str, list[Example]]:
    """Return the sets in the order of the rows; those that a file names are as it names them."""
    sets: dict[str, list[Example]] = {}
    for split, example in rows:
        if split:
            sets.setdefault(split, []).append(example)
    loose = [example for split, example in rows if not split]
    if not loose:
        return sets
    groups = _groups(loose, split_by, settings)
    # A draw by the first row of a group: what is added below moves nothing.
    drawn = {group: draw(group, seed=settings.seed) for group in groups}
    sides = ensure_sides(drawn, settings.ratios)
    sets = {**{name: [] for name in SIDES}, **sets}
    for group, example in zip(groups, loose, strict=True):
        sets[sides[group]].append(example.model_copy(update={"group": group}))
    return sets


def _groups(examples: Sequence[Example], split_by: str, settings: DatasetSettings) -> list[str]:
    """Return what each example stays together with: its value of a column, else questions nearly like its own."""
    questions = [example.prompt for example in examples]
    numbers = clusters(questions, threshold=settings.near_duplicate_threshold, seed=settings.seed)
    first_of: dict[int, str] = {}
    groups = []
    for example, number in zip(examples, numbers, strict=True):
        value = field_value(example, split_by)
        groups.append(f"{split_by}={value}" if value else first_of.setdefault(number, example.id))
    return groups


def _row_id(one: Imported) -> str:
    return str(one.place) if one.example is None else one.example.id


def _require_column(outcomes: Sequence[Imported], split_by: str) -> None:
    examples = [one.example for one in outcomes if one.example is not None]
    if not split_by or not examples or any(field_value(one, split_by) for one in examples):
        return
    known = sorted({name for one in examples for name in one.metadata} - {IMPORTED_FROM})
    raise ConfigError(
        f"--split-by {split_by}: no row has such a column.",
        f"there are: {', '.join(known)}" if known else "leave it out",
    )


def _unreadable(one: Imported) -> Rejection:
    return Rejection(record="example", record_id="", filter="row", reason=one.reason, name=str(one.place))


def _rejected(example: Example, name: str, reason: str, twin: str = "") -> Rejection:
    place, asked = place_of(example), one_line(example.prompt)[:_NAME_CHARS]
    return Rejection(
        record="example",
        record_id=example.id,
        filter=name,
        reason=reason,
        twin=twin,
        name=f"{place}: {asked}",
    )


def place_of(example: Example) -> str:
    """Return file and line of an imported example."""
    return str(example.metadata[IMPORTED_FROM])


def _steps(dealt: Dealt, counts: Mapping[str, int]) -> list[Step]:
    return [Step("import", dealt.rows, sum(counts.values()), dealt.by_filter)]


def _file_facts(file: RowFile) -> dict[str, Any]:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {**file.told(), "sha256": digest, "bytes": file.path.stat().st_size}
