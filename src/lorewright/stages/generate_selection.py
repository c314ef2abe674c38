"""Which documents and passages examples are made of: all, or those that the settings name."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from lorewright.core.errors import ConfigError
from lorewright.core.records import Chunk, Document


def chosen_documents(
    documents: Sequence[Document],
    *,
    sources: Sequence[str],
    paths: Sequence[str],
    languages: Sequence[str],
) -> list[Document]:
    """Return the documents that all filters let through, in their order; an empty filter lets all through.

    Raises:
        ConfigError: No document has a source or language that is named, or no path fits the patterns.
    """
    _check(sources, {one.source for one in documents}, "source", "--source")
    _check(languages, {one.kind for one in documents}, "kind of document or language", "--language")
    fitting = _fitting(paths, [one.path for one in documents])
    return [
        one
        for one in documents
        if (not sources or one.source in sources)
        and (not languages or one.kind in languages)
        and (fitting is None or one.path in fitting)
    ]


def chosen_chunks(
    chunks: Iterable[Chunk],
    documents: Sequence[Document],
    *,
    limit: int | None,
    sample: int | None,
    seed: int,
) -> list[Chunk]:
    """Return the passages of these documents in their order, each id once.

    Of its places the one counts that its document's own title and content choose, so that a rename moves none.

    Args:
        chunks: All chunks, in any order.
        documents: Whose passages count.
        limit: Only so many, the first ones.
        sample: Only so many, those whose id has the lowest hash: a new document replaces few of them.
        seed: Of that hash.
    """
    order = {one.id: number for number, one in enumerate(documents)}
    mine = [chunk for chunk in chunks if chunk.document_id in order]
    mine.sort(key=lambda chunk: _claim(documents[order[chunk.document_id]], chunk), reverse=True)
    once = list({chunk.id: chunk for chunk in mine}.values())
    once.sort(key=lambda chunk: (order[chunk.document_id], chunk.start, chunk.end))
    if sample is not None and sample < len(once):
        lowest = set(sorted((chunk.id for chunk in once), key=lambda one: _draw(one, seed))[:sample])
        once = [chunk for chunk in once if chunk.id in lowest]
    return once[:limit]


def _claim(document: Document, chunk: Chunk) -> tuple[bool, str, str, int]:
    """Return what is compared of a passage's places; an edit elsewhere in a document changes its digest alone."""
    return not document.titled, document.title if document.titled else "", document.digest, chunk.start


def _draw(chunk_id: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{chunk_id}".encode()).digest()


def _check(asked: Sequence[str], known: set[str], what: str, option: str) -> None:
    for value in asked:
        if value not in known:
            near = get_close_matches(value, sorted(known), n=1)
            listed = ", ".join(sorted(known)[:20]) or "none"
            hint = f"{option} {near[0]}" if near else f"known are: {listed}"
            raise ConfigError(f"No document has the {what} {value!r}.", hint)


def _fitting(patterns: Sequence[str], paths: Sequence[str]) -> set[str] | None:
    from pathspec import GitIgnoreSpec

    if not patterns:
        return None
    try:
        found = set(GitIgnoreSpec.from_lines(patterns).match_files(paths))
    except (ValueError, re.error):  # half an escape, or a range of characters in reverse
        found = set()
    if not found:
        example = f", such as {paths[0]}" if paths else ""
        raise ConfigError(
            f"No path fits {', '.join(repr(one) for one in patterns)}.",
            f"--path takes a glob of paths{example}",
        )
    return found
