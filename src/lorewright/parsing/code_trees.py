"""Syntax trees of code."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from lorewright.parsing.code_languages import Language
from lorewright.parsing.code_macros import without_macros

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Tree


def parsed_tree(source: bytes, language: Language) -> "Tree":
    """Return the syntax tree of code; there is one for broken code, too."""
    from tree_sitter import Parser

    return Parser(_grammar(language.grammar)).parse(without_macros(source) if language.has_macros else source)


def parsed_within(source: bytes, language: Language, braces: "Node") -> "Node":
    """Return the root of a tree of what stands between two braces, with offsets in the whole source."""
    from tree_sitter import Parser, Point, Range

    start, end = braces.start_point, braces.end_point
    inside = Range(
        Point(start.row, start.column + 1),
        Point(end.row, end.column - 1),
        braces.start_byte + 1,
        braces.end_byte - 1,
    )
    return Parser(_grammar(language.grammar), included_ranges=[inside]).parse(source).root_node


@cache
def _grammar(name: str) -> "Grammar":
    import tree_sitter

    module, _, function = name.partition(":")
    return tree_sitter.Language(getattr(import_module(module), function)())
