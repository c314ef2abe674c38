"""Versions of datasets: `datasets/<name>/vN`, written beside and renamed, numbered once, never overwritten.

A version holds `SET.jsonl` (conversational prompt-completion rows) and `SET.parquet` (whole examples) of every set that
has rows, a card (`README.md`), `dataset.json` (facts, counts and the digests of all files) and the mark of what lore
made. No project is needed.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from lorewright import __version__
from lorewright.core.errors import AccountError, ConfigError, NotFoundError
from lorewright.core.files import storage_errors, sync_folder, write_atomic
from lorewright.core.locks import exclusive
from lorewright.core.marks import MARK
from lorewright.core.progress import Reporter, Tick
from lorewright.core.records import Example, Metadata
from lorewright.core.tables import read_table, write_table
from lorewright.datasets.formats import prompt_completion, write_lines
from lorewright.datasets.tally import Tally
from lorewright.hub.dataset_card import SetFacts, VersionFacts, version_card

DATASETS, CARD, FACTS = "datasets", "README.md", "dataset.json"
DOCUMENTS, REJECTIONS = "documents.jsonl", "rejections.jsonl"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SET = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FOLDER = re.compile(r"v([1-9][0-9]*)")
_IGNORE = "# Made by lore; remove this file to keep the versions in git.\n*\n"


@dataclass(frozen=True)
class Version:
    """A version of a dataset as it lies on disk.

    Attributes:
        name: Of the dataset.
        number: From 1; no number is given twice.
        folder: Where it lies.
        facts: What `dataset.json` says; empty where it cannot be read.
        fresh: Whether it was made just now.
    """

    name: str
    number: int
    folder: Path
    facts: Metadata
    fresh: bool = False

    @property
    def label(self) -> str:
        """Name and number, as commands take them: `handbook/v2`."""
        return f"{self.name}/v{self.number}"

    @property
    def counts(self) -> dict[str, int]:
        """Rows by set."""
        return {name: int(one["rows"]) for name, one in self.facts.get("sets", {}).items()}


def publish_version(
    root: Path,
    name: str,
    sets: Mapping[str, Iterable[Example]],
    facts: VersionFacts,
    reporter: Reporter,
) -> Version:
    """Write the next version of a dataset, `root/datasets/name/vN`, and return it.

    Where the newest version holds the same examples in the same sets and nobody changed its files, that one is
    returned (`fresh` is False) and nothing is written. Examples are written as they come, a few thousand in memory.

    Args:
        root: The project's folder, or any other.
        name: Of the dataset: lower-case letters, digits, `.`, `_` and `-` (`version_name` makes one of any text).
        sets: Examples by set, in the order in which the card shows them: `train`, `validation`, `test_...`. An
            example that stands twice in a set is written twice.
        facts: What is known of it; `facts.counts` has the rows of each set.
        reporter: Shows progress.

    Raises:
        AccountError: A set had more or fewer rows than announced.
        BusyError: Another process writes a version of this dataset.
        ConfigError: The name of the dataset or of a set cannot be a file's.
        StorageError: The disk refuses; no half version is left.
    """
    for text, pattern in ((name, _NAME), *((one, _SET) for one in sets)):
        if not pattern.fullmatch(text):
            raise ConfigError(
                f"{text!r} cannot be the name of a folder or file of a dataset.",
                "write lower-case letters, digits and hyphens",
            )
    home = root / DATASETS / name
    with storage_errors("writing the dataset"):
        home.mkdir(parents=True, exist_ok=True)
        with exclusive(home / ".lock", what=f"a version of {name}"):
            before = _newest_whole(root, name)
            return _publish(home, name, sets, facts, before, reporter)


def same_version(root: Path, name: str, content: Mapping[str, str]) -> Version | None:
    """Return the newest version if it holds this content and nobody changed its files; else None.

    Args:
        root: Holds `datasets/`.
        name: Of the dataset.
        content: Digest of each set that has rows, as a run of dataset holds them.
    """
    before = _newest_whole(root, name)
    return before if before is not None and dict(content) == before.facts["content"] else None


def version_name(text: str) -> str:
    """Return a text as the name of a dataset: lower-case letters and digits, hyphens for all else."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "dataset"


def versions(root: Path, name: str = "") -> list[Version]:
    """Return the versions of one dataset, or of all, by name and number."""
    base = root / DATASETS
    found = []
    for folder in base.glob(f"{name or '*'}/v*"):
        number = _FOLDER.fullmatch(folder.name)
        if number and (folder / MARK).is_file():
            found.append(Version(folder.parent.name, int(number[1]), folder, _facts(folder)))
    return sorted(found, key=lambda one: (one.name, one.number))


def find_version(root: Path, text: str, *, name: str) -> Version:
    """Return the version that `v2`, `2`, `NAME/v2` or `NAME` stands for; of a name alone, or of "", the newest.

    Args:
        root: Holds `datasets/`.
        text: As a person wrote it.
        name: Of the dataset where the text names none.

    Raises:
        NotFoundError: There is none; the message lists what there is.
    """
    whose, _, which = text.strip("/").rpartition("/")
    if not re.fullmatch(r"v?[0-9]+", which):
        whose, which = text.strip("/"), ""
    there = versions(root, whose or name)
    found = [one for one in there if not which or one.number == int(which.removeprefix("v"))]
    if found:
        return found[-1]
    known = [one.label for one in versions(root)]
    missing = f"There is no version {text!r}" if text else f"The dataset {name} has no version"
    raise NotFoundError(
        f"{missing} in {root / DATASETS}.",
        f"there are: {', '.join(known[-10:])}" if known else "lore dataset makes the first one",
    )


def edited(version: Version) -> list[str]:
    """Return the files of a version that are gone or no longer what was written."""
    files = version.facts.get("files")
    if not isinstance(files, dict):
        return [FACTS]
    return [name for name, one in files.items() if _sha256(version.folder / name) != one["sha256"]]


def read_set(version: Version, name: str) -> Iterator[Example]:
    """Yield the examples of a set in the order written; none where it has no rows."""
    path = version.folder / f"{name}.parquet"
    return read_table(path, Example) if path.is_file() else iter(())


def remove_version(version: Version) -> None:
    """Remove a version; its number is not given again."""
    doomed = version.folder.with_name(f".{version.folder.name}.gone")
    shutil.rmtree(doomed, ignore_errors=True)
    version.folder.rename(doomed)
    shutil.rmtree(doomed)


def _publish(
    home: Path,
    name: str,
    sets: Mapping[str, Iterable[Example]],
    facts: VersionFacts,
    before: Version | None,
    reporter: Reporter,
) -> Version:
    number = _last_number(home) + 1
    growing, folder = home / f".v{number}.partial", home / f"v{number}"
    for stale in home.glob(".v*"):
        shutil.rmtree(stale)
    growing.mkdir()
    try:
        content, told = _write_sets(growing, sets, facts, reporter)
        if before is not None and content == before.facts["content"]:
            return before
        _describe(growing, name, number, facts, told, content)
        _claim(home, number)
        growing.rename(folder)
    finally:
        shutil.rmtree(growing, ignore_errors=True)
    sync_folder(home)
    return Version(name, number, folder, _facts(folder), fresh=True)


def _write_sets(
    growing: Path, sets: Mapping[str, Iterable[Example]], facts: VersionFacts, reporter: Reporter
) -> tuple[dict[str, str], dict[str, SetFacts]]:
    """Write both files of every set that has rows; return the digests of their content, and what is in them."""
    content: dict[str, str] = {}
    told: dict[str, SetFacts] = {}
    with reporter.task("dataset", total=sum(facts.counts.values()), unit="rows") as tick:
        for name, examples in sets.items():
            tally = Tally(facts.source_of)
            lines, records = growing / f"{name}.jsonl", growing / f"{name}.parquet"
            with lines.open("w", encoding="utf-8", newline="\n") as stream:
                written = _as_lines(tally.passing(examples), stream, tick)
                rows, digest = write_table(records, written, Example)
                stream.flush()
                os.fsync(stream.fileno())
            if rows != facts.counts.get(name, 0):
                raise AccountError(
                    f"{facts.counts.get(name, 0):,} rows of {name} were announced, {rows:,} came.",
                    "this is a fault of the program: please report it with the command that you typed",
                )
            told[name] = tally.told()
            if rows:
                content[name] = digest
            else:
                lines.unlink()
                records.unlink()
    return content, told


def _as_lines(examples: Iterable[Example], stream: TextIO, tick: Tick) -> Iterator[Example]:
    """Yield examples as they come, each written as a line too."""
    for example in examples:
        stream.writelines(write_lines([prompt_completion(example)]))
        tick(1)
        yield example


def _describe(
    growing: Path,
    name: str,
    number: int,
    facts: VersionFacts,
    told: Mapping[str, SetFacts],
    content: Mapping[str, str],
) -> None:
    """Write what stands beside the sets; `dataset.json` comes last, for it holds the digests of the others."""
    made_by = facts.made_by or f"lorewright {__version__}"
    card = version_card(name, number, replace(facts, made_by=made_by), told)
    write_atomic(growing / CARD, card.encode("utf-8"))
    for file, rows in (
        (DOCUMENTS, facts.documents),
        (REJECTIONS, [one.model_dump(mode="json") for one in facts.rejections]),
    ):
        if rows:
            with (growing / file).open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(write_lines(rows))
    _write_json(growing / MARK, {"kind": "dataset", "name": name, "version": number, "made_by": made_by})
    files = {
        path.name: {"sha256": _sha256(path), "bytes": path.stat().st_size}
        for path in sorted(growing.iterdir())
    }
    _write_json(
        growing / FACTS,
        {
            "name": name,
            "version": number,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "made_by": made_by,
            "runs": dict(facts.runs),
            "sets": {name: asdict(one) for name, one in told.items()},
            "sources": [asdict(one) for one in facts.sources],
            "steps": [asdict(one) for one in facts.steps],
            "reviews": dict(facts.reviews),
            "leakage": facts.leakage,
            "settings": facts.settings,
            "notes": [*facts.notes, *facts.limits],
            "details": facts.details,
            "content": dict(content),
            "files": files,
        },
    )


def _claim(home: Path, number: int) -> None:
    """Note a number as given, and tell git and the sources of a project that what is here is lore's."""
    ignore = home / ".gitignore"
    if not (home / MARK).exists() and not ignore.exists():
        ignore.write_text(_IGNORE, encoding="utf-8")
    _write_json(home / MARK, {"kind": "datasets", "last": number})


def _last_number(home: Path) -> int:
    there = [int(number[1]) for path in home.iterdir() if (number := _FOLDER.fullmatch(path.name))]
    try:
        given = int(json.loads((home / MARK).read_bytes())["last"])
    except (OSError, ValueError, KeyError, TypeError):
        given = 0
    return max([given, *there])


def _newest_whole(root: Path, name: str) -> Version | None:
    """Return the newest version, unless somebody changed its data: then it is no longer what was made."""
    there = versions(root, name)
    return there[-1] if there and not set(edited(there[-1])) - {CARD} else None


def _facts(folder: Path) -> Metadata:
    try:
        found = json.loads((folder / FACTS).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("content"), dict) else {}


def _sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits; empty where there is none."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _write_json(path: Path, value: Any) -> None:
    write_atomic(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))
