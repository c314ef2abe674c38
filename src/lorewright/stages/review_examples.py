"""What can be reviewed: every candidate with what became of it, and the passages that its evidence stands in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from lorewright.core.assessments import Judgement
from lorewright.core.errors import NotFoundError
from lorewright.core.making import review_key
from lorewright.core.records import Chunk, Document, Evidence, Example, Place, Record, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import is_accepted
from lorewright.curation.edge_cases import EDGE
from lorewright.curation.editing import asked
from lorewright.curation.rejecting import made_id
from lorewright.stages import chunk, curate, generate, ingest
from lorewright.store.decided import KEPT, Seen
from lorewright.text.spans import place

R = TypeVar("R", bound=Record)
MIN_PREFIX = 4
_BY_PEOPLE = "review"


class Reviewable(Record):
    """An example as curate left it.

    Attributes:
        example: Itself if it was kept, edited if a person edited it; else the candidate.
        key: What a decision about its words is kept under.
        filter: The filter that rejected it; empty where it was kept.
        reason: Why.
        twin: Id of the kept example that it repeats.
        edge: Why it is an edge case; empty where it is none.
        score: What the judge gave it.
        explanation: Why, in the judge's words.
    """

    example: Example
    key: str
    filter: str = ""
    reason: str = ""
    twin: str = ""
    edge: str = ""
    score: float | None = None
    explanation: str = ""

    @property
    def settled(self) -> bool:
        """Whether its words are what a person accepted, wrote or rejected."""
        return is_accepted(self.example) or self.filter == _BY_PEOPLE


class Shown(Record):
    """A piece of evidence inside its passage: `text[start:end]` is what the answer leans on.

    Attributes:
        path: Of the document; empty where the passage is gone, and `text` is the quote alone.
    """

    source: str = ""
    path: str = ""
    place: Place | None = None
    headings: tuple[str, ...] = ()
    text: str
    start: int
    end: int


class Background(Record):
    """What an example was made of.

    Attributes:
        evidence: What its answer leans on.
        documents: Ids of all documents whose words it may hold: those of its evidence and of passages in its prompt.
    """

    evidence: tuple[Shown, ...] = ()
    documents: tuple[str, ...] = ()


def reviewables(workspace: Workspace) -> list[Reviewable]:
    """Return every example of the newest run of curate, first those that it kept.

    Raises:
        NotFoundError: Nothing was curated yet, or the run's candidates are gone.
    """
    run = workspace.newest("curate")
    if run is None:
        raise NotFoundError("Nothing is there to review: no examples were curated yet.", "lore curate")
    edges = {
        one.id: str(one.metadata.get(EDGE, "")) for one in _table(workspace, run, curate.EDGE_CASES, Example)
    }
    judged = {one.example_id: one for one in _table(workspace, run, curate.JUDGEMENTS, Judgement)}
    rejected = {one.record_id: one for one in _table(workspace, run, curate.REJECTIONS, Rejection)}
    kept = list(_table(workspace, run, curate.EXAMPLES, Example))
    candidates = [one for one in _candidates(workspace, run) if one.id in rejected]
    return [
        *(_reviewable(one, None, edges.get(one.id, ""), judged.get(one.id)) for one in kept),
        *(_reviewable(one, rejected[one.id], "", judged.get(one.id)) for one in candidates),
    ]


def find_reviewable(examples: Sequence[Reviewable], prefix: str) -> Reviewable:
    """Return the example whose id, or whose candidate's, begins so.

    Raises:
        NotFoundError: There is none, or the beginning fits several.
    """
    fitting = {
        one.example.id: one
        for one in examples
        if len(prefix) >= MIN_PREFIX
        and (one.example.id.startswith(prefix) or made_id(one.example).startswith(prefix))
    }
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if fitting:
        listed = ", ".join(sorted(fitting)[:5])
        raise NotFoundError(f"{prefix!r} fits {len(fitting):,} ids: {listed}.", "write more of the id")
    raise NotFoundError(
        f"No example has an id that begins with {prefix!r}.",
        f"write at least {MIN_PREFIX} characters of an id; `lore cat curate | jq -r .id` lists what was kept",
    )


def candidate_keys(workspace: Workspace) -> set[str] | None:
    """Return the keys of the words that the newest run of generate made; None where there is no run."""
    run = workspace.newest("generate")
    if run is None:
        return None
    return {review_key(one.messages) for one in _table(workspace, run, generate.CANDIDATES, Example)}


def backgrounds_of(workspace: Workspace, examples: Iterable[Example]) -> dict[str, Background]:
    """Return what examples were made of, by example id; one pass over chunks and documents."""
    listed = list(examples)
    wanted = {chunk_id for one in listed for chunk_id in chunks_behind(one)}
    chunks: dict[str, list[Chunk]] = defaultdict(list)
    for row in _newest(workspace, "chunk", chunk.CHUNKS, Chunk) if wanted else ():
        if row.id in wanted:
            chunks[row.id].append(row)
    needed = {rows[0].document_id for rows in chunks.values()}
    documents = {
        one.id: one
        for one in (_newest(workspace, "ingest", ingest.DOCUMENTS, Document) if needed else ())
        if one.id in needed
    }
    return {
        one.id: Background(
            evidence=tuple(
                _shown(piece, chunks.get(piece.chunk_id, []), documents) for piece in one.evidence
            ),
            documents=tuple(
                sorted({row.document_id for name in chunks_behind(one) for row in chunks.get(name, ())})
            ),
        )
        for one in listed
    }


def chunks_behind(example: Example) -> set[str]:
    """Return the ids of the passages whose words an example may hold: its evidence, and what its prompt shows."""
    return {piece.chunk_id for piece in example.evidence} | set(example.metadata.get("passages") or ())


def seen_of(reviewable: Reviewable, background: Background) -> Seen:
    """Return what is kept with a decision about an example."""
    return Seen(
        example_id=reviewable.example.id,
        task=reviewable.example.task,
        question=asked(reviewable.example),
        messages=reviewable.example.messages,
        documents=background.documents,
        said="" if reviewable.settled else reviewable.filter or KEPT,
        score=reviewable.score,
    )


def _reviewable(
    example: Example, rejection: Rejection | None, edge: str, judgement: Judgement | None
) -> Reviewable:
    return Reviewable(
        example=example,
        key=review_key(example.messages),
        filter=rejection.filter if rejection else "",
        reason=rejection.reason if rejection else "",
        twin=rejection.twin if rejection else "",
        edge=edge,
        score=judgement.score if judgement else None,
        explanation=judgement.explanation if judgement else "",
    )


def _candidates(workspace: Workspace, run: Run) -> Iterator[Example]:
    made = workspace.find("generate", run.inputs["generate"])
    if made is None:
        raise NotFoundError("The candidates of the newest run of curate are gone (lore gc).", "lore curate")
    return _table(workspace, made, generate.CANDIDATES, Example)


def _shown(piece: Evidence, rows: Sequence[Chunk], documents: Mapping[str, Document]) -> Shown:
    document = documents.get(rows[0].document_id) if rows else None
    if document is None:
        return Shown(text=piece.quote, start=0, end=len(piece.quote))
    first = rows[0]
    return Shown(
        source=document.source,
        path=document.path,
        place=place(document.source_map, document.text, first.start + piece.start, first.start + piece.end),
        headings=first.headings,
        text=first.text,
        start=piece.start,
        end=piece.end,
    )


def _newest(workspace: Workspace, stage: str, artefact: str, kind: type[R]) -> Iterator[R]:
    run = workspace.newest(stage)
    return _table(workspace, run, artefact, kind) if run else iter(())


def _table(workspace: Workspace, run: Run, artefact: str, kind: type[R]) -> Iterator[R]:
    path: Path = workspace.run_dir(run.stage, run.id) / artefact
    return read_table(path, kind) if artefact in run.outputs and path.exists() else iter(())
