"""The sets of examples that a version of a dataset or a run holds, and where their passages stand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lorewright.core.errors import DatasetError, NotFoundError
from lorewright.core.records import PROSE_KINDS, Example, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.datasets.formats.format import SourcePlace
from lorewright.datasets.formats.repository_pairs import PREVIEW_CHARS, source_of
from lorewright.stages import chunk, ingest
from lorewright.stages.dataset_versions import CARD, FACTS, Version, edited, find_version, read_set, versions

RUN = "run"
"""What stands for the newest run of `dataset` where a version may be named."""
_STRATEGIES = {"headings": "heading_based", "paragraphs": "paragraph_based", "code": "code_based"}
_ROWS_A_BATCH = 4096

SourceOf = Callable[[Example], SourcePlace | None]


@dataclass(frozen=True)
class Sets:
    """Examples by set, still on disk.

    Attributes:
        label: What a person knows them by: `handbook/v2`, or `dataset/` and the id of a run.
        sizes: Rows by set, in order.
        read: The examples of a set in the order they were written.
        made_at: When, ISO 8601; empty where nobody knows.
        mark: Changes with the content.
        source_of: Where the first passage of an example stands, where that is known.
    """

    label: str
    sizes: Mapping[str, int]
    read: Callable[[str], Iterator[Example]]
    made_at: str
    mark: str
    source_of: SourceOf

    @property
    def total(self) -> int:
        """Rows of all sets."""
        return sum(self.sizes.values())


def find_sets(root: Path, text: str, *, name: str = "", workspace: Workspace | None = None) -> Sets:
    """Return the sets of the version that a text stands for, or that lie in the folder of a version.

    Args:
        root: Holds `datasets/`.
        text: `v2`, `NAME/v2`, `NAME`, the path of a version's folder, or nothing for the newest.
        name: Of the dataset where the text names none.
        workspace: Of the project, where there is one: its runs tell where passages stand.

    Raises:
        NotFoundError: There is no such version.
        DatasetError: Somebody changed its files.
    """
    return version_sets(named_version(root, text, name=name), workspace)


def named_version(root: Path, text: str, *, name: str = "") -> Version:
    """Return the version that a text stands for, as `find_sets` takes it.

    Raises:
        NotFoundError: There is no such version.
    """
    folder = Path(text).expanduser().resolve()
    if text and (folder / FACTS).is_file():
        there = versions(folder.parent.parent.parent, folder.parent.name)
        found = next((one for one in there if one.folder.resolve() == folder), None)
        if found is None:
            raise NotFoundError(f"{folder} is no version of a dataset.", "lore dataset list")
        return found
    return find_version(root, text, name=name) if text or name else _only(root)


def version_sets(version: Version, workspace: Workspace | None = None) -> Sets:
    """Return the sets of a version.

    Raises:
        DatasetError: Somebody changed its files.
    """
    require_whole(version)
    runs = {stage: str(run) for stage, run in version.facts.get("runs", {}).items()}
    return Sets(
        label=version.label,
        sizes={name: rows for name, rows in version.counts.items() if rows},
        read=partial(read_set, version),
        made_at=str(version.facts.get("made_at", "")),
        mark="-".join(str(version.facts["content"].get(name, ""))[:12] for name in version.counts),
        source_of=_sources(workspace, runs),
    )


def require_whole(version: Version) -> None:
    """Make sure that nobody changed the data of a version; its card may say what a person wants.

    Raises:
        DatasetError: Somebody did.
    """
    changed = [name for name in edited(version) if name != CARD]
    if changed:
        raise DatasetError(
            f"{version.label} is not what was made: {', '.join(changed[:3])} changed.",
            "lore dataset makes a new version; edited rows come in by `lore dataset import FILE`",
        )


def run_sets(workspace: Workspace, run: Run) -> Sets:
    """Return the sets of a finished run of `dataset`."""
    folder = workspace.run_dir("dataset", run.id)
    sizes = {name: int(rows) for name, rows in run.metrics["sets"].items() if rows}
    return Sets(
        label=f"dataset/{run.id}",
        sizes=sizes,
        read=lambda name: read_table(folder / f"{name}.parquet", Example),
        made_at=run.finished_at.isoformat(timespec="seconds"),
        mark=run.id,
        source_of=_sources(workspace, run.inputs),
    )


def _only(root: Path) -> Version:
    """Return the newest version of the only dataset that there is."""
    there = versions(root)
    names = sorted({one.name for one in there})
    if len(names) == 1:
        return there[-1]
    if not names:
        raise NotFoundError(
            f"There is no version of a dataset in {root}.",
            "`lore dataset` makes one of a project, `lore dataset import FILE` of a file",
        )
    raise NotFoundError(
        f"There are {len(names)} datasets in {root}: {', '.join(names)}.", f"name one: --version {names[0]}"
    )


def _sources(workspace: Workspace | None, runs: Mapping[str, str]) -> SourceOf:
    """Return what finds passages: by the runs that made them, else by what an example says of itself."""
    if workspace is None:
        return source_of
    places = cache(partial(_places, workspace, dict(runs)))

    def find(example: Example) -> SourcePlace | None:
        found = places()
        known = (found.get(piece.chunk_id) for piece in example.evidence)
        return next((one for one in known if one is not None), None) or source_of(example)

    return find


def _places(workspace: Workspace, runs: Mapping[str, str]) -> dict[str, SourcePlace]:
    """Return the place of every chunk, the first where it stands at several; none where the runs are gone."""
    if "ingest" not in runs or "chunk" not in runs:
        return {}
    documents_path = workspace.run_dir("ingest", runs["ingest"]) / ingest.DOCUMENTS
    chunks_path = workspace.run_dir("chunk", runs["chunk"]) / chunk.CHUNKS
    if not documents_path.is_file() or not chunks_path.is_file():
        return {}
    documents = {
        row["id"]: (row["source"], row["path"], row["kind"] not in PROSE_KINDS | {"log"})
        for row in _rows(documents_path, ["id", "source", "path", "kind"])
    }
    cut = workspace.find("chunk", runs["chunk"])
    sizes = cut.settings.get("chunking", {}) if cut else {}
    places: dict[str, SourcePlace] = {}
    for row in _rows(chunks_path, ["id", "document_id", "strategy", "text"]):
        if row["document_id"] in documents and row["id"] not in places:
            repository, path, is_code = documents[row["document_id"]]
            strategy = _strategy(row["strategy"], sizes, is_code=is_code)
            places[row["id"]] = SourcePlace(repository, path, is_code, strategy, row["text"])
    return places


def _strategy(name: str, sizes: Mapping[str, Any], *, is_code: bool) -> str:
    """Return a strategy in the words of question-and-answer files: `heading_based`, `code_fixed_size_500_50`."""
    fixed = f"fixed_size_{sizes.get('max_chars', '')}_{sizes.get('overlap_chars', '')}"
    told = _STRATEGIES.get(name, fixed if name == "windows" else name)
    return f"code_{told}" if is_code and not told.startswith("code_") else told


def _rows(table: Path, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yield some columns of a table, of `text` its beginning."""
    with pq.ParquetFile(table, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=_ROWS_A_BATCH, columns=names):
            columns = {name: batch[name] for name in names}
            if "text" in columns:
                columns["text"] = pc.utf8_slice_codeunits(columns["text"], 0, PREVIEW_CHARS)
            yield from pa.table(columns).to_pylist()
