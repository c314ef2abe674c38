"""What each filter says of one example, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from lorewright.core.assessments import Judgement
from lorewright.core.errors import NotFoundError
from lorewright.core.records import Chunk, Document, Example, Message, Place, Record, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import SCHEMA, is_accepted
from lorewright.curation.rejecting import made_id
from lorewright.curation.wants import wants
from lorewright.stages import chunk, curate, generate, ingest
from lorewright.stages.curate_checks import alone
from lorewright.stages.settings import Settings
from lorewright.text.spans import place

_LISTED = 5


class Opinion(Record):
    """What one filter of a single example says: nothing against it, or why not; `asked` is false where it is off."""

    filter: str
    wants: str
    asked: bool = True
    reason: str = ""


class Quoted(Record):
    """A piece of evidence with where it stands; no path where its passage is gone."""

    path: str
    place: Place | None
    quote: str


class Explained(Record):
    """One example as it came from generate, with what the filters say and what became of it.

    Attributes:
        outcome: Whether curate kept it.
        filter: The filter that rejected it; empty where it was kept.
        reason: Why.
        twin: The kept example that it duplicates.
        opinions: Of every filter that looks at one example alone, whichever decided.
        decision: What a person decided, in words; empty where nobody did.
        judgement: What the judge says; None where it was not asked.
    """

    id: str
    task: str
    origin: str
    messages: tuple[Message, ...]
    evidence: tuple[Quoted, ...]
    outcome: Literal["kept", "rejected"]
    filter: str = ""
    reason: str = ""
    twin: Example | None = None
    opinions: tuple[Opinion, ...]
    decision: str = ""
    judgement: Judgement | None = None


def explain(workspace: Workspace, settings: Settings, runs: Mapping[str, Run], prefix: str) -> Explained:
    """Return what became of the example whose id begins so, and why.

    Args:
        workspace: Where the runs are.
        settings: Those that the run of curate was made with.
        runs: The run of curate and its inputs by stage.
        prefix: Of the id of a candidate or of an example that was kept.

    Raises:
        NotFoundError: There is none, or the beginning fits several.
    """
    example = _find(workspace, runs, prefix)
    rejection = next((one for one in _rejections(workspace, runs) if one.record_id == made_id(example)), None)
    chunks = list(_chunks(workspace, runs))
    return Explained(
        id=example.id,
        task=example.task,
        origin=example.origin,
        messages=example.messages,
        evidence=tuple(_quoted(workspace, runs, example)),
        outcome="rejected" if rejection else "kept",
        filter=rejection.filter if rejection else "",
        reason=rejection.reason if rejection else "",
        twin=_by_id(workspace, runs, rejection.twin) if rejection and rejection.twin else None,
        opinions=tuple(_opinions(example, settings, chunks)),
        decision=_decision(example, rejection),
        judgement=_judgement(workspace, runs, example),
    )


def _find(workspace: Workspace, runs: Mapping[str, Run], prefix: str) -> Example:
    found: dict[str, Example] = {}
    for example in (*_examples(workspace, runs["curate"], curate.EXAMPLES), *_candidates(workspace, runs)):
        if example.id.startswith(prefix):
            found.setdefault(example.id, example)
    if not found or not prefix:
        raise _nothing(workspace, runs, prefix)
    if len(found) > 1:
        listed = ", ".join(sorted(found)[:_LISTED])
        raise NotFoundError(f"{prefix!r} fits {len(found):,} ids: {listed}.", "write more of the id")
    return next(iter(found.values()))


def _nothing(workspace: Workspace, runs: Mapping[str, Run], prefix: str) -> NotFoundError:
    run = runs["generate"]
    rejections = read_table(workspace.run_dir(run.stage, run.id) / generate.REJECTIONS, Rejection)
    before = next((one for one in rejections if prefix and one.record_id.startswith(prefix)), None)
    if before:
        return NotFoundError(
            f"{before.record_id} never was a candidate: generate left it out ({before.filter}: {before.reason}).",
            "lore cat generate --file rejections",
        )
    return NotFoundError(
        f"No candidate has an id that begins with {prefix!r}.",
        "`lore curate --report` shows ids of what was rejected, `lore cat curate` of what was kept",
    )


def _opinions(example: Example, settings: Settings, chunks: Sequence[Chunk]) -> Iterator[Opinion]:
    chosen = settings.curation
    filters = alone(
        chosen.model_copy(update={"off": ()}),
        chunk_texts={piece.id: piece.text for piece in chunks},
        chunk_headings={piece.id: piece.headings for piece in chunks},
    )
    for name, objection in filters.items():
        asked = name not in chosen.off
        yield Opinion(
            filter=name,
            wants=wants(name),
            asked=asked,
            reason=objection(example) or "" if asked else "",
        )
        if name == SCHEMA and objection(example):
            return


def _decision(example: Example, rejection: Rejection | None) -> str:
    if rejection and rejection.filter == "review":
        return rejection.reason
    if not is_accepted(example):
        return ""
    return "a person edited it" if made_id(example) != example.id else "a person accepted it"


def _quoted(workspace: Workspace, runs: Mapping[str, Run], example: Example) -> Iterator[Quoted]:
    wanted = {piece.chunk_id for piece in example.evidence}
    chunks = {piece.id: piece for piece in _chunks(workspace, runs) if piece.id in wanted}
    needed = {piece.document_id for piece in chunks.values()}
    path = workspace.run_dir("ingest", runs["ingest"].id) / ingest.DOCUMENTS
    documents = {one.id: one for one in read_table(path, Document) if one.id in needed}
    for piece in example.evidence:
        found = chunks.get(piece.chunk_id)
        document = documents.get(found.document_id) if found else None
        if found is None or document is None:
            yield Quoted(path="", place=None, quote=piece.quote)
            continue
        start, end = found.start + piece.start, found.start + piece.end
        yield Quoted(
            path=document.path,
            place=place(document.source_map, document.text, start, end),
            quote=piece.quote,
        )


def _judgement(workspace: Workspace, runs: Mapping[str, Run], example: Example) -> Judgement | None:
    run = runs["curate"]
    if curate.JUDGEMENTS not in run.outputs:
        return None
    judgements = read_table(workspace.run_dir(run.stage, run.id) / curate.JUDGEMENTS, Judgement)
    return next((one for one in judgements if one.example_id == example.id), None)


def _by_id(workspace: Workspace, runs: Mapping[str, Run], example_id: str) -> Example | None:
    kept = _examples(workspace, runs["curate"], curate.EXAMPLES)
    return next((one for one in (*kept, *_candidates(workspace, runs)) if one.id == example_id), None)


def _examples(workspace: Workspace, run: Run, artefact: str) -> Iterator[Example]:
    return read_table(workspace.run_dir(run.stage, run.id) / artefact, Example)


def _candidates(workspace: Workspace, runs: Mapping[str, Run]) -> Iterator[Example]:
    return _examples(workspace, runs["generate"], generate.CANDIDATES)


def _chunks(workspace: Workspace, runs: Mapping[str, Run]) -> Iterator[Chunk]:
    return read_table(workspace.run_dir("chunk", runs["chunk"].id) / chunk.CHUNKS, Chunk)


def _rejections(workspace: Workspace, runs: Mapping[str, Run]) -> Iterator[Rejection]:
    run = runs["curate"]
    return read_table(workspace.run_dir(run.stage, run.id) / curate.REJECTIONS, Rejection)
