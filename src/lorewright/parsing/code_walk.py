"""Definitions and doc comments of a syntax tree, with offsets in bytes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lorewright.core.records import BlockKind
from lorewright.parsing.code_comments import Above, documentation, documents_below, stands_above
from lorewright.parsing.code_languages import (
    ATTRIBUTE,
    BOUND,
    CLASS,
    COMMENT,
    FUNCTION,
    MACRO,
    MEMBER,
    OPEN,
    PACKAGE,
    WRAPPER,
    Language,
)
from lorewright.parsing.code_names import Defined, defined_by
from lorewright.parsing.code_trees import parsed_within

if TYPE_CHECKING:
    from tree_sitter import Node

_NOT_DEFINING = {None, COMMENT, ATTRIBUTE, OPEN}
# Deeper ones, which nobody writes by hand, would take time and memory that grow with the square of the depth.
_DEEPEST = 50
_DEEPEST_MACRO = 3
_STRINGS = {"string", "concatenated_string"}
_QUOTES = re.compile(rb"[rRuU]?(\"\"\"|'''|\"|')")


class Stretch(NamedTuple):
    """A block whose offsets count bytes."""

    kind: BlockKind
    start: int
    end: int
    level: int
    title: str
    body: int


class _Inside(NamedTuple):
    """A node whose children are to be looked at.

    Attributes:
        node: The node.
        title: Qualified name of the definition that holds its children.
        level: Their depth.
        above: Comments and attributes directly above the first of them.
        macros: How many macros they stand in.
    """

    node: "Node"
    title: str
    level: int
    above: Sequence[Above] = ()
    macros: int = 0


@dataclass
class _Found:
    source: bytes
    language: Language
    stretches: list[Stretch] = field(default_factory=list)
    unattached: list[Stretch] = field(default_factory=list)


def stretches(root: "Node", source: bytes, language: Language) -> list[Stretch]:
    """Return the definitions and docstrings of a tree, by start, what holds others before them.

    A definition begins at the comments and attributes directly above it. The module's docstring is its first doc
    comment that belongs to no definition.
    """
    found = _Found(source, language)
    if language.strings:
        _add_string(found, root, "", 0)
    pending = [_Inside(root, "", 0)]
    while pending:
        pending += _members(pending.pop(), found)
    ordered = sorted(found.stretches, key=lambda stretch: (stretch.start, -stretch.end))
    module = min(found.unattached, default=None, key=lambda stretch: stretch.start)
    if module and not (ordered and (ordered[0].start <= module.start or not ordered[0].title)):
        ordered.insert(0, module)
    return ordered


def _members(inside: _Inside, found: _Found) -> Iterator[_Inside]:
    """Take up what the children of a node define; yield what is to be looked into."""
    roles, source = found.language.roles, found.source
    above = list(inside.above)
    position = inside.node.start_byte
    previous: Node | None = None
    inner: list[Above] = []
    for child in inside.node.named_children:
        role = roles.get(child.type)
        if role in (COMMENT, ATTRIBUTE):
            position = position if previous is None else previous.end_byte
            comment = Above(child.start_byte, _end(source, child), role == COMMENT)
            if _is_inner(found, comment):
                inner.append(comment)
            elif above and stands_above(source, above[-1], comment.start):
                above.append(comment)
            else:
                _leave(found, inside, above)
                above = [comment] if _opens_line(source, position, comment.start, role) else []
        elif above and (role is None or not _belongs(found, inside, above, child)):
            _leave(found, inside, above)
            above = []
        previous = child
        if role is None or role in (COMMENT, ATTRIBUTE):
            continue
        if role == OPEN:
            yield inside._replace(node=child, above=above)
        elif role != MEMBER or above:
            yield from _define(found, inside, child, role, above)
        above = []
    _leave(found, inside, above)
    if inner and found.language.inner_docs:
        _add_docs(found, inner, found.language.inner_docs, inside.title, inside.level)


def _belongs(found: _Found, inside: _Inside, above: Sequence[Above], node: "Node") -> bool:
    """Whether comments belong to what follows them; those that open a file must touch it."""
    language = found.language
    if stands_above(found.source, above[-1], node.start_byte):
        return True
    if language.plain_docs or not documents_below(found.source, above[-1], node.start_byte, language.docs):
        return False
    first = inside.node.named_child(0)
    return inside.node.parent is not None or first is None or above[0].start != first.start_byte


def _define(
    found: _Found, inside: _Inside, node: "Node", role: str, above: Sequence[Above]
) -> Iterator[_Inside]:
    """Take up one definition with what stands around and above it; yield what is to be looked into."""
    if role == BOUND and not above and not _may_hold(found, node):
        return
    core: Node | None = node
    documented = above
    if role == WRAPPER:
        core, role, within = _wrapped(found, node)
        documented = [*above, *within]
    if core is None:
        yield inside._replace(node=node, above=above)
        return
    if role == MACRO:
        yield from _expanded(found, inside, core, above)
        return
    defined = defined_by(core, role)
    title = ".".join(part for part in (inside.title, defined.name) if part)
    level = inside.level
    if defined.name and defined.role in (CLASS, FUNCTION):
        level += 1
        _add_definition(found, defined, node, above, title, inside.level)
    if documented and (title != inside.title or defined.role == PACKAGE):
        _add_docs(found, documented, found.language.docs, title, level)
    elif above:
        _leave(found, inside, above)
    if found.language.strings and defined.body is not None:
        _add_string(found, defined.body, title, level)
    if (
        level < _DEEPEST
        and defined.inside is not None
        and (defined.role != FUNCTION or _may_define(found, defined.inside))
    ):
        yield _Inside(defined.inside, title, level, macros=inside.macros)


def _wrapped(found: _Found, node: "Node") -> tuple["Node | None", str, list[Above]]:
    """Return the one definition that a node stands around, its role, and the comments before it in there.

    No definition when there is not exactly one.
    """
    roles = found.language.roles
    role, core, within = WRAPPER, node, list[Above]()
    while role == WRAPPER:
        children = core.named_children
        inner = [child for child in children if roles.get(child.type) not in _NOT_DEFINING]
        if len(inner) != 1:
            bare = not inner and core.child_by_field_name("value") is not None
            return (core, BOUND, within) if bare else (None, WRAPPER, [])
        core, role = inner[0], roles[inner[0].type]
        within += [
            Above(child.start_byte, _end(found.source, child), True)
            for child in children
            if roles.get(child.type) == COMMENT and child.start_byte < core.start_byte
        ]
    return core, role, within


def _expanded(found: _Found, inside: _Inside, node: "Node", above: Sequence[Above]) -> Iterator[_Inside]:
    """Read the tokens between a macro's braces as definitions, where they are any."""
    _leave(found, inside, above)
    tokens = next((child for child in node.named_children if child.type == "token_tree"), None)
    if (
        tokens is None
        or inside.macros == _DEEPEST_MACRO
        or not found.source.startswith(b"{", tokens.start_byte)
    ):
        return
    if found.language.docs.search(found.source, tokens.start_byte, tokens.end_byte):
        tree = parsed_within(found.source, found.language, tokens)
        if tree is not None:
            yield _Inside(tree.root_node, inside.title, inside.level, macros=inside.macros + 1)


def _add_definition(
    found: _Found, defined: Defined, node: "Node", above: Sequence[Above], title: str, level: int
) -> None:
    start = above[0].start if above else node.start_byte
    end = _end(found.source, node)
    if found.source.startswith(b";", end):
        end += 1
    body = defined.body.start_byte if defined.body is not None else end
    kind: BlockKind = "class" if defined.role == CLASS else "function"
    found.stretches.append(Stretch(kind, start, end, level, title, body))


def _add_docs(found: _Found, above: Sequence[Above], docs: re.Pattern[bytes], title: str, level: int) -> None:
    span = documentation(found.source, above, docs)
    if span:
        found.stretches.append(Stretch("docstring", *span, level, title, span[0]))


def _leave(found: _Found, inside: _Inside, above: Sequence[Above]) -> None:
    """Comments that belong to no definition: the first of them in a module is its own."""
    if above and not inside.title:
        span = documentation(found.source, above, found.language.docs)
        if span:
            found.unattached.append(Stretch("docstring", *span, inside.level, "", span[0]))


def _add_string(found: _Found, body: "Node", title: str, level: int) -> None:
    """A string that stands first in a body is what Python calls a docstring."""
    statement = next((child for child in body.named_children if child.type != "comment"), None)
    if statement is None or statement.type != "expression_statement":
        return
    value = next(iter(statement.named_children), None)
    if value is None or value.type not in _STRINGS:
        return
    quotes = _QUOTES.match(found.source, value.start_byte)
    if quotes is None:
        return
    inside = found.source[quotes.end() : value.end_byte - len(quotes[1])]
    start = quotes.end() + len(inside) - len(inside.lstrip())
    end = start + len(inside.strip())
    if start < end:
        found.stretches.append(Stretch("docstring", start, end, level, title, start))


def _may_define(found: _Found, function: "Node") -> bool:
    body = function.child_by_field_name("body")
    return body is not None and _may_hold(found, body)


def _may_hold(found: _Found, node: "Node") -> bool:
    """Whether a node may hold definitions; most hold none, and looking at their text is much faster."""
    nested = found.language.nested
    return nested is not None and nested.search(found.source, node.start_byte, node.end_byte) is not None


def _is_inner(found: _Found, comment: Above) -> bool:
    pattern = found.language.inner_docs
    return pattern is not None and pattern.match(found.source, comment.start) is not None


def _opens_line(source: bytes, position: int, start: int, role: str) -> bool:
    """A comment behind code on its line belongs to that code, an attribute never does."""
    return (
        role == ATTRIBUTE
        or start == 0
        or source.find(b"\n", max(0, position - 1), start) >= 0
        or position == start
    )


def _end(source: bytes, node: "Node") -> int:
    end = node.end_byte
    while end > node.start_byte and source[end - 1 : end].isspace():
        end -= 1
    return end
