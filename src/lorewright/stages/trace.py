"""trace: an example → its evidence → file, lines and commit → the runs that made it and their settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.records import Chunk, Document, Evidence, Example, Metadata, Place, Run, SourceState
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk, ingest
from lorewright.stages.lookup import find_record
from lorewright.text.spans import place


@dataclass(frozen=True)
class Origin:
    """Where one piece of evidence stands.

    Attributes:
        location: The source's folder as it was when read; empty if the run is gone.
    """

    evidence: Evidence
    source: str
    path: str
    location: str
    commit: str
    place: Place
    headings: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """An example with everything it came from; `lineage` goes from its own run back to ingest."""

    example: Example
    artefact: str
    origins: tuple[Origin, ...]
    lineage: tuple[Run, ...]


def trace(workspace: Workspace, prefix: str) -> Trace:
    """Return where an example came from.

    Raises:
        NotFoundError: No example has that id.
    """
    found = find_record(workspace, prefix, (Example,))
    example = found.record
    assert isinstance(example, Example)
    lineage = tuple(
        sorted(lineage_of(workspace, [found.run]).values(), key=lambda run: run.finished_at, reverse=True)
    )
    return Trace(example, found.artefact, tuple(_origins(workspace, example, lineage)), lineage)


def lineage_of(workspace: Workspace, runs: Sequence[Run]) -> dict[str, Run]:
    """Return runs and their ancestors by stage, the nearest of each stage, nearest first."""
    found: dict[str, Run] = {}
    waiting = list(runs)
    while waiting:
        one = waiting.pop(0)
        if one.stage in found:
            continue
        found[one.stage] = one
        parents = (workspace.manifest(stage, run_id) for stage, run_id in one.inputs.items())
        waiting += [parent for parent in parents if parent is not None]
    return found


def _origins(workspace: Workspace, example: Example, lineage: tuple[Run, ...]) -> list[Origin]:
    runs = {run.stage: run for run in lineage}
    chunk_file = _data(workspace, runs.get("chunk"), chunk.CHUNKS)
    document_file = _data(workspace, runs.get("ingest"), ingest.DOCUMENTS)
    if chunk_file is None or document_file is None:
        return []
    wanted = {piece.chunk_id for piece in example.evidence}
    places = [row for row in read_table(chunk_file, Chunk) if row.id in wanted]
    needed = {row.document_id for row in places}
    documents = {one.id: one for one in read_table(document_file, Document) if one.id in needed}
    states = {state.source: state for state in _states(workspace, runs["ingest"])}
    return [
        _origin(piece, row, documents[row.document_id], states.get(documents[row.document_id].source))
        for piece in example.evidence
        for row in places
        if row.id == piece.chunk_id and row.document_id in documents
    ]


def _data(workspace: Workspace, run: Run | None, artefact: str) -> Path | None:
    """Return an artefact of a run, or its equal in another run of the stage if that run's data are gone."""
    if run is None:
        return None
    for one in (run, *workspace.runs(run.stage)):
        path = workspace.run_dir(one.stage, one.id) / artefact
        if one.outputs.get(artefact) == run.outputs.get(artefact) and path.exists():
            return path
    return None


def _states(workspace: Workspace, run: Run) -> list[SourceState]:
    """Return the states of the newest ingest of the same documents: a commit is no content, but people ask."""
    newest = workspace.newest("ingest")
    same = newest is not None and newest.outputs[ingest.DOCUMENTS] == run.outputs[ingest.DOCUMENTS]
    path = _data(workspace, newest if same else run, ingest.SOURCES)
    return list(read_table(path, SourceState)) if path else []


def _origin(piece: Evidence, row: Chunk, document: Document, state: SourceState | None) -> Origin:
    start, end = row.start + piece.start, row.start + piece.end
    return Origin(
        evidence=piece,
        source=document.source,
        path=document.path,
        location=state.location if state else "",
        commit=state.commit if state else "",
        place=place(document.source_map, document.text, start, end),
        headings=row.headings,
    )


def as_json(traced: Trace) -> Metadata:
    """Return a trace as JSON values."""
    return {
        "example": traced.example.model_dump(mode="json"),
        "artefact": traced.artefact,
        "origins": [
            {
                "quote": origin.evidence.quote,
                "chunk_id": origin.evidence.chunk_id,
                "source": origin.source,
                "path": origin.path,
                "location": origin.location,
                "commit": origin.commit,
                "unit": origin.place.unit,
                "first": origin.place.first,
                "last": origin.place.last,
                "headings": list(origin.headings),
            }
            for origin in traced.origins
        ],
        "lineage": [
            {
                "stage": run.stage,
                "id": run.id,
                "finished_at": run.finished_at.isoformat(),
                "settings": run.settings,
            }
            for run in traced.lineage
        ],
    }
