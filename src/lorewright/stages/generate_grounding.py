"""Tasks that show passages of the index: as the trained model will be asked."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lorewright.core.errors import GenerationError
from lorewright.core.ids import short_id
from lorewright.core.progress import Reporter
from lorewright.core.records import Chunk, Document, Example, Metadata, Passage, Record, Rejection, Run
from lorewright.core.workspace import Workspace
from lorewright.generation.grounded import ground
from lorewright.generation.material import Piece
from lorewright.generation.queries import query_request, read_query
from lorewright.llm.reply import Reply
from lorewright.retrieval.merging import best_passages, widen
from lorewright.retrieval.questions import read_questions
from lorewright.stages import index
from lorewright.stages.generate_materials import Masker, masked_kinds, masked_text
from lorewright.stages.generate_part import Part, Shown
from lorewright.stages.generate_prompts import Made, sampling_of
from lorewright.stages.generate_tasks import GROUNDED_QA, QA, QUERIES, REFUSAL
from lorewright.stages.generation_settings import GenerationSettings
from lorewright.stages.json_lines import numbered_lines, value_of
from lorewright.stages.model_calls import Prompt
from lorewright.text.tokens import squash

_QUESTION_CHARS = 2000


@dataclass(frozen=True)
class Library:
    """The passages that questions are shown with, secrets masked or those that hold one left out, as set.

    Attributes:
        retrieve: From a question to what serving would show for it, best first.
        passage_of: From a chunk's id to the passage; None where it is no more.
        piece_of: From a chunk's id to the chunk as a model may see it; None where it is no more.
        untitled: Whether a document's title is made of its path, by the document's id.
        masked: Returns kind and place of what was masked in the passages that were retrieved so far.
    """

    retrieve: Callable[[str], Sequence[Passage]]
    passage_of: Callable[[str], Passage | None]
    piece_of: Callable[[str], Piece | None]
    untitled: Callable[[str], bool]
    masked: Callable[[], list[Metadata]]


def open_library(
    part: Part, workspace: Workspace, run: Run, documents: Iterable[Document], places: Iterable[Chunk]
) -> Library:
    """Return the passages of a run of index.

    Args:
        part: How many passages are shown, and how much of them.
        workspace: Of the project.
        run: Of index.
        documents: All of them.
        places: All chunks, of which the first place counts.
    """
    assert part.shown is not None, "only tasks that show passages need them"
    opened, shown = index.open_run(workspace, run, part.providers), part.shown
    owners = {document.id: document for document in documents}
    masker, hold_back = Masker(owners.values()), part.generation.secrets == "hold back"
    chunks: dict[str, Chunk] = {}
    for chunk in places:
        chunks.setdefault(chunk.id, chunk)

    def retrieve(question: str) -> list[Passage]:
        found = best_passages(opened, question[:_QUESTION_CHARS], k=shown.passages)
        widened = widen(opened, found, max_chars=shown.context_chars)
        return [masker.passage(one) for one in widened if not (hold_back and masker.holds_secret(one))]

    def piece_of(chunk_id: str) -> Piece | None:
        chunk = chunks.get(chunk_id)
        return masker.piece(chunk) if chunk else None

    def passage_of(chunk_id: str) -> Passage | None:
        chunk = chunks.get(chunk_id)
        return masker.passage(_passage(owners[chunk.document_id], chunk)) if chunk else None

    def untitled(document_id: str) -> bool:
        return not owners[document_id].titled

    return Library(retrieve, passage_of, piece_of, untitled, masker.places)


def grounded_records(
    records: Iterable[Record],
    library: Library,
    shown: Shown,
    generation: GenerationSettings,
    reporter: Reporter,
) -> Iterator[Record]:
    """Yield records, the examples of tasks that show passages made of those they are made of.

    A question of `refusal` gives way to itself with passages; one of `qa` stays where `qa` is wanted.
    """
    based: list[Example] = []
    for record in records:
        task = record.task if isinstance(record, Example) else ""
        if isinstance(record, Example) and (
            task == REFUSAL or (task == QA and GROUNDED_QA in generation.tasks)
        ):
            based.append(record)
        if task != REFUSAL and (task != QA or QA in generation.tasks):
            yield record
    with reporter.task("ground", total=len(based), unit="questions") as tick:
        for example in based:
            yield from ground(
                [example],
                library.retrieve,
                library.passage_of,
                passages=shown.passages,
                max_chars=shown.context_chars,
                unanswerable_share=generation.unanswerable,
                seed=generation.seed,
            )
            tick(1)


def query_prompts(part: Part, workspace: Workspace, library: Library) -> Iterator[Prompt[Made] | Rejection]:
    """Yield a prompt for each real question and sample, or a rejection for one that stands in the test questions.

    Raises:
        GenerationError: A file is not there, or a line is no question.
    """
    assert part.shown is not None
    held_out = _test_questions(workspace, part.shown.questions)
    asked: set[str] = set()
    for _, _, question in _questions(workspace, part.generation.queries):
        said, shown = _said(question), masked_text(question)
        if said in held_out:
            yield _rejected(shown, f"it is a test question ({part.shown.questions})")
        elif said in asked:
            yield _rejected(shown, "it was asked before")
        else:
            yield from _prompts(part, part.shown, library, shown)
        asked.add(said)


def masked_in_queries(part: Part, workspace: Workspace, library: Library) -> list[Metadata]:
    """Return kind and place of what was masked in real questions and in the passages that were retrieved for them."""
    asked = [
        {"kind": kind, "source": "generation.queries", "path": name, "place": str(number)}
        for name, number, question in _questions(workspace, part.generation.queries)
        for kind in masked_kinds(question)
    ]
    return [*asked, *library.masked()]


def queries_digest(part: Part, workspace: Workspace) -> Any:
    """Return what the files of real questions hold, and the test questions that are kept out of them."""
    assert part.shown is not None
    files = [_read(workspace, name) for name in part.generation.queries]
    held_out = sorted(_test_questions(workspace, part.shown.questions))
    return [[hashlib.sha256(content).hexdigest() for content in files], held_out]


def _prompts(part: Part, shown: Shown, library: Library, question: str) -> Iterator[Prompt[Made] | Rejection]:
    passages = library.retrieve(question)
    if not passages:
        yield _rejected(question, "no passage has any of its words")
        return
    for sample in range(part.generation.samples):
        yield Prompt(
            task=QUERIES,
            source=question,
            name=question,
            sample=sample,
            request=partial(
                query_request,
                question,
                passages,
                max_chars=shown.context_chars,
                untitled=library.untitled,
                sample=sample,
                sampling=sampling_of(part.generation),
                max_new_tokens=part.generation.max_new_tokens,
            ),
            read=partial(_read_answer, question, passages, part, shown, library, sample),
        )


def _read_answer(
    question: str,
    passages: Sequence[Passage],
    part: Part,
    shown: Shown,
    library: Library,
    sample: int,
    reply: Reply,
) -> list[Made]:
    return [
        read_query(
            question,
            passages,
            reply.text,
            finish=reply.finish,
            origin=part.generation.model,
            max_chars=shown.context_chars,
            piece_of=library.piece_of,
            sample=sample,
        )
    ]


def _questions(workspace: Workspace, names: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and words of each question."""
    for name in names:
        for number, line in numbered_lines(_read(workspace, name)):
            try:
                row = value_of(line)
                question = row["question"] if isinstance(row, Mapping) else None
            except (ValueError, KeyError):
                question = None
            if not isinstance(question, str) or not question.strip():
                raise GenerationError(
                    f"{name}:{number} is no question: {line.decode('utf-8', 'replace')[:80]!r}.",
                    'a question is one JSON object: {"question": "..."}',
                )
            yield name, number, " ".join(question.split())


def _read(workspace: Workspace, name: str) -> bytes:
    path = workspace.project_dir / name
    if not path.is_file():
        raise GenerationError(
            f"The file of questions {name!r} is not there ({path}).", "mend `generation.queries` in lore.toml"
        )
    return path.read_bytes()


def _test_questions(workspace: Workspace, name: str) -> set[str]:
    path = workspace.project_dir / Path(name).expanduser() if name else None
    if path is None or not path.is_file():
        return set()
    return {_said(one.question) for one in read_questions(path.read_text(encoding="utf-8"), name=name)}


def _said(question: str) -> str:
    """Return what two questions have in common that differ in blanks, capitals and the mark at the end alone."""
    return squash(question).casefold().rstrip(" ?!.")


def _passage(document: Document, chunk: Chunk) -> Passage:
    return Passage(
        chunk_id=chunk.id,
        document_id=document.id,
        text=chunk.text,
        score=0.0,
        source=document.source,
        path=document.path,
        kind=document.kind,
        title=document.title,
        headings=chunk.headings,
        place=chunk.place,
        start=chunk.start,
        end=chunk.end,
    )


def _rejected(question: str, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=short_id(QUERIES, question),
        filter=QUERIES,
        reason=reason,
        name=question[:200],
    )
