"""Code in many languages: the source as it is, with its classes, functions and doc comments."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Metadata, Parsed, SourceMap
from lorewright.parsing.code_generic import parse_code_generic
from lorewright.parsing.code_languages import LANGUAGES, language_of
from lorewright.parsing.code_licence import leading_licence
from lorewright.parsing.code_trees import parsed_tree
from lorewright.parsing.code_walk import Stretch, stretches

if TYPE_CHECKING:
    from tree_sitter import Node

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


def parse_code(text: str, *, language: str) -> Parsed:
    """Return a code file with its structure.

    The text is the source without a licence comment at its top. Titles of blocks are qualified names below the
    file (`Class.method`). A definition begins at the comments, attributes and decorators directly above it; its doc
    comment is a `docstring` inside. Code that the grammar cannot follow keeps the blocks found in it, and
    `metadata["syntax_error"]` names the first line that was not understood.

    Args:
        text: The file's text.
        language: A language of `LANGUAGES`; a header in C++ that is said to be C is read as C++.

    Raises:
        ParseError: No grammar reads the language.
    """
    if language not in LANGUAGES:
        raise ParseError(f"no grammar reads {language!r}; one of {', '.join(LANGUAGES)} is read")
    language, syntax = language_of(text, language)
    source = text.encode(errors="replace")
    tree = parsed_tree(source, syntax)
    if tree is None:
        lost = {"language": language, "syntax_error": "the grammar gets lost in it"}
        return parse_code_generic(text).model_copy(update={"kind": language, "metadata": lost})
    root = tree.root_node
    found = stretches(root, source, syntax)
    metadata: Metadata = {"language": language}
    licence = leading_licence(root, source, syntax)
    error = _first_error(root) if root.has_error else None
    if error is not None:
        metadata["syntax_error"] = f"line {error}"
    if licence is None:
        blocks = _blocks(found, source)
        return Parsed(kind=language, text=text, blocks=blocks, metadata=metadata)
    kept = source[: licence.start] + source[licence.end :]
    first, following = (1 + source.count(b"\n", 0, place) for place in (licence.start, licence.end))
    metadata["dropped"] = [{"what": "licence", "first": first, "last": max(first, following - 1)}]
    start = len(source[: licence.start].decode())
    return Parsed(
        kind=language,
        text=kept.decode(),
        licence=licence.name,
        source_map=SourceMap(
            offsets=(0, start) if start else (0,), numbers=(1, following) if start else (following,)
        ),
        blocks=_blocks(_without(found, licence.start, licence.end), kept),
        metadata=metadata,
    )


def _first_error(root: "Node") -> int | None:
    """Return the first line that the grammar does not understand."""
    node: Node | None = root
    while node is not None and not node.is_error and not node.is_missing:
        line = node.start_point.row + 1
        node = next((child for child in node.children if child.has_error or child.is_missing), None)
        if node is None:
            return line
    return node.start_point.row + 1 if node is not None else None


def _without(found: Iterable[Stretch], start: int, end: int) -> Iterator[Stretch]:
    """Yield stretches as they stand once the bytes from `start` to `end` are gone."""
    for stretch in found:
        places = [place if place <= start else max(start, place - (end - start)) for place in stretch[1:3]]
        if places[0] < places[1]:
            body = max(start, stretch.body - (end - start)) if stretch.body > start else stretch.body
            yield stretch._replace(start=places[0], end=places[1], body=body)


def _blocks(found: Iterable[Stretch], source: bytes) -> tuple[Block, ...]:
    """Return stretches as blocks, bytes counted as characters."""
    found = list(found)
    places = sorted({place for stretch in found for place in (stretch.start, stretch.end, stretch.body)})
    characters = _characters(source, places)
    return tuple(
        Block(
            kind=stretch.kind,
            start=characters[stretch.start],
            end=characters[stretch.end],
            level=stretch.level,
            title=stretch.title,
            body=characters[stretch.body],
        )
        for stretch in found
    )


def _characters(source: bytes, places: Sequence[int]) -> dict[int, int]:
    """Return the characters before each of some rising byte offsets."""
    if source.isascii():
        return {place: place for place in places}
    found: dict[int, int] = {}
    previous = count = 0
    for place in places:
        count += len(source[previous:place].translate(None, _CONTINUATION_BYTES))
        found[place] = count
        previous = place
    return found
