"""gc and forget: what may go, what must, and what that voids."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.errors import BusyError, NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.locks import is_held
from lorewright.core.records import Document, Run, document_id
from lorewright.core.tables import read_table
from lorewright.core.workspace import PARTIAL, Workspace
from lorewright.stages import ingest
from lorewright.stages.index import INDEX_DIR, VERSION


@dataclass(frozen=True)
class Garbage:
    """What nothing needs any more.

    Attributes:
        runs: Finished runs that are neither named by a ref nor the newest of their stage.
        partials: Runs that were begun and that nobody is making.
        size: Bytes of both.
    """

    runs: tuple[Run, ...]
    partials: tuple[Path, ...]
    size: int


def garbage(workspace: Workspace) -> Garbage:
    """Return what can go: everything but what refs name, the newest run a stage, and what is being made."""
    kept = set(workspace.refs.current().values())
    runs = list(workspace.runs())
    kept |= {f"{run.stage}/{run.id}" for run in {run.stage: run for run in runs}.values()}
    # The model of a kept training lies in its base's run.
    kept |= {
        f"base/{run.inputs['base']}"
        for run in runs
        if f"{run.stage}/{run.id}" in kept and "base" in run.inputs
    }
    loose = tuple(run for run in runs if f"{run.stage}/{run.id}" not in kept)
    partials = tuple(path for path in workspace.partials() if not _being_made(workspace, path))
    folders = [workspace.run_dir(run.stage, run.id) for run in loose]
    return Garbage(loose, partials, sum(_size(folder) for folder in [*folders, *partials]))


def collect(workspace: Workspace, found: Garbage) -> None:
    """Remove garbage; manifests stay, so that lineage can be told."""
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
        runs: Every run that holds it or was made from it; models trained on it among them.
    """

    source: str
    path: str
    runs: tuple[Run, ...]


def plan_forgetting(workspace: Workspace, name: str) -> Forgetting:
    """Return what forgetting a document, named by `source/path`, path or id, would void.

    Raises:
        NotFoundError: No run holds such a document.
    """
    runs = list(workspace.runs())
    holders: dict[str, Document] = {}
    for run in runs:
        if run.stage == "ingest":
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
    return Forgetting(source, path, tuple(_made_from(runs, set(holders))))


def forget(workspace: Workspace, plan: Forgetting) -> None:
    """Remove every run that holds the document or was made from it, with their caches, manifests and index versions."""
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
    _prune_index(workspace)


def _named(workspace: Workspace, run: Run, name: str) -> Iterable[Document]:
    path = workspace.run_dir("ingest", run.id) / ingest.DOCUMENTS
    for document in read_table(path, Document):
        if name in {document.id, document.path, f"{document.source}/{document.path}"}:
            yield document


def _made_from(runs: list[Run], holders: set[str]) -> Iterable[Run]:
    """Yield runs that are holders or have one among their ancestors."""
    void = {f"ingest/{run_id}" for run_id in holders}
    grown = True
    while grown:
        before = len(void)
        for run in runs:
            if any(f"{stage}/{run_id}" in void for stage, run_id in run.inputs.items()):
                void.add(f"{run.stage}/{run.id}")
        grown = len(void) > before
    return [run for run in runs if f"{run.stage}/{run.id}" in void]


def _prune_index(workspace: Workspace) -> None:
    index_dir = workspace.root / INDEX_DIR
    if not index_dir.exists():
        return
    kept = [
        json.loads((workspace.run_dir("index", run.id) / VERSION).read_bytes())["version"]
        for run in workspace.runs("index")
    ]
    if not kept:
        shutil.rmtree(index_dir)
        return
    from lorewright.retrieval.index import prune

    prune(index_dir, keep=kept)


def _being_made(workspace: Workspace, partial: Path) -> bool:
    return is_held(workspace.lock_path(partial.parent.name, partial.name.removesuffix(PARTIAL)))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
