"""index: passages → a pinned version of the retrieval index."""

import json
from collections.abc import Iterator

from lorewright.core.context import Context
from lorewright.core.errors import NotFoundError
from lorewright.core.records import Chunk, Document, Metadata, Run, SourceState
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.retrieval.index import Index, IndexRow, index_row, open_index, update
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import ingest
from lorewright.stages.settings import IndexSettings, Settings

VERSION = "index.json"
INDEX_DIR = "index"


class Part(Section):
    """What index takes from the settings tree."""

    index: IndexSettings


def select(settings: Settings) -> Part:
    """Return index's part of the tree."""
    return Part(index=settings.index)


def run(part: Part, context: Context) -> Metadata:
    """Write the passages that changed, take out those that are gone, pin the version."""
    documents = {one.id: one for one in context.read("ingest", ingest.DOCUMENTS, Document)}
    left_out = 0

    def rows() -> Iterator[IndexRow]:
        nonlocal left_out
        for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk):
            if piece.kind in part.index.exclude_kinds:
                left_out += 1
                continue
            owner = documents[piece.document_id]
            yield index_row(piece, source=owner.source, path=owner.path, title=owner.title)

    with context.task("index", total=None, unit="passages") as tick:
        state = update(context.workspace.root / INDEX_DIR, rows(), tick=tick)
    context.write_json(VERSION, {"version": state.version}, content=state.digest)
    return {
        "passages": state.added + state.kept,
        "added": state.added,
        "removed": state.removed,
        "kept": state.kept,
        "left_out": left_out,
        "version": state.version,
    }


def open_run(workspace: Workspace, run: Run) -> Index:
    """Return the index as a run pinned it, with the commits of its sources for citations."""
    version = json.loads((workspace.run_dir("index", run.id) / VERSION).read_bytes())["version"]
    try:
        return open_index(workspace.root / INDEX_DIR, version, commits=_commits(workspace, run))
    except NotFoundError as error:
        folder = workspace.run_dir("index", run.id)
        raise NotFoundError(error.message, f"rm -r {folder}, then lore index") from error


def _commits(workspace: Workspace, run: Run) -> dict[str, str]:
    """Return the commit of each source: the newest whose documents are the ones indexed."""
    indexed = run.consumed.get(f"ingest/{ingest.DOCUMENTS}")
    same = [one for one in workspace.runs("ingest") if one.outputs[ingest.DOCUMENTS] == indexed]
    if not same:
        return {}
    states = read_table(workspace.run_dir("ingest", same[-1].id) / ingest.SOURCES, SourceState)
    return {state.source: state.commit for state in states}


def summary(run: Run) -> str:
    """Return one line for people."""
    counted = run.metrics
    left_out = f", {counted['left_out']:,} left out by kind" if counted["left_out"] else ""
    return (
        f"{counted['passages']:,} passages: {counted['added']:,} added, "
        f"{counted['removed']:,} removed, {counted['kept']:,} kept{left_out}"
    )


STAGE = Stage(
    name="index",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {"ingest": (ingest.DOCUMENTS,), "chunk": (chunk_stage.CHUNKS,)},
)
