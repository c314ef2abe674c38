"""index: passages → a pinned version of the retrieval index."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lorewright.core.context import Context
from lorewright.core.errors import NotFoundError
from lorewright.core.ids import digest
from lorewright.core.records import Chunk, Document, Metadata, Run, SourceState
from lorewright.core.settings import Section, no_effect
from lorewright.core.stage import Stage
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.retrieval.index import update
from lorewright.retrieval.rows import TRAIL_REPEATS, IndexRow, index_row
from lorewright.retrieval.search import Index, open_index
from lorewright.retrieval.store import FORMAT, table_name
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import ingest
from lorewright.stages.models import Providers, index_embedder, index_identity
from lorewright.stages.settings import IndexSettings, ProviderSettings, Settings

VERSION = "index.json"
INDEX_DIR = "index"
# Characters of English text to a token of a WordPiece vocabulary.
CHARS_A_TOKEN = 4


class Part(Section):
    """What index takes from the settings tree."""

    index: IndexSettings
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")


def select(settings: Settings) -> Part:
    """Return index's part of the tree."""
    return Part(index=settings.index, providers=settings.providers)


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return what the rows and the embedder's vectors depend on."""
    return [FORMAT, TRAIL_REPEATS, index_identity(part.index, part.providers, workspace)]


def run(part: Part, context: Context) -> Metadata:
    """Write the passages that changed, take out those that are gone, pin the version."""
    embedder = index_embedder(part.index, part.providers, context.workspace)
    state = update(
        context.workspace.root / INDEX_DIR,
        lambda: rows(context, part.index.exclude_kinds),
        stemming=part.index.stemming,
        embedder=embedder,
        reporter=context.reporter,
    )
    pin = {"table": state.table, "version": state.version, "content": state.digest}
    # The prefix of questions is in no row, but decides what they find.
    context.write_json(VERSION, pin, content=digest([state.digest, part.index.query_prefix]))
    left_out = _left_out(part.index.exclude_kinds, context)
    limit = embedder.max_tokens() if embedder and state.embedded else None
    if limit is not None:
        _tell_of_cut_passages(part, context, limit)
    return {
        "passages": state.added + state.kept,
        "added": state.added,
        "removed": state.removed,
        "kept": state.kept,
        "embedded": state.embedded,
        "left_out": left_out,
        "version": state.version,
    }


def _left_out(exclude_kinds: tuple[str, ...], context: Context) -> int:
    if not exclude_kinds:
        return 0
    return sum(piece.kind in exclude_kinds for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk))


def _tell_of_cut_passages(part: Part, context: Context, limit: int) -> None:
    """Say how many passages the embedder does not read to their end, by their length in characters."""
    lengths = [len(row.text) for row in rows(context, part.index.exclude_kinds)]
    long = sum(length > limit * CHARS_A_TOKEN for length in lengths)
    if long:
        context.say(
            f"{part.index.embedder} reads {limit} tokens of a passage: about {long:,} of {len(lengths):,} are longer "
            f"and found by meaning by their beginning alone (by words they are searched whole). "
            f"Shorter ones: chunking.max_chars = {limit * CHARS_A_TOKEN}."
        )


def rows(context: Context, exclude_kinds: tuple[str, ...]) -> Iterator[IndexRow]:
    """Yield each place of each chunk that is indexed."""
    owners = {
        one.id: (one.source, one.path, one.title)
        for one in context.read("ingest", ingest.DOCUMENTS, Document)
    }
    for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk):
        if piece.kind not in exclude_kinds:
            source, path, title = owners[piece.document_id]
            yield index_row(piece, source=source, path=path, title=title)


def open_run(workspace: Workspace, run: Run, providers: Providers) -> Index:
    """Return the index as a run pinned it, with the commits of its sources for citations.

    Raises:
        NotFoundError: That version is gone, or the embedder is not the one that it was made with.
    """
    settings = IndexSettings.model_validate(run.settings["index"])
    folder = workspace.run_dir("index", run.id)
    pin: Mapping[str, Any] = json.loads((folder / VERSION).read_bytes())
    embedder = index_embedder(settings, providers, workspace)
    if table_name(embedder) != pin.get("table"):
        raise NotFoundError(
            f"The index {run.id} was made by another release of lore, or with another embedder than "
            f"{settings.embedder or 'none'} is now.",
            "lore index",
        )
    try:
        return open_index(
            workspace.root / INDEX_DIR,
            pin["table"],
            pin["version"],
            content=pin.get("content", ""),
            stemming=settings.stemming,
            embedder=embedder,
            commits=_commits(workspace, run),
        )
    except NotFoundError as error:
        raise NotFoundError(error.message, f"rm -r {folder}, then lore index") from error


def _commits(workspace: Workspace, run: Run) -> dict[str, str]:
    """Return the commit of each source whose documents are the ones indexed: the current one, or else the newest."""
    indexed = run.consumed.get(f"ingest/{ingest.DOCUMENTS}")
    current = workspace.newest("ingest")
    known = [*workspace.runs("ingest"), *([current] if current else [])]
    same = [one for one in known if one.outputs[ingest.DOCUMENTS] == indexed]
    if not same:
        return {}
    states = read_table(workspace.run_dir("ingest", same[-1].id) / ingest.SOURCES, SourceState)
    return {state.source: state.commit for state in states}


def summary(run: Run) -> str:
    """Return one line for people."""
    counted = run.metrics
    left_out = f", {counted['left_out']:,} left out by kind" if counted["left_out"] else ""
    embedded = f", {counted['embedded']:,} embedded" if counted.get("embedded") else ""
    return (
        f"{counted['passages']:,} passages: {counted['added']:,} added, "
        f"{counted['removed']:,} removed, {counted['kept']:,} kept{embedded}{left_out}"
    )


STAGE = Stage(
    name="index",
    version=2,
    settings=Part,
    run=run,
    fingerprint=fingerprint,
    needs=lambda _part: {"ingest": (ingest.DOCUMENTS,), "chunk": (chunk_stage.CHUNKS,)},
)
