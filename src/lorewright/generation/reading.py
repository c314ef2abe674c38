"""From a model's reply to examples: each entry becomes messages with evidence, or a rejection that says why not."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lorewright.core.ids import short_id
from lorewright.core.making import make_example
from lorewright.core.printable import printable
from lorewright.core.records import Evidence, Example, Message, Metadata, Rejection
from lorewright.generation.material import Material
from lorewright.generation.prompting import holds_marks, variables
from lorewright.generation.task import Task
from lorewright.llm.rendering import render
from lorewright.llm.retrieval_template import inert
from lorewright.text.answer_checks import bad_answer
from lorewright.text.locating import locate, stands_in
from lorewright.text.loops import echo
from lorewright.text.masking import mark_text
from lorewright.text.question_checks import bad_question

_SECRET = re.compile(r"\[secret: [^\]\n]{1,60}\]")
_SHOWN_CHARS = 60


def read_items(
    task: Task, material: Material, value: Any, *, origin: str, sample: int = 0
) -> list[Example | Rejection]:
    """Return what a reply gives: an example or a rejection for each of its entries, in order, and at least one.

    Args:
        task: What was asked.
        material: What it was asked about.
        value: The reply; it satisfies the task's schema.
        origin: `provider/model`.
        sample: Number of the reply.

    Returns:
        Examples whose evidence satisfies `chunk.text[start:end] == quote`, with `document_id`, `heading`, `chunks` and
        `sample` in their metadata; rejections of record `candidate`.
    """
    items = _listed(value, task.items)
    if not items:
        name = " › ".join((material.title, *material.headings))
        return [_rejection(task, material, value, "empty", "the model found nothing to write", name)]
    known = {
        **variables(task, material),
        "text": inert(material.text),
        "code": inert(material.code or material.text),
        "reply": value,
    }
    return [_read(task, material, item, {**known, "item": item}, origin, sample) for item in items]


def _listed(value: Any, path: str) -> list[Any]:
    for part in filter(None, path.split(".")):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _read(
    task: Task, material: Material, item: Any, known: Mapping[str, Any], origin: str, sample: int
) -> Example | Rejection:
    try:
        turns = [{**known, "turn": turn} for turn in _listed(item, task.each)] if task.each else [dict(known)]
        messages = tuple(_messages(task, turns))
        quotes = [render(template, turn) for turn in turns for template in task.evidence]
        copied = [render(template, turn) for turn in turns for template in task.copied]
    except ValueError as error:
        return _rejection(task, material, item, "mapping", f"it cannot be filled in: {error}", "")
    question = next((turn.content for turn in messages if turn.role == "user"), "")
    filter_name, reason = _bad_messages(task, material, messages)
    evidence = _evidence(task, material, quotes)
    if not reason and isinstance(evidence, str):
        filter_name, reason = "evidence", evidence
    if not reason:
        filter_name, reason = "evidence", _not_copied(material, copied)
    example = make_example(
        task=task.name,
        messages=messages,
        evidence=evidence if isinstance(evidence, tuple) else (),
        origin=origin,
        metadata=_metadata(task, material, sample),
    )
    return _rejected(example.id, filter_name, reason, question) if reason else example


def _messages(task: Task, turns: list[dict[str, Any]]) -> Iterator[Message]:
    for number, turn in enumerate(turns):
        for template in task.messages:
            if template.role != "system" or number == 0:
                yield Message(role=template.role, content=printable(render(template.content, turn)).strip())


def _bad_messages(task: Task, material: Material, messages: tuple[Message, ...]) -> tuple[str, str]:
    """Return the name of the step that says no and its reason; two empty texts where none does."""
    refuses = bool(task.metadata.get("refusal"))
    asked = [turn.content for turn in messages if turn.role == "user"]
    answers = [turn.content for turn in messages if turn.role == "assistant"]
    if not asked or not answers:
        return "mapping", "it has no turns"
    for number, question in enumerate(asked):
        reason = bad_question(question, first=number == 0) if task.stands_alone else ""
        if reason or not question:
            return "question", reason or "an empty turn"
    for question, answer in zip(asked, answers, strict=False):
        if answer.casefold() == question.casefold():
            return "answer", "the answer is the question"
        if reason := bad_answer(answer, refuses=refuses, prose=task.stands_alone, known=material.text):
            return "answer", reason
    written = [*asked, *answers] if task.stands_alone else answers
    if marked := next((text for text in written if holds_marks(text)), ""):
        return "marks", f"holds marks of a prompt: {marked[:_SHOWN_CHARS]!r}"
    # Answers with evidence cannot be the example's: that does not stand in the passage.
    own = asked if task.evidence or refuses else [*asked, *answers]
    if echoed := next((text for text in own if len(text) > 10 and text in task.system), ""):
        return "question", f"the prompt's own example: {echoed[:_SHOWN_CHARS]!r}"
    if echoed := next(filter(None, (echo(text, task.worked, known=material.text) for text in own)), ""):
        return "question", f"words of the prompt's own example: {echoed[:_SHOWN_CHARS]!r}"
    masks = {mark_text(mark.kind) for piece in material.pieces for mark in piece.masked.marks}
    for text in written:
        if _SECRET.search(text) or any(mask in text for mask in masks):
            return "secret", "holds the mark of a masked secret"
    return "", ""


def _evidence(task: Task, material: Material, quotes: list[str]) -> tuple[Evidence, ...] | str:
    """Return the evidence of an example, or why there is none."""
    if not task.evidence:
        whole = tuple(quote for piece in material.pieces for quote in piece.evidence(0, len(piece.text)))
        return whole or "its passage is masked"
    found: dict[Evidence, None] = {}
    for quote in quotes:
        located = _located(material, quote)
        if not located:
            return f"its evidence does not stand in the passage: {quote[:_SHOWN_CHARS]!r}"
        found.update(dict.fromkeys(located))
    return tuple(found)


def _located(material: Material, quote: str) -> tuple[Evidence, ...]:
    exact = (piece for piece in material.pieces if quote and quote in piece.text)
    for piece in [*exact, *material.pieces]:
        spans = locate(piece.text, quote)
        if found := tuple(one for span in spans for one in piece.evidence(*span)):
            return found
    return ()


def _not_copied(material: Material, copied: list[str]) -> str:
    lines = [line for text in copied for line in text.splitlines() if line.strip()]
    missing = next((line for line in lines if not stands_in(material.text, line)), "")
    return f"not word for word in the passage: {missing.strip()[:_SHOWN_CHARS]!r}" if missing else ""


def _metadata(task: Task, material: Material, sample: int) -> Metadata:
    headings = [name for name in (material.title, *material.headings) if name]
    return {
        "document_id": material.document_id,
        "heading": headings[-1] if headings else "",
        "chunks": [piece.chunk.id for piece in material.pieces],
        "sample": sample,
        **task.metadata,
    }


def _rejection(
    task: Task, material: Material, item: Any, filter_name: str, reason: str, name: str
) -> Rejection:
    chunks = [piece.chunk.id for piece in material.pieces]
    return _rejected(short_id("item", task.name, item, chunks), filter_name, reason, name)


def _rejected(record_id: str, filter_name: str, reason: str, name: str) -> Rejection:
    return Rejection(
        record="candidate", record_id=record_id, filter=filter_name, reason=reason, name=name[:200]
    )
