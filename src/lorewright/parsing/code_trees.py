"""Syntax trees of code."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from lorewright.parsing.code_languages import Language
from lorewright.parsing.code_macros import without_macros

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Parser, Tree


# Parsers report every so many steps, 13 times for 1,000 bytes of code at most; some broken code would take hours.
_REPORTS = 5_000
_REPORTS_PER_BYTE = 0.1
_READ_BYTES = 1 << 16


def parsed_tree(source: bytes, language: Language) -> "Tree | None":
    """Return the syntax tree of code, broken code too; None when the grammar gets lost in it."""
    from tree_sitter import Parser

    parser = Parser(_grammar(language.grammar))
    return _parse(parser, without_macros(source) if language.has_macros else source)


def parsed_within(source: bytes, language: Language, braces: "Node") -> "Tree | None":
    """Return a tree of what stands between two braces, with offsets in the whole source."""
    from tree_sitter import Parser, Point, Range

    start, end = braces.start_point, braces.end_point
    inside = Range(
        Point(start.row, start.column + 1),
        Point(end.row, end.column - 1),
        braces.start_byte + 1,
        braces.end_byte - 1,
    )
    return _parse(Parser(_grammar(language.grammar), included_ranges=[inside]), source)


def _parse(parser: "Parser", source: bytes) -> "Tree | None":
    left = _REPORTS + int(_REPORTS_PER_BYTE * len(source))

    def is_lost(_offset: int, _has_error: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    def read(offset: int, _point: object) -> bytes:
        return source[offset : offset + _READ_BYTES]

    try:
        return parser.parse(read, progress_callback=is_lost)
    except ValueError:
        return None


@cache
def _grammar(name: str) -> "Grammar":
    import tree_sitter

    module, _, function = name.partition(":")
    return tree_sitter.Language(getattr(import_module(module), function)())
