"""The user's questions as a test set: each with its reference answer and the passages that hold it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lorewright.core.making import make_example
from lorewright.core.records import Chunk, Document, Evidence, Example, Message, Record
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.questions import Span, UserQuestion
from lorewright.text.spans import Locator, find_quote

TASK, REFUSAL, ORIGIN = "qa", "refusal", "query"


class Asked(Record):
    """What became of one of the user's questions.

    Attributes:
        question: As it was written.
        example_id: Of the test example made of it; empty where there is none.
        lost: Places it names that no document has, for people.
        reason: Why it is not tested; empty where it is.
    """

    question: str
    example_id: str = ""
    lost: tuple[str, ...] = ()
    reason: str = ""


class _Found(NamedTuple):
    """A place in a document; without `start` and `end` it is the whole document."""

    document: Document
    start: int = -1
    end: int = -1

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end].strip() if self.start >= 0 else ""


def named_paths(questions: Iterable[UserQuestion]) -> set[str]:
    """Return the paths that questions name, with or without their source."""
    return {span.path for question in questions for span in question.spans()}


def question_examples(
    questions: Sequence[UserQuestion],
    documents: Iterable[Document],
    chunks: Mapping[str, Sequence[Chunk]],
    groups: Mapping[str, str],
) -> tuple[list[Example], list[Asked]]:
    """Return a test example of each question that has a reference answer, and what became of every question.

    The reference is the question's `answer`, or else the text of the first place that it names; where the documents do
    not answer it, it is the refusal that models learn. Evidence is the part of each chunk that stands in such a place.

    Args:
        questions: As `retrieval.questions` reads them.
        documents: Those that the questions name (`named_paths`), in a stable order.
        chunks: Passages by document.
        groups: Document to its group; a question about none is a group of its own.
    """
    named: dict[str, list[Document]] = {}
    for document in documents:
        for name in (document.path, f"{document.source}/{document.path}"):
            named.setdefault(name, []).append(document)
    examples: dict[str, Example] = {}
    asked = []
    for question in questions:
        places = [(span, _locate(span, named)) for span in question.spans()]
        lost = tuple(span.label("line") for span, found in places if found is None)
        found = [place for _, place in places if place is not None]
        answer = _reference(question, found)
        example = _example(question, answer, found, chunks, groups) if answer else None
        if example is None:
            reason = (
                "its place is in no document" if lost else "it has no answer, lines or quote to compare with"
            )
            asked.append(Asked(question=question.question, lost=lost, reason=reason))
        elif example.id in examples:
            asked.append(Asked(question=question.question, lost=lost, reason="it stands there twice"))
        else:
            examples[example.id] = example
            asked.append(Asked(question=question.question, example_id=example.id, lost=lost))
    return list(examples.values()), asked


def _locate(span: Span, named: Mapping[str, Sequence[Document]]) -> _Found | None:
    for document in named.get(span.path, ()):
        start, end = (0, len(document.text)) if span.lines is None else _lines(document, *span.lines)
        if start >= end:
            continue
        if span.quote:
            quoted = _quoted(document.text[start:end], span.quote)
            if quoted is not None:
                return _Found(document, start + quoted[0], start + quoted[1])
        elif span.lines is None:
            return _Found(document)
        else:
            return _Found(document, start, end)
    return None


def _lines(document: Document, first: int, last: int) -> tuple[int, int]:
    """Return the characters from the first to the last of some lines or pages; an empty stretch for none."""
    locator = Locator(document.source_map, document.text)
    start, end, offset = len(document.text), 0, 0
    for line in document.text.splitlines(keepends=True):
        place = locator.place(offset, offset + len(line))
        if place.first <= last and first <= place.last:
            start, end = min(start, offset), offset + len(line)
        offset += len(line)
    return start, end


def _quoted(text: str, quote: str) -> tuple[int, int] | None:
    exact = find_quote(text, quote)
    if exact is not None:
        return exact
    match = re.search(r"\s+".join(map(re.escape, quote.split())), text, re.IGNORECASE)
    return match.span() if match and match[0] else None


def _reference(question: UserQuestion, found: Sequence[_Found]) -> str:
    if not question.answerable:
        return question.answer or RETRIEVAL.refusal
    return question.answer.strip() or next((place.text for place in found if place.text), "")


def _example(
    question: UserQuestion,
    answer: str,
    found: Sequence[_Found],
    chunks: Mapping[str, Sequence[Chunk]],
    groups: Mapping[str, str],
) -> Example:
    example = make_example(
        task=TASK if question.answerable else REFUSAL,
        messages=(Message(role="user", content=question.question), Message(role="assistant", content=answer)),
        evidence=_evidence(found, chunks),
        origin=ORIGIN,
        metadata={} if question.answerable else {"refusal": True},
    )
    known = [groups[place.document.id] for place in found if place.document.id in groups]
    return example.model_copy(update={"group": known[0] if known else f"question {example.id}"})


def _evidence(found: Sequence[_Found], chunks: Mapping[str, Sequence[Chunk]]) -> tuple[Evidence, ...]:
    """Return the part of each chunk that stands in a place, each chunk once."""
    pieces: dict[str, Evidence] = {}
    for place in found:
        for chunk in chunks.get(place.document.id, ()):
            start, end = max(place.start, chunk.start), min(place.end, chunk.end)
            if place.start >= 0 and start < end:
                own = start - chunk.start, end - chunk.start
                quote = chunk.text[slice(*own)]
                piece = Evidence(chunk_id=chunk.id, start=own[0], end=own[1], quote=quote)
                pieces.setdefault(chunk.id, piece)
    return tuple(pieces.values())
