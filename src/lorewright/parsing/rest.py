"""reStructuredText, plain or Sphinx's, as documents of Markdown-like text.

docutils reads it with roles and directives that keep their text whatever they are called. It writes nothing
to the terminal, opens no other file and runs nothing that a document asks for.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Document, SourceMap, make_document
from lorewright.parsing.licences import is_licence, licence_name
from lorewright.parsing.rest_lines import line_map, source_lines

if TYPE_CHECKING:
    from lorewright.parsing.rest_render import Piece

_OTHER_LINE_ENDS = dict.fromkeys(map(ord, "\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def parse_rest(text: str, *, source: str, path: str) -> Document:
    r"""Return the document in a reStructuredText text, rendered to Markdown-like text.

    Headings become `## Title`, literal blocks and code fences, tables pipe tables, definition, field and option
    lists and Sphinx's object descriptions `term\n:   description`. Errors in the markup cost no text. Comments
    are left out and listed in `metadata["dropped"]`.

    Args:
        text: Decoded, with newlines as "\n".
        source: Name of the source the file belongs to.
        path: POSIX path of the file inside its source.

    Raises:
        ParseError: The document holds no text, or is nested too deeply.
    """
    cleaned = text.translate(_OTHER_LINE_ENDS)
    try:
        tree = _tree(cleaned)
        from lorewright.parsing.rest_render import pieces

        found = list(pieces(tree))
    except RecursionError as error:
        raise ParseError(f"{path} is nested too deeply", hint="lore ingest --report") from error
    if not found:
        raise ParseError(f"{path} holds no text", hint="lore ingest --report")
    rendered, source_map, blocks = _laid_out(found, cleaned.split("\n"))
    metadata, notice = _left_out(tree)
    return make_document(
        source=source,
        path=path,
        kind="rest",
        title=_title(blocks, tree.get("title", ""), path),
        licence=licence_name(notice),
        text=rendered,
        source_map=source_map,
        blocks=blocks,
        metadata=metadata,
    )


@lru_cache(maxsize=1)
def _settings() -> Any:
    from docutils.frontend import get_default_settings
    from docutils.parsers.rst import Parser

    settings = get_default_settings(Parser)
    settings.report_level = 5
    settings.halt_level = 6
    settings.warning_stream = False
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.syntax_highlight = "none"
    settings.line_length_limit = 1 << 30
    settings._disable_config = True
    return settings


def _tree(text: str) -> Any:
    """Return the docutils tree with substitutions, footnote numbers and link targets filled in."""
    from docutils.parsers.rst import Parser
    from docutils.transforms import references
    from docutils.utils import new_document

    from lorewright.parsing import rest_directives
    from lorewright.parsing.rest_roles import make_inliner

    rest_directives.register(text)
    tree = new_document("document", _settings().copy())
    Parser(inliner=make_inliner()).parse(text, tree)
    for transform in (
        references.Substitutions,
        references.PropagateTargets,
        references.AnonymousHyperlinks,
        references.IndirectHyperlinks,
        references.Footnotes,
        references.ExternalTargets,
    ):
        transform(tree).apply()
    return tree


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


def _left_out(tree: Any) -> tuple[dict[str, Any], str]:
    """Return metadata on what is not in the text, and the licence notice if a comment holds one."""
    from docutils import nodes

    metadata: dict[str, Any] = {}
    notice = ""
    for comment in tree.findall(nodes.comment):
        words = comment.astext()
        if words.strip():
            what = "licence" if is_licence(words) else "comment"
            notice += f"{words}\n" if what == "licence" else ""
            metadata.setdefault("dropped", []).append(_span(what, comment, words))
    for entry in tree.findall(nodes.meta):
        metadata.setdefault("meta", {})[entry.get("name", "")] = entry.get("content", "")
    return metadata, notice


def _span(what: str, comment: Any, words: str) -> dict[str, Any]:
    first = int(comment.line or 1)
    return {"what": what, "first": first, "last": first + words.count("\n")}


def _title(blocks: Sequence[Block], given: str, path: str) -> str:
    heading = next((block.title for block in blocks if block.kind == "heading" and block.title), "")
    return heading or re.sub(r"\s+", " ", given) or PurePosixPath(path).stem
