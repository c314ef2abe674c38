"""corpus: the chunks of the newest runs as a Hugging Face `DatasetDict`, saved to a folder or pushed to the Hub.

It is not part of the road: it makes no run, and what it writes names the runs it was made from.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lorewright import __version__
from lorewright.core.errors import ConfigError, DatasetError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.locks import exclusive
from lorewright.core.marks import MARK
from lorewright.core.progress import Reporter
from lorewright.core.records import Run, SourceState
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.hub.card import Description, Repository, SplitCount, dataset_card
from lorewright.hub.datasets import Pushed, push
from lorewright.hub.split_files import Row, SplitFiles, describe_on_disk, write_splits
from lorewright.stages import chunk, ingest
from lorewright.stages.settings import Settings
from lorewright.stages.whole_folder import place_for, replacing, size_of

if TYPE_CHECKING:
    from lorewright.hub.split_files import Layout

DOCS, PAPERS = "docs", "papers"
_FIELDS = (
    ("text", pa.string(), "The passage."),
    ("source", pa.string(), "`doc`, or `paper` where the document is a PDF."),
    ("repository", pa.string(), "Name of the repository or folder."),
    ("path", pa.string(), "Path of the file in it."),
    ("commit", pa.string(), "Commit that was read; empty outside git."),
    ("licence", pa.string(), "Licence the file or its repository states; empty if none is stated."),
    ("kind", pa.string(), "Kind of document, such as `markdown` or `pdf`."),
    ("title", pa.string(), "Title of the document."),
    ("headings", pa.list_(pa.string()), "Headings over the passage, outermost first."),
    ("unit", pa.string(), "What `first` and `last` count: `line` or `page`."),
    ("first", pa.int32(), "First line or page of the passage in its file, from 1."),
    ("last", pa.int32(), "Last line or page."),
    ("strategy", pa.string(), "How it was cut; passages of different strategies overlap."),
    ("chunk_id", pa.string(), "Hash of kind, headings and text."),
)
SCHEMA = pa.schema([(name, kind) for name, kind, _ in _FIELDS])


class Origin(NamedTuple):
    """What a row says of its document."""

    repository: str
    path: str
    kind: str
    title: str
    licence: str

    @property
    def split(self) -> str:
        """The split of all its passages."""
        return PAPERS if self.kind == "pdf" else DOCS


@dataclass(frozen=True)
class Corpus:
    """What is about to be written.

    Attributes:
        origins: Document id to what its rows say of it.
        commits: Repository to commit.
        chunks: The table of chunks.
        mark: Changes with the content.
    """

    origins: Mapping[str, Origin]
    commits: Mapping[str, str]
    chunks: Path
    mark: str
    description: Description

    @property
    def total(self) -> int:
        """Rows in all splits."""
        return sum(one.rows for one in self.description.splits.values())


@dataclass(frozen=True)
class Exported:
    """A folder that was written, what is in it, and its size on disk in bytes."""

    folder: Path
    description: Description
    bytes: int


@dataclass(frozen=True)
class Published:
    """A dataset on the Hub, what is in it, and the bytes of its files."""

    pushed: Pushed
    description: Description
    bytes: int


def gather(workspace: Workspace, runs: Mapping[str, Run], *, project: str) -> Corpus:
    """Return what the runs of ingest and chunk hold, passages still on disk.

    Raises:
        DatasetError: There is no passage.
    """
    read, cut = (workspace.run_dir(stage, runs[stage].id) for stage in ("ingest", "chunk"))
    origins = dict(_origins(read / ingest.DOCUMENTS))
    sources = list(read_table(read / ingest.SOURCES, SourceState))
    chunks_of = Counter(_column(cut / chunk.CHUNKS, "document_id"))
    if not chunks_of:
        raise DatasetError(
            f"There is nothing to export: {len(origins):,} documents gave no passage.",
            "lore show chunk",
        )
    described = Description(
        project=project,
        made_by=f"lorewright {__version__}",
        runs={stage: runs[stage].id for stage in ("ingest", "chunk")},
        splits=count_splits(origins, chunks_of),
        repositories=describe_repositories(origins, chunks_of, sources),
        rejected=runs["ingest"].metrics["rejected"],
        without_chunks=sum(name not in chunks_of for name in origins),
        fields={name: meaning for name, _, meaning in _FIELDS},
    )
    commits = {state.source: state.commit for state in sources}
    # Rows hold commits too, which a run of chunk does not depend on.
    mark = f"{runs['chunk'].id}-{runs['ingest'].id}"
    return Corpus(origins, commits, cut / chunk.CHUNKS, mark, described)


def corpus_rows(
    origins: Mapping[str, Origin], chunks: Iterable[Row], commits: Mapping[str, str]
) -> Iterator[tuple[str, Row]]:
    """Yield each chunk as the row of the corpus it becomes, with the name of its split."""
    for one in chunks:
        origin = origins[one["document_id"]]
        yield (
            origin.split,
            {
                "text": one["text"],
                "source": "paper" if origin.split == PAPERS else "doc",
                "repository": origin.repository,
                "path": origin.path,
                "commit": commits.get(origin.repository, ""),
                "licence": origin.licence,
                "kind": origin.kind,
                "title": origin.title,
                "headings": one["headings"],
                **one["place"],
                "strategy": one["strategy"],
                "chunk_id": one["id"],
            },
        )


def count_splits(origins: Mapping[str, Origin], chunks_of: Mapping[str, int]) -> dict[str, SplitCount]:
    """Return rows and documents of both splits."""
    sizes = {DOCS: [0, 0], PAPERS: [0, 0]}
    for document_id, rows in chunks_of.items():
        size = sizes[origins[document_id].split]
        size[0] += rows
        size[1] += 1
    return {split: SplitCount(*size) for split, size in sizes.items()}


def describe_repositories(
    origins: Mapping[str, Origin], chunks_of: Mapping[str, int], sources: Sequence[SourceState]
) -> tuple[Repository, ...]:
    """Return the repositories that rows come from, by name; where they lie on this machine is left out."""
    states = {state.source: state for state in sources}
    grouped: dict[str, list[str]] = {}
    for document_id in chunks_of:
        grouped.setdefault(origins[document_id].repository, []).append(document_id)
    return tuple(
        Repository(
            name=name,
            commit=states[name].commit if name in states else "",
            changed=name in states and states[name].dirty,
            documents=len(ids),
            chunks=sum(chunks_of[one] for one in ids),
            licences=dict(sorted(Counter(origins[one].licence for one in ids).items())),
        )
        for name, ids in sorted(grouped.items())
    )


def check_folder(folder: Path, *, workspace: Workspace, settings: Settings, force: bool) -> Path:
    """Return where an export goes, with links followed, after making sure that it may go there.

    Raises:
        ConfigError: Something else would be replaced.
    """
    sources = [one.path or one.git or one.repos or one.pdfs for one in settings.sources]
    needed = [workspace.project_dir, Path.cwd(), Path.home()]
    needed += [(workspace.project_dir / Path(name).expanduser()).resolve() for name in sources]
    target = place_for(folder, needed=needed, made_by="lore corpus export", kind="corpus", force=force)
    if target.is_relative_to(workspace.root):
        raise ConfigError(f"{target} lies in the workspace.", "give --out a folder outside .lore")
    return target


def export(workspace: Workspace, corpus: Corpus, folder: Path, *, reporter: Reporter) -> Exported:
    """Write a folder for `datasets.load_from_disk`; what stands there is replaced when the new one is whole.

    Raises:
        BusyError: Another export or push of this project is at work.
        StorageError: The disk refuses.
    """
    with _alone(workspace), storage_errors("exporting the corpus"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder) as growing:
            written = _write(corpus, growing, (DOCS, PAPERS), "arrow", reporter)
            describe_on_disk(growing, written, schema=SCHEMA, mark=corpus.mark)
            (growing / ".gitignore").write_text("# Made by lore corpus export.\n*\n", encoding="utf-8")
            _write_mark(growing, corpus.description)
            size = size_of(growing)
    return Exported(folder, corpus.description, size)


def publish(
    workspace: Workspace, corpus: Corpus, *, repo_id: str, private: bool, force: bool, reporter: Reporter
) -> Published:
    """Push the corpus to the Hub as Parquet with a dataset card, in one commit.

    Raises:
        BusyError: Another export or push of this project is at work.
        DatasetError: The Hub refuses or does not answer.
        StorageError: The disk refuses.
    """
    folder = workspace.root / "cache" / "push"
    with _alone(workspace), storage_errors("writing what is pushed"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            filled = [name for name, one in corpus.description.splits.items() if one.rows]
            written = _write(corpus, folder, filled, "parquet", reporter)
            card = dataset_card(corpus.description, written, repo_id=repo_id)
            (folder / "README.md").write_text(card, encoding="utf-8")
            _write_mark(folder, corpus.description)
            size = size_of(folder)
            reporter.say(f"  sending {size / 1e6:,.1f} MB to {repo_id}")
            message = f"Corpus of chunk run {corpus.description.runs['chunk']}"
            pushed = push(folder, repo_id=repo_id, private=private, message=message, force=force)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Published(pushed, corpus.description, size)


def _write(
    corpus: Corpus, folder: Path, splits: Sequence[str], layout: "Layout", reporter: Reporter
) -> dict[str, SplitFiles]:
    rows = corpus_rows(corpus.origins, _chunks(corpus.chunks), corpus.commits)
    with reporter.task("corpus", total=corpus.total, unit="rows") as tick:
        return write_splits(folder, rows, splits=splits, schema=SCHEMA, layout=layout, tick=tick)


def _write_mark(folder: Path, description: Description) -> None:
    content = json.dumps(asdict(description), indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / MARK, content.encode())


def _origins(table: Path) -> Iterator[tuple[str, Origin]]:
    for row in _columns(table, ["id", "source", "path", "kind", "title", "licence"]):
        yield row.pop("id"), Origin(repository=row.pop("source"), **row)


def _chunks(table: Path) -> Iterator[Row]:
    return _columns(table, ["id", "document_id", "text", "headings", "place", "strategy"])


def _column(table: Path, name: str) -> Iterator[str]:
    return (row[name] for row in _columns(table, [name]))


def _columns(table: Path, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield some columns of a table; the others, a document's whole text among them, are not read."""
    # Buffering ahead would hold everything read so far until the table is closed.
    with pq.ParquetFile(table, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=4096, columns=list(names)):
            yield from batch.to_pylist()


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    with exclusive(workspace.lock_path("corpus", "export"), what="lore corpus"):
        yield
