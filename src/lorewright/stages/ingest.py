"""ingest: sources → documents, rejections, what became of each file, and the state each source was in."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from lorewright.core.context import Context, Mapped
from lorewright.core.errors import ParseError, SourceError
from lorewright.core.making import document_id
from lorewright.core.progress import Reporter
from lorewright.core.records import (
    Document,
    FileState,
    Metadata,
    Record,
    Rejection,
    Run,
    SourceState,
)
from lorewright.core.settings import Section
from lorewright.core.stage import Outside, Stage
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.parsing.dispatch import KINDS, parse
from lorewright.stages.changes import compared
from lorewright.stages.outcomes import Outcome, outcome
from lorewright.stages.settings import Settings
from lorewright.stages.source_settings import IngestSettings, SourceSettings
from lorewright.stages.sources import Entry, Read, Reading, content, fetch_all, readings

DOCUMENTS = "documents.parquet"
FILES = "files.parquet"
SOURCES = "sources.parquet"
REJECTIONS = "rejections.parquet"
_MEGABYTE = 1 << 20


class Part(Section):
    """What ingest takes from the settings tree."""

    sources: tuple[SourceSettings, ...]
    ingest: IngestSettings


def select(settings: Settings) -> Part:
    """Return ingest's part of the tree."""
    return Part(sources=settings.sources, ingest=settings.ingest)


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return what the sources hold now: each file's path, content, parser and licence; each repository's commit."""
    found = list(readings(part.sources, part.ingest, workspace))
    value = [
        [reading.source, reading.commit, reading.dirty, [entry.identity for entry in reading.entries]]
        for reading in found
    ]
    return Outside(value, found)


def run(part: Part, context: Context) -> Metadata:
    """Parse what changed, copy what did not."""
    found: list[Reading] = context.found
    entries = sorted(
        (entry for reading in found for entry in reading.entries),
        key=lambda entry: (entry.source, entry.path),
    )
    _refuse_empty(part.sources, found)
    for reading in found:
        if not reading.entries:
            context.say(f"source {reading.source}: no file of {reading.location} is a document")
    outcomes = _parsed(entries, part.ingest, context)
    documents = [one.document for one in outcomes if one.document]
    rejections = [one.rejection for one in outcomes if one.rejection]
    _refuse_nothing_read(documents, rejections)
    context.account(
        "files",
        (document_id(entry.source, entry.path) for entry in entries),
        kept=(one.id for one in documents),
        rejected=(one.record_id for one in rejections),
    )
    files, changes = compared([one.file_state for one in outcomes], _files_before(context.workspace))
    context.write(DOCUMENTS, documents, Document)
    context.write(REJECTIONS, rejections, Rejection)
    context.write(FILES, files, FileState)
    context.write(SOURCES, [_state(reading) for reading in found], SourceState)
    return {
        "files": len(files),
        "documents": len(documents),
        "rejected": len(rejections),
        "characters": sum(len(document.text) for document in documents),
        "bytes": sum(file.bytes for file in files),
        "changes": changes,
        "by_kind": dict(sorted(Counter(document.kind for document in documents).items())),
        "by_reason": dict(Counter(rejection.filter for rejection in rejections).most_common()),
        **context.counts,
    }


def parse_file(read: Read) -> Sequence[Record]:
    """Return what a file holds, or a rejection, not yet placed, that says why it holds nothing.

    Raises:
        SourceError: The file is no longer what its digest says; it would be kept under another's name.
    """
    data = content(read)
    if data is None:
        raise SourceError(f"{read.file.path} changed while it was read")
    began = time.process_time()
    try:
        parsed = parse(data, kind=read.kind)
    except ParseError as error:
        return [Rejection(record="document", record_id="", filter="parse", reason=error.message)]
    return [parsed.model_copy(update={"seconds": round(time.process_time() - began, 6)})]


def summary(run: Run) -> str:
    """Return one line for people."""
    counted = run.metrics
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counted["by_kind"].items())
    changes = counted["changes"]
    moved = [f"{changes[name]:,} {name}" for name in changes if changes[name] and name != "unchanged"]
    news = f"; {', '.join(moved)}" if moved and changes["added"] < counted["files"] else ""
    read = f"{counted['documents']:,} read ({kinds}), {counted['rejected']:,} rejected"
    return f"{counted['files']:,} files: {read}{news}"


def fetch(settings: Settings, workspace: Workspace, reporter: Reporter, *, refresh: bool) -> list[str]:
    """Fetch repositories and addresses that were never fetched, or ask all of them for news.

    Returns:
        What a person should know, as that an address did not answer and its older copy is used.

    Raises:
        ConfigError: A list of sources cannot be read, or two sources have one name.
        SourceError: A repository cannot be read.
    """
    return fetch_all(settings.sources, settings.ingest, workspace, reporter, refresh=refresh)


def _parsed(entries: Sequence[Entry], ingest: IngestSettings, context: Context) -> list[Outcome]:
    """Return what became of each entry, in their order."""
    reads = [entry for entry in entries if isinstance(entry, Read)]
    mapped = context.map(
        reads,
        parse_file,
        name="documents",
        key=lambda read: read.content,
        workers=ingest.workers,
        timeout_s=ingest.timeout_s,
        memory_bytes=ingest.memory_mb * _MEGABYTE,
        unit="files",
    )
    _refuse_changed([one for one in mapped if one.error])
    made = iter(mapped)
    return [outcome(entry, next(made) if isinstance(entry, Read) else None) for entry in entries]


def _files_before(workspace: Workspace) -> Iterator[FileState]:
    newest = workspace.newest("ingest")
    if newest and FILES in newest.outputs:
        yield from read_table(workspace.run_dir("ingest", newest.id) / FILES, FileState)


def _state(reading: Reading) -> SourceState:
    return SourceState(
        source=reading.source,
        location=reading.location,
        commit=reading.commit,
        dirty=reading.dirty,
        documents=sum(isinstance(entry, Read) for entry in reading.entries),
    )


def _refuse_changed(failed: Sequence[Mapped]) -> None:
    """Stop before anything is written if a file changed under way; one that is only unreadable stays a rejection."""
    for one in failed:
        if not one.source.file.file.exists() or content(one.source) is None:
            raise SourceError(
                f"{one.source.source}/{one.source.path} changed while it was read.",
                "run the same command again",
            )


def _refuse_nothing_read(documents: Sequence[Document], rejections: Sequence[Rejection]) -> None:
    if documents:
        return
    told = "; ".join(f"{one.name}: {one.reason}" for one in rejections[:3])
    raise SourceError(
        f"None of {len(rejections):,} files could be read: {told}.", "mend them, or name others by `include`"
    )


def _refuse_empty(sources: Sequence[SourceSettings], found: Sequence[Reading]) -> None:
    if any(reading.entries for reading in found):
        return
    places = ", ".join(repr(source.place) for source in sources)
    chosen = [pattern for source in sources for pattern in (*source.include, *source.exclude)]
    among = f" that `include` and `exclude` leave ({', '.join(map(repr, chosen))})" if chosen else ""
    raise SourceError(
        f"No documents were found in {places}: no file there{among} is of a known kind.",
        "correct `include` and `exclude` under [[sources]], or name kinds under [ingest.kinds]; "
        f"known kinds: {', '.join(KINDS)}",
    )


STAGE = Stage(
    name="ingest",
    version=2,
    accounts=("files",),
    settings=Part,
    run=run,
    needs=lambda _part: {},
    fingerprint=fingerprint,
)
