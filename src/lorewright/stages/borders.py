"""A document with the borders of its chunks."""

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Chunk, Document, FileState, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk, ingest


def find_document(workspace: Workspace, name: str) -> Document:
    """Return the document of the newest run that a path, `source/path`, or the end of a path names.

    Raises:
        NotFoundError: None or more than one answers to it.
    """
    run = workspace.newest("ingest")
    if run is None:
        raise NotFoundError("No documents have been read yet.", "lore ingest")
    table = read_table(workspace.run_dir("ingest", run.id) / ingest.DOCUMENTS, Document)
    ending = [one for one in table if f"/{one.source}/{one.path}".endswith(f"/{name}")]
    found = [one for one in ending if name in {one.path, f"{one.source}/{one.path}"}] or ending
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{one.source}/{one.path}" for one in found[:5])
        raise NotFoundError(f"{name!r} fits {len(found):,} documents: {listed}.", "write source/path")
    rejected = _rejection(workspace, run, name)
    if rejected:
        raise NotFoundError(f"{rejected.name} was left out: {rejected.reason}.", "lore ingest --report")
    raise NotFoundError(f"No document is called {name!r}.", "`lore cat ingest | jq -r .path` lists them")


def has_document(workspace: Workspace, name: str) -> bool:
    """Say whether some file of the newest run is called so, read or rejected."""
    run = workspace.newest("ingest")
    if run is None or not name.strip():
        return False
    table = read_table(workspace.run_dir("ingest", run.id) / ingest.FILES, FileState)
    return any(f"/{one.source}/{one.path}".endswith(f"/{name}") for one in table)


def _rejection(workspace: Workspace, run: Run, name: str) -> Rejection | None:
    table = read_table(workspace.run_dir("ingest", run.id) / ingest.REJECTIONS, Rejection)
    return next((one for one in table if f"/{one.name}".endswith(f"/{name}")), None)


def chunks_of(workspace: Workspace, document: Document) -> list[Chunk]:
    """Return the chunks that the newest run made of a document, in order; none where that run is of another text."""
    run = workspace.newest("chunk")
    if run is None:
        return []
    table = read_table(workspace.run_dir("chunk", run.id) / chunk.CHUNKS, Chunk)
    found = [one for one in table if one.document_id == document.id]
    fits = all(document.text[one.start : one.end] == one.text for one in found)
    return sorted(found, key=lambda one: (one.start, one.end)) if fits else []
