"""Questions and answers from structure, without a model: every answer is a stretch of its document."""

import bisect
from collections.abc import Iterator, Sequence

from lorewright.core.making import make_example
from lorewright.core.records import Chunk, Document, Evidence, Example, Message, Rejection
from lorewright.generation.candidate import Candidate, Span
from lorewright.generation.code_pattern import code_candidates
from lorewright.generation.definition_pattern import definition_candidates
from lorewright.generation.quality import weakness
from lorewright.generation.section_pattern import section_candidates
from lorewright.generation.table_pattern import table_candidates

FILTER = "extractive"


def extract(document: Document, chunks: Sequence[Chunk], *, project: str) -> Iterator[Example | Rejection]:
    """Yield question-and-answer examples of a document, and a rejection for each weak candidate.

    The same document, chunks and project give the same records in the same order.

    Args:
        document: Any kind; only its text, blocks, title and path are read.
        chunks: The chunks of this document, all places.
        project: What the documents are about; named in questions that would not be understood without. May be empty.

    Yields:
        Examples of task `qa` and origin `extractive` whose evidence satisfies `chunk.text[start:end] == quote`, with
        `pattern`, `document_id` and `heading` in their metadata; rejections of record `candidate`.
    """
    ordered = sorted(chunks, key=lambda chunk: (chunk.start, chunk.end))
    answered: dict[str, Example] = {}
    for candidate in _candidates(document, project):
        evidence = locate(candidate.spans, ordered)
        example = _example(candidate, evidence, document)
        reason = candidate.weakness or weakness(
            candidate.question, candidate.answer, pattern=candidate.pattern
        )
        twin = answered.get(candidate.question)
        if not reason and not evidence:
            reason = "its evidence stands in no chunk"
        if not reason and twin:
            reason = "the document answers this question before"
        if reason:
            yield _rejection(example, candidate, reason, twin)
            continue
        answered[candidate.question] = example
        yield example


def _candidates(document: Document, project: str) -> Iterator[Candidate]:
    if document.kind == "python":
        yield from code_candidates(document)
    elif any(block.kind == "heading" for block in document.blocks):
        yield from section_candidates(document, project=project)
        yield from table_candidates(document, project=project)
        yield from definition_candidates(document, project=project)


def locate(spans: Sequence[Span], chunks: Sequence[Chunk]) -> tuple[Evidence, ...]:
    """Return the quotes of a document's stretches in its chunks, or nothing when some part stands in no chunk.

    Args:
        spans: Character spans of the document's text.
        chunks: Its chunks, ordered by start.

    Returns:
        A quote a stretch where one chunk holds the whole of it (the shortest such chunk); else as many as it needs.
    """
    quotes: list[Evidence] = []
    for start, end in spans:
        whole = [chunk for chunk in chunks if chunk.start <= start and end <= chunk.end]
        if whole:
            quotes.append(_quote(min(whole, key=lambda chunk: chunk.end - chunk.start), start, end))
            continue
        parts = _cover(start, end, chunks)
        if not parts:
            return ()
        quotes += parts
    return tuple(quotes)


def _cover(start: int, end: int, chunks: Sequence[Chunk]) -> list[Evidence]:
    last = bisect.bisect_left([chunk.start for chunk in chunks], end)
    parts: list[Evidence] = []
    place = start
    for chunk in chunks[:last]:
        stop = min(end, chunk.end)
        if stop <= place:
            continue
        parts.append(_quote(chunk, max(place, chunk.start), stop))
        place = stop
    return parts if place >= end else []


def _quote(chunk: Chunk, start: int, end: int) -> Evidence:
    first, last = start - chunk.start, end - chunk.start
    return Evidence(chunk_id=chunk.id, start=first, end=last, quote=chunk.text[first:last])


def _example(candidate: Candidate, evidence: tuple[Evidence, ...], document: Document) -> Example:
    return make_example(
        task="qa",
        messages=(
            Message(role="user", content=candidate.question),
            Message(role="assistant", content=candidate.answer),
        ),
        evidence=evidence,
        origin="extractive",
        metadata={"pattern": candidate.pattern, "document_id": document.id, "heading": candidate.heading},
    )


def _rejection(example: Example, candidate: Candidate, reason: str, twin: Example | None) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=example.id,
        filter=FILTER,
        reason=reason,
        twin=twin.id if twin else "",
        name=candidate.question,
    )
