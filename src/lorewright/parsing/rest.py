"""reStructuredText, plain or Sphinx's, as documents of Markdown-like text.

docutils reads it with roles and directives that keep their text whatever they are called. It writes nothing
to the terminal, opens no other file and runs nothing that a document asks for.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.licences import licence_name
from lorewright.parsing.rest_lines import line_map, source_lines

if TYPE_CHECKING:
    from lorewright.parsing.rest_render import Piece

_OTHER_LINE_ENDS = dict.fromkeys(map(ord, "\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_MEANT_AS_DIRECTIVE = re.compile(
    r"^([ \t]*\.\. (?:attention|caution|code|code-block|danger|error|figure|hint|image|important|list-table"
    r"|literalinclude|note|seealso|sourcecode|tip|todo|toctree|versionadded|versionchanged|warning):)(?=\s|$)",
    re.MULTILINE,
)


def parse_rest(text: str) -> Parsed:
    r"""Return what a reStructuredText text holds, rendered to Markdown-like text.

    Headings become `## Title`, literal blocks and code fences, tables pipe tables, definition, field and option
    lists and Sphinx's object descriptions `term\n:   description`. Errors in the markup cost no text: a well-known
    directive that lacks one of its colons is read as what it was meant to be. Comments are left out and listed in
    `metadata["dropped"]`.

    Args:
        text: Decoded, with newlines as "\n".

    Raises:
        ParseError: The document holds no text, or is nested too deeply.
    """
    from lorewright.parsing.rest_render import pieces
    from lorewright.parsing.rest_tree import left_out, read_tree

    cleaned = _MEANT_AS_DIRECTIVE.sub(r"\1:", text.translate(_OTHER_LINE_ENDS))
    lines = cleaned.split("\n")
    try:
        tree = read_tree(cleaned)
        found = list(pieces(tree))
    except RecursionError as error:
        raise ParseError("the file is nested too deeply", hint="lore ingest --report") from error
    if not found:
        raise ParseError("the file holds no text", hint="lore ingest --report")
    rendered, source_map, blocks = _laid_out(found, lines)
    metadata, notice = left_out(tree, lines)
    return Parsed(
        kind="rest",
        title=_title(blocks, tree.get("title", "")),
        licence=licence_name(notice),
        text=rendered,
        source_map=source_map,
        blocks=blocks,
        metadata=metadata,
    )


def _laid_out(found: Sequence["Piece"], source: Sequence[str]) -> tuple[str, SourceMap, tuple[Block, ...]]:
    """Return the pieces as one text, where its lines came from, and its blocks."""
    lines: list[tuple[str, int]] = []
    blocks: list[Block] = []
    position = 0
    for piece in found:
        if lines:
            lines.append(("", 0))
            position += 1
        starts = []
        start = position
        for line in piece.lines:
            starts.append(position)
            lines.append(line)
            position += len(line.text) + 1
        body = starts[piece.body] + 4 if piece.body >= 0 else start
        blocks.append(
            Block(
                kind=piece.kind,
                start=start,
                end=position - 1,
                level=piece.level,
                title=piece.title,
                body=body,
            )
        )
    text = "\n".join(line for line, _ in lines)
    return text, line_map(text, source_lines(lines, source)), tuple(blocks)


def _title(blocks: Sequence[Block], given: str) -> str:
    heading = next((block.title for block in blocks if block.kind == "heading" and block.title), "")
    return heading or re.sub(r"\s+", " ", given)
