"""ingest: sources → documents, rejections and the state each source was in."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lorewright.core.context import Context, Mapped
from lorewright.core.errors import SourceError
from lorewright.core.records import Document, Metadata, Record, Rejection, Run, SourceState, document_id
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.core.workspace import Workspace
from lorewright.parsing.dispatch import kind_of, parse
from lorewright.sources.git import checkout, state
from lorewright.sources.local import SourceFile, walk
from lorewright.stages.settings import IngestSettings, Settings, SourceSettings

DOCUMENTS = "documents.parquet"
SOURCES = "sources.parquet"
REJECTIONS = "rejections.parquet"
_FEW = 8
Read = tuple[SourceFile, str]
"""A file and the SHA-256 of its content."""


class Part(Section):
    """What ingest takes from the settings tree."""

    sources: tuple[SourceSettings, ...]
    ingest: IngestSettings


def select(settings: Settings) -> Part:
    """Return ingest's part of the tree."""
    return Part(sources=settings.sources, ingest=settings.ingest)


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return what the sources hold now: each file's path and content, and each repository's commit."""
    found = []
    for source in part.sources:
        root, commit, dirty = _root(source, workspace)
        files = [
            [entry[0].path, entry[1]] if isinstance(entry, tuple) else [entry.name, entry.reason]
            for entry in _entries(source, root, part.ingest)
        ]
        found.append([source.label, commit, dirty, files])
    return found


def run(part: Part, context: Context) -> Metadata:
    """Parse what changed, copy what did not."""
    files: list[Read] = []
    rejections: list[Rejection] = []
    states: list[SourceState] = []
    for source in part.sources:
        root, commit, dirty = _root(source, context.workspace)
        entries = list(_entries(source, root, part.ingest))
        found = [entry for entry in entries if isinstance(entry, tuple)]
        files += found
        rejections += [entry for entry in entries if isinstance(entry, Rejection)]
        states.append(
            SourceState(
                source=source.label, location=str(root), commit=commit, dirty=dirty, documents=len(found)
            )
        )
    _refuse_empty(part.sources, files, rejections)
    mapped = context.map(
        files,
        parse_file,
        name="documents",
        key=lambda read: [read[0].source, read[0].path, read[1]],
        workers=part.ingest.workers if len(files) > _FEW else 0,
        timeout_s=part.ingest.timeout_s,
        unit="files",
    )
    _refuse_changed([entry for entry in mapped if entry.error])
    outcome: list[Record] = [record for entry in mapped for record in entry.outputs]
    outcome += [_failure(entry.source[0], entry.error) for entry in mapped if entry.error]
    documents = [record for record in outcome if isinstance(record, Document)]
    rejections += [record for record in outcome if isinstance(record, Rejection)]
    _refuse_nothing_read(documents, rejections)
    context.write(
        DOCUMENTS, sorted(documents, key=lambda document: (document.source, document.path)), Document
    )
    context.write(REJECTIONS, rejections, Rejection)
    context.write(SOURCES, states, SourceState)
    return {
        "files": len(files) + len(rejections) - sum(isinstance(record, Rejection) for record in outcome),
        "documents": len(documents),
        "rejected": len(rejections),
        "characters": sum(len(document.text) for document in documents),
        "by_kind": dict(sorted(Counter(document.kind for document in documents).items())),
        "by_reason": dict(Counter(rejection.filter for rejection in rejections).most_common()),
        **context.counts,
    }


def parse_file(read: Read) -> Sequence[Record]:
    """Return a file's document, or the rejection that says why there is none.

    Raises:
        SourceError: The file is no longer what its digest says; it would be kept under another's name.
    """
    file, digest = read
    data = file.file.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise SourceError(f"{file.path} changed while it was read")
    from lorewright.core.errors import ParseError

    kind = kind_of(file.path)
    try:
        if kind is None:
            raise ParseError(f"{file.path} is of no known kind")
        return [parse(data, kind=kind, source=file.source, path=file.path)]
    except ParseError as error:
        return [_failure(file, error.message)]


def summary(run: Run) -> str:
    """Return one line for people."""
    counted = run.metrics
    kinds = ", ".join(f"{count} {kind}" for kind, count in counted["by_kind"].items())
    return f"{counted['files']:,} files: {counted['documents']:,} read ({kinds}), {counted['rejected']:,} rejected"


def refresh(settings: Settings, workspace: Workspace) -> None:
    """Ask every git repository for news; otherwise hosted ones are read as they were fetched last.

    Raises:
        SourceError: A repository cannot be read.
    """
    for source in settings.sources:
        if source.git:
            checkout(_location(source, workspace), ref=source.ref, cache_dir=_git_cache(workspace))


def _location(source: SourceSettings, workspace: Workspace) -> str:
    """Return a repository's URL, or its path seen from the project."""
    inside = workspace.project_dir / Path(source.git).expanduser()
    return str(inside) if inside.exists() else source.git


def _git_cache(workspace: Workspace) -> Path:
    return workspace.root / "cache" / "git"


def _root(source: SourceSettings, workspace: Workspace) -> tuple[Path, str, bool]:
    if source.git:
        found = checkout(
            _location(source, workspace), ref=source.ref, cache_dir=_git_cache(workspace), refresh=False
        )
        return found.root, found.commit, found.dirty
    root = (workspace.project_dir / Path(source.path).expanduser()).resolve()
    commit, dirty = state(root)
    return root, commit, dirty


def _entries(source: SourceSettings, root: Path, ingest: IngestSettings) -> Iterator[Read | Rejection]:
    """Yield each file with the digest of its content; one that cannot be read is a rejection."""
    for entry in walk(
        root,
        source=source.label,
        include=source.include,
        exclude=source.exclude,
        max_bytes=ingest.max_bytes,
        kind_of=kind_of,
    ):
        if isinstance(entry, Rejection):
            yield entry
            continue
        try:
            yield entry, hashlib.sha256(entry.file.read_bytes()).hexdigest()
        except OSError as error:
            yield _failure(entry, f"cannot be read: {error.strerror}")


def _refuse_changed(failed: Sequence[Mapped]) -> None:
    """Stop before anything is written if a file changed under way; one that is only unreadable stays a rejection."""
    for entry in failed:
        file, digest = entry.source
        if not file.file.exists() or hashlib.sha256(file.file.read_bytes()).hexdigest() != digest:
            raise SourceError(
                f"{file.source}/{file.path} changed while it was read.", "run the same command again"
            )


def _failure(file: SourceFile, reason: str) -> Rejection:
    return Rejection(
        record="document",
        record_id=document_id(file.source, file.path),
        filter="parse",
        reason=reason,
        name=f"{file.source}/{file.path}",
    )


def _refuse_nothing_read(documents: Sequence[Document], rejections: Sequence[Rejection]) -> None:
    if documents:
        return
    told = "; ".join(f"{one.name}: {one.reason}" for one in rejections[:3])
    raise SourceError(
        f"None of {len(rejections):,} files could be read: {told}.", "mend them, or name others by `include`"
    )


def _refuse_empty(
    sources: Sequence[SourceSettings], files: Sequence[object], rejections: Sequence[object]
) -> None:
    if files or rejections:
        return
    places = ", ".join(repr(source.path or source.git) for source in sources)
    raise SourceError(
        f"No documents were found in {places}: no file there is of a known kind.",
        "name files by `include` under [[sources]]; known kinds: Markdown, reST, text, log, Python, PDF",
    )


STAGE = Stage(
    name="ingest",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {},
    fingerprint=fingerprint,
)
