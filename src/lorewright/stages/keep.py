"""gc and forget: what may go, what must, and what that voids."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.errors import BusyError, NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.locks import is_held
from lorewright.core.making import document_id
from lorewright.core.records import Document, Run, SourceState
from lorewright.core.tables import read_table
from lorewright.core.workspace import PARTIAL, Workspace
from lorewright.stages import ingest
from lorewright.stages.dataset_keep import forget_versions, stale_refs, versions_about
from lorewright.stages.dataset_versions import Version
from lorewright.stages.index import INDEX_DIR, VERSION
from lorewright.stages.review_forget import decisions_about, forget_numbered
from lorewright.stages.trace import lineage_of

# Of the runs before one that is kept, those whose data are still asked for: by trace, by forget, by the model.
_NEEDED = frozenset({"ingest", "chunk", "base"})


@dataclass(frozen=True)
class Garbage:
    """What nothing needs any more.

    Attributes:
        runs: Finished runs that no ref names, that are not the newest of their stage, and that hold neither the
            documents nor the base model of one that is.
        partials: Runs that were begun and that nobody is making.
        refs: Names of versions of datasets whose folders are gone, so that they keep no run.
        size: Bytes of both.
    """

    runs: tuple[Run, ...]
    partials: tuple[Path, ...]
    refs: tuple[str, ...]
    size: int


def garbage(workspace: Workspace) -> Garbage:
    """Return what can go: all but what refs name, the newest run a stage, what these need, what is being made."""
    gone = stale_refs(workspace)
    kept = {run for name, run in workspace.refs.current().items() if name not in gone}
    runs = list(workspace.runs())
    kept |= {f"{run.stage}/{run.id}" for run in {run.stage: run for run in runs}.values()}
    starts = [run for run in runs if f"{run.stage}/{run.id}" in kept]
    kept |= {
        f"{run.stage}/{run.id}"
        for start in starts
        for run in lineage_of(workspace, [start]).values()
        if run.stage in _NEEDED
    }
    loose = tuple(run for run in runs if f"{run.stage}/{run.id}" not in kept)
    partials = tuple(path for path in workspace.partials() if not _being_made(workspace, path))
    folders = [workspace.run_dir(run.stage, run.id) for run in loose]
    return Garbage(
        loose, partials, tuple(sorted(gone)), sum(_size(folder) for folder in [*folders, *partials])
    )


def collect(workspace: Workspace, found: Garbage) -> None:
    """Remove garbage; manifests stay, so that lineage can be told.

    Raises:
        BusyError: A run is being made, whose inputs would look like garbage.
    """
    for partial in workspace.partials():
        if _being_made(workspace, partial):
            raise BusyError(
                f"{partial.parent.name}/{partial.name} is being made.", "wait for it, then lore gc"
            )
    workspace.refs.move(dict.fromkeys(found.refs), why="gc: the folder is gone")
    for run in found.runs:
        kept = workspace.manifest_path(run.stage, run.id)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(kept, run.model_dump_json().encode("utf-8"))
        shutil.rmtree(workspace.run_dir(run.stage, run.id))
    for partial in found.partials:
        shutil.rmtree(partial)
    _prune_index(workspace)


@dataclass(frozen=True)
class Forgetting:
    """What forgetting a document takes.

    Attributes:
        runs: Every run that holds it or was made from it, models trained on it among them, and every index run, for
            all of them share one folder.
        copies: Checkouts of repositories in the workspace that hold its file.
        decisions: Numbers of people's decisions that quote it.
        versions: Versions of datasets that hold words of it, or were made from such a run.
    """

    source: str
    path: str
    runs: tuple[Run, ...]
    copies: tuple[Path, ...]
    decisions: frozenset[int] = frozenset()
    versions: tuple[Version, ...] = ()


def plan_forgetting(workspace: Workspace, name: str) -> Forgetting:
    """Return what forgetting a document, named by `source/path`, path or id, would void.

    Raises:
        NotFoundError: No run holds such a document.
    """
    holders: dict[str, Document] = {}
    for run in workspace.runs("ingest"):
        holders.update((run.id, one) for one in _named(workspace, run, name))
    if not holders:
        raise NotFoundError(
            f"No run holds a document named {name!r}.", "`lore cat ingest | jq -r .path` lists them"
        )
    paths = {(one.source, one.path) for one in holders.values()}
    if len(paths) > 1:
        listed = ", ".join(f"{source}/{path}" for source, path in sorted(paths))
        raise NotFoundError(f"{name!r} fits more than one document: {listed}.", "write source/path")
    source, path = next(iter(paths))
    copies = {copy for run_id in holders for copy in _copies(workspace, run_id, source)}
    runs = tuple(_made_from(workspace, set(holders)))
    decisions = decisions_about(workspace, document_id(source, path), runs)
    held = versions_about(workspace, document_id(source, path), {f"{run.stage}/{run.id}" for run in runs})
    return Forgetting(source, path, runs, tuple(sorted(copies)), decisions, tuple(held))


def forget(workspace: Workspace, plan: Forgetting) -> None:
    """Remove every run that holds the document or was made from it, with caches, manifests, decisions, versions."""
    for partial in workspace.partials():
        if _being_made(workspace, partial):
            raise BusyError(
                f"{partial.parent.name}/{partial.name} is being made.", "wait for it, then forget again"
            )
        shutil.rmtree(partial)
    gone = {f"{run.stage}/{run.id}" for run in plan.runs}
    moves = {name: None for name, value in workspace.refs.current().items() if value in gone}
    workspace.refs.move(moves, why=f"forget {document_id(plan.source, plan.path)}")
    for run in plan.runs:
        shutil.rmtree(workspace.run_dir(run.stage, run.id), ignore_errors=True)
        workspace.manifest_path(run.stage, run.id).unlink(missing_ok=True)
    forget_versions(workspace, plan.versions)
    # The index cannot drop its newest version alone, so it goes as a whole; it is made again in seconds.
    forget_numbered(workspace, plan.decisions)
    for folder in (workspace.root / INDEX_DIR, *plan.copies):
        shutil.rmtree(folder, ignore_errors=True)


def _named(workspace: Workspace, run: Run, name: str) -> Iterable[Document]:
    path = workspace.run_dir("ingest", run.id) / ingest.DOCUMENTS
    for document in read_table(path, Document):
        if name in {document.id, document.path, f"{document.source}/{document.path}"}:
            yield document


def _copies(workspace: Workspace, run_id: str, source: str) -> Iterable[Path]:
    """Yield the checkouts inside the workspace that a source was read from."""
    for state in read_table(workspace.run_dir("ingest", run_id) / ingest.SOURCES, SourceState):
        copy = workspace.root / "cache" / "git" / Path(state.location).name
        if state.source == source and copy.is_dir():
            yield copy


def _made_from(workspace: Workspace, holders: set[str]) -> Iterable[Run]:
    """Return runs that are holders, have one among their ancestors, or are of the index.

    Runs whose data gc has removed are among them: they lead to their descendants, and their manifests may quote.
    """
    runs = {(run.stage, run.id): run for run in workspace.known()}
    contents = {run.outputs.get(ingest.DOCUMENTS) for (_, run_id), run in runs.items() if run_id in holders}
    void = {
        key
        for key, run in runs.items()
        if run.stage == "ingest" and run.outputs.get(ingest.DOCUMENTS) in contents
    }
    grown = True
    while grown:
        before = len(void)
        void |= {key for key, run in runs.items() if void & run.inputs.items()}
        grown = len(void) > before
    return [run for key, run in runs.items() if key in void or run.stage == "index"]


def _prune_index(workspace: Workspace) -> None:
    index_dir = workspace.root / INDEX_DIR
    if not index_dir.exists():
        return
    pins = [
        json.loads((workspace.run_dir("index", run.id) / VERSION).read_bytes())
        for run in workspace.runs("index")
    ]
    kept = [(pin["table"], pin["version"]) for pin in pins if "table" in pin]
    if not kept:
        shutil.rmtree(index_dir)
        return
    from lorewright.retrieval.index import prune

    prune(index_dir, keep=kept)


def _being_made(workspace: Workspace, partial: Path) -> bool:
    return is_held(workspace.lock_path(partial.parent.name, partial.name.removesuffix(PARTIAL)))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
