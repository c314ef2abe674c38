"""Records made with the ids and digests that follow from their content."""

from collections.abc import Iterable

from lorewright.core.ids import short_id, strings_id, text_digest
from lorewright.core.records import Block, Document, Evidence, Example, Message, Metadata, SourceMap


def make_document(
    *,
    source: str,
    path: str,
    kind: str,
    title: str,
    text: str,
    source_map: SourceMap,
    blocks: tuple[Block, ...] = (),
    titled: bool = True,
    licence: str = "",
    metadata: Metadata | None = None,
) -> Document:
    """Return a document with its id and digest filled in."""
    return Document(
        id=document_id(source, path),
        digest=text_digest(text),
        source=source,
        path=path,
        kind=kind,
        title=title,
        titled=titled,
        licence=licence,
        text=text,
        source_map=source_map,
        blocks=blocks,
        metadata=metadata or {},
    )


def document_id(source: str, path: str) -> str:
    """Return the id of the document at a path of a source."""
    return short_id("document", source, path)


def chunk_id(kind: str, headings: tuple[str, ...], text: str) -> str:
    """Return the id of a passage; it holds neither path nor offset, so an edit elsewhere or a rename keeps it."""
    return strings_id("chunk", kind, *headings, text)


def turns_of(messages: Iterable[Message]) -> list[list[str]]:
    """Return a conversation as ids hash it: role and content of each turn."""
    return [[message.role, message.content] for message in messages]


def make_example(
    *,
    task: str,
    messages: tuple[Message, ...],
    evidence: tuple[Evidence, ...],
    origin: str,
    metadata: Metadata | None = None,
) -> Example:
    """Return an example with its id filled in."""
    chunk_ids = [piece.chunk_id for piece in evidence]
    return Example(
        id=short_id("example", task, turns_of(messages), chunk_ids),
        task=task,
        messages=messages,
        evidence=evidence,
        origin=origin,
        metadata=metadata or {},
    )


def review_key(messages: tuple[Message, ...]) -> str:
    """Return what a person's decision about these words is kept under: neither task, evidence nor run is in it."""
    return short_id("review", turns_of(messages))
