"""What a node of a syntax tree defines: the kind of definition, its name, what stands in it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorewright.parsing.code_languages import BOUND, CLASS, DECLARED, FUNCTION, MEMBER, OPEN, PACKAGE

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_NAME = 200
_TYPE_ARGUMENTS = re.compile(r"<.*>", re.S)
_RECEIVER = re.compile(r"(\w+)\s*(?:\[[^\]]*\])?\s*\)\s*$")
_EXPORTS = re.compile(r"^(?:module\.)?exports(?:\.|$)|\bprototype\.|^this\.|^window\.")

_FUNCTIONS = {"arrow_function", "function_expression", "generator_function"}
_AROUND = {"parenthesized_expression", "await_expression", "as_expression", "satisfies_expression"}
_C_TYPES = {"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"}
_C_NAMES = {
    "identifier",
    "field_identifier",
    "type_identifier",
    "qualified_identifier",
    "destructor_name",
    "operator_name",
    "operator_cast",
    "template_function",
    "primitive_type",
}
_NAME_FIELDS = ("name", "property", "key", "left")
_NAMES = {"identifier", "name", "variable_name", "property_identifier", "type_identifier", "constant"}
_NAME_DEPTH = 3


@dataclass(frozen=True)
class Defined:
    """What one node defines.

    Attributes:
        role: Its role once looked at closely.
        name: Empty when it has none.
        inside: The node that holds its members, or None.
        body: The node that its signature ends at, or None.
    """

    role: str
    name: str
    inside: "Node | None"
    body: "Node | None" = None


def defined_by(node: "Node", role: str) -> Defined:
    """Return what a node with a role in its language's table defines."""
    if role == BOUND:
        return _bound(node)
    if role == DECLARED:
        return _declared(node)
    if role == PACKAGE:
        return Defined(role, "", None)
    body = node.child_by_field_name("body") or _child(node, "function_body", "class_body", "enum_class_body")
    return Defined(role, _name(node), node, body)


def _name(node: "Node") -> str:
    if node.type == "impl_item":
        return _text(node.child_by_field_name("type"))
    if node.type == "secondary_constructor":
        return "constructor"
    if node.type in {"function_definition", "operator_declaration", "conversion_operator_declaration"}:
        declarator = node.child_by_field_name("declarator")
        if declarator is not None:
            return _text(_declarator(declarator)[0])
    name = _text(_named(node, _NAME_DEPTH))
    if node.type == "method_declaration":
        receiver = _RECEIVER.search(_text(node.child_by_field_name("receiver"), plain=False))
        return f"{receiver[1]}.{name}" if receiver else name
    return name


def _named(node: "Node", depth: int) -> "Node | None":
    for field in _NAME_FIELDS:
        found = node.child_by_field_name(field)
        if found is not None:
            return found
    if node.type in _NAMES:
        return node
    for child in node.named_children if depth else ():
        if child.type in _NAMES or child.type.endswith(("variable_declaration", "declarator", "_element")):
            return _named(child, depth - 1)
    return None


def _text(node: "Node | None", *, plain: bool = True) -> str:
    """The source of a name on one line, dots between its parts, without type arguments unless not `plain`."""
    if node is None or node.end_byte - node.start_byte > _LONGEST_NAME:
        return ""
    text = " ".join((node.text or b"").decode(errors="replace").split())
    if not plain:
        return text
    if "operator" not in text:
        text = _TYPE_ARGUMENTS.sub("", text)
    return text.strip("\"'`").replace("::", ".").replace("\\", ".").lstrip(".")


def _child(node: "Node", *types: str) -> "Node | None":
    return next((child for child in node.named_children if child.type in types), None)


def _declared(node: "Node") -> Defined:
    """C and C++: a prototype, a type with its body, or a variable."""
    if node.type in _C_TYPES:
        body = node.child_by_field_name("body")
        return Defined(CLASS if body else MEMBER, _text(node.child_by_field_name("name")), node, body)
    declarator = node.child_by_field_name("declarator")
    found, is_function = _declarator(declarator) if declarator is not None else (None, False)
    name = _text(found)
    declared = node.child_by_field_name("type")
    body = declared.child_by_field_name("body") if declared and declared.type in _C_TYPES else None
    if is_function and node.type != "type_definition":
        return Defined(FUNCTION if name else OPEN, name, None)
    if body is None or declared is None:
        return Defined(MEMBER, name, None)
    if node.type == "declaration" or declarator is None:
        name = _text(declared.child_by_field_name("name")) or name
    is_field = node.type == "field_declaration" and declarator is not None
    return Defined(MEMBER if is_field else CLASS, name, declared, body)


def _declarator(node: "Node") -> tuple["Node | None", bool]:
    """Return the name a declarator gives and whether it is a function's."""
    is_function = False
    found: Node | None = node
    while found is not None and found.type not in _C_NAMES:
        if found.type in {"function_declarator", "parenthesized_declarator"}:
            is_function = found.type == "function_declarator"
        found = found.child_by_field_name("declarator") or next(iter(found.named_children), None)
    if found is not None and found.type == "operator_cast":
        is_function = True
    return found, is_function


def _bound(node: "Node") -> Defined:
    """JavaScript: what a name, a property or `exports` is given; anything else is only looked into."""
    if node.type == "expression_statement":
        inner = next(iter(node.named_children), None)
        if inner is not None and inner.type == "assignment_expression":
            return _assigned(inner)
        return Defined(OPEN, "", inner)
    if node.type in {"lexical_declaration", "variable_declaration"}:
        declarators = [child for child in node.named_children if child.type == "variable_declarator"]
        return _bound(declarators[0]) if len(declarators) == 1 else Defined(OPEN, "", node)
    if node.type == "export_statement":
        return _valued("default", node.child_by_field_name("value"))
    return _valued(_text(_named(node, 0)), node.child_by_field_name("value"))


def _assigned(node: "Node") -> Defined:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    while right is not None and right.type == "assignment_expression":
        right = right.child_by_field_name("right")
    name = _EXPORTS.sub("", _text(left))
    own = right.child_by_field_name("name") if right is not None else None
    return _valued(name or _text(own) or "exports", right)


def _valued(name: str, value: "Node | None") -> Defined:
    while value is not None and value.type in _AROUND:
        value = next(iter(value.named_children), None)
    if value is None:
        return Defined(MEMBER, name, None)
    if value.type in _FUNCTIONS:
        return Defined(FUNCTION, name, value, value.child_by_field_name("body"))
    if value.type == "class":
        return Defined(CLASS, name, value, value.child_by_field_name("body"))
    if value.type == "object":
        return Defined(CLASS if _holds_functions(value) else MEMBER, name, value, value)
    return Defined(MEMBER, name, value if value.type == "call_expression" else None)


def _holds_functions(node: "Node") -> bool:
    for child in node.named_children:
        if child.type == "method_definition":
            return True
        value = child.child_by_field_name("value") if child.type == "pair" else None
        if value is not None and value.type in _FUNCTIONS:
            return True
    return False
