"""Programming languages: which nodes of their syntax trees define what, and how a doc comment begins there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

CLASS = "classes"
FUNCTION = "functions"
NAMESPACE = "namespaces"  # names what stands in it, and is no definition
MEMBER = "members"  # a field, constant or variant: no definition, but its doc comment counts
WRAPPER = "wrappers"  # stands around one definition: `export`, `template <...>`, decorators
OPEN = "open"  # holds definitions without naming them
BOUND = "bound"  # JavaScript: a function, class or object that a name is given to
DECLARED = "declared"  # C: what it is shows in the declarator
MACRO = "macros"  # Rust: may hold definitions that the grammar sees as tokens
PACKAGE = "packages"  # its doc comment is the module's
COMMENT = "comments"
ATTRIBUTE = "attributes"

_NO_DOCS = re.compile(rb"(?!)")
_BLOCK_DOCS = re.compile(rb"/\*\*(?![*/<])")
_SLASH_DOCS = re.compile(rb"///(?![/<])|/\*\*(?![*/<])")
_DOXYGEN_DOCS = re.compile(rb"//[/!](?![/<])|/\*[*!](?![*/<])")


@dataclass(frozen=True)
class Language:
    """What is looked for in the trees of one language.

    Attributes:
        grammar: `module:function` that gives the grammar.
        roles: Role of each node type that matters; what is not listed is not entered.
        docs: How a doc comment begins.
        plain_docs: Whether any comment directly above documents; else only a marked one does, and then it may stand
            one blank line apart.
        inner_docs: How one begins that documents what it stands in; None where there are none.
        nested: What a function or an expression must hold to hold definitions; None where those in functions do not
            count.
        strings: Whether the first string in a body is its docstring.
        has_macros: Whether a preprocessor would replace what the grammar cannot follow.
    """

    grammar: str
    roles: Mapping[str, str]
    docs: re.Pattern[bytes]
    plain_docs: bool = False
    inner_docs: re.Pattern[bytes] | None = None
    nested: re.Pattern[bytes] | None = None
    strings: bool = False
    has_macros: bool = False


def _roles(**types: str) -> dict[str, str]:
    """Return the role of each node type, from node types by role."""
    return {
        name: role
        for role, names in {**types, OPEN: types.get(OPEN, "") + " ERROR"}.items()
        for name in names.split()
    }


_PYTHON = Language(
    "tree_sitter_python:language",
    _roles(
        classes="class_definition",
        functions="function_definition",
        wrappers="decorated_definition",
        open="block if_statement elif_clause else_clause for_statement while_statement with_statement try_statement"
        " except_clause except_group_clause finally_clause match_statement case_clause",
        comments="comment",
    ),
    _NO_DOCS,
    nested=re.compile(rb"\b(?:def|class)\s"),
    strings=True,
)
_SCRIPT_ROLES = _roles(
    classes="class_declaration",
    functions="function_declaration generator_function_declaration method_definition",
    bound="lexical_declaration variable_declaration variable_declarator expression_statement pair field_definition",
    wrappers="export_statement",
    open="class_body statement_block object call_expression arguments parenthesized_expression unary_expression"
    " sequence_expression function_expression arrow_function if_statement else_clause try_statement",
    comments="comment",
    attributes="decorator",
)
_JAVASCRIPT = Language(
    "tree_sitter_javascript:language",
    _SCRIPT_ROLES,
    _BLOCK_DOCS,
    nested=re.compile(rb"function\b|=>|class\s|\)\s*\{"),
)
_TYPESCRIPT = replace(
    _JAVASCRIPT,
    grammar="tree_sitter_typescript:language_typescript",
    roles={
        **_SCRIPT_ROLES,
        **_roles(
            classes="abstract_class_declaration interface_declaration enum_declaration type_alias_declaration",
            functions="function_signature method_signature abstract_method_signature",
            bound="public_field_definition",
            namespaces="internal_module module",
            members="property_signature enum_assignment property_identifier",
            wrappers="ambient_declaration",
            open="interface_body object_type enum_body generic_type type_arguments union_type intersection_type"
            " parenthesized_type",
        ),
    },
)
_TSX = replace(_TYPESCRIPT, grammar="tree_sitter_typescript:language_tsx")
_RUST = Language(
    "tree_sitter_rust:language",
    _roles(
        classes="struct_item enum_item union_item trait_item impl_item type_item",
        functions="function_item function_signature_item macro_definition",
        namespaces="mod_item",
        members="const_item static_item field_declaration enum_variant associated_type",
        macros="macro_invocation",
        open="declaration_list field_declaration_list enum_variant_list foreign_mod_item block expression_statement",
        comments="line_comment block_comment",
        attributes="attribute_item",
    ),
    _SLASH_DOCS,
    inner_docs=re.compile(rb"//!|/\*!"),
    nested=re.compile(rb"\b(?:fn|struct|enum|impl|macro_rules!)\s|//!"),
)
_GO = Language(
    "tree_sitter_go:language",
    _roles(
        classes="type_spec type_alias",
        functions="function_declaration method_declaration",
        members="const_spec var_spec field_declaration method_elem",
        wrappers="type_declaration const_declaration var_declaration",
        open="struct_type interface_type field_declaration_list var_spec_list",
        packages="package_clause",
        comments="comment",
    ),
    re.compile(rb"//(?![a-z]+:|export |line )|/\*"),
    plain_docs=True,
)
_JAVA = Language(
    "tree_sitter_java:language",
    _roles(
        classes="class_declaration interface_declaration enum_declaration record_declaration"
        " annotation_type_declaration",
        functions="method_declaration constructor_declaration compact_constructor_declaration",
        members="field_declaration constant_declaration enum_constant annotation_type_element_declaration",
        open="class_body interface_body enum_body enum_body_declarations annotation_type_body",
        packages="package_declaration module_declaration",
        comments="line_comment block_comment",
    ),
    _SLASH_DOCS,
)
_C_ROLES = _roles(
    functions="function_definition preproc_function_def",
    declared="declaration type_definition field_declaration struct_specifier union_specifier enum_specifier",
    members="preproc_def enumerator",
    open="preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification declaration_list"
    " field_declaration_list enumerator_list",
    comments="comment",
)
_C = Language("tree_sitter_c:language", _C_ROLES, _DOXYGEN_DOCS, has_macros=True)
_CPP = replace(
    _C,
    grammar="tree_sitter_cpp:language",
    roles={
        **_C_ROLES,
        **_roles(
            declared="class_specifier",
            namespaces="namespace_definition",
            members="alias_declaration concept_definition",
            wrappers="template_declaration",
        ),
    },
)
_BASH = Language(
    "tree_sitter_bash:language",
    _roles(
        functions="function_definition",
        open="if_statement elif_clause else_clause case_statement case_item compound_statement",
        comments="comment",
    ),
    re.compile(rb"#(?!!)"),
    plain_docs=True,
    nested=re.compile(rb"\(\)|\bfunction\s"),
)
_PHP = Language(
    "tree_sitter_php:language_php",
    _roles(
        classes="class_declaration interface_declaration trait_declaration enum_declaration",
        functions="function_definition method_declaration",
        namespaces="namespace_definition",
        members="property_declaration const_declaration enum_case",
        open="declaration_list enum_declaration_list compound_statement if_statement else_clause",
        comments="comment",
        attributes="attribute_list",
    ),
    _BLOCK_DOCS,
)
_CSHARP = Language(
    "tree_sitter_c_sharp:language",
    _roles(
        classes="class_declaration struct_declaration interface_declaration record_declaration enum_declaration"
        " delegate_declaration",
        functions="method_declaration constructor_declaration destructor_declaration operator_declaration"
        " conversion_operator_declaration indexer_declaration",
        namespaces="namespace_declaration",
        members="property_declaration field_declaration event_declaration event_field_declaration"
        " enum_member_declaration",
        open="declaration_list enum_member_declaration_list preproc_if preproc_else preproc_elif",
        comments="comment",
    ),
    _SLASH_DOCS,
)
_RUBY = Language(
    "tree_sitter_ruby:language",
    _roles(
        classes="class module",
        functions="method singleton_method",
        members="assignment",
        open="body_statement singleton_class if then else unless begin call argument_list do_block block",
        comments="comment",
    ),
    re.compile(rb"#(?!!)|=begin"),
    plain_docs=True,
)
_KOTLIN = Language(
    "tree_sitter_kotlin:language",
    _roles(
        classes="class_declaration object_declaration type_alias",
        functions="function_declaration secondary_constructor",
        members="property_declaration enum_entry class_parameter",
        open="class_body enum_class_body companion_object primary_constructor class_parameters",
        comments="line_comment block_comment",
    ),
    _BLOCK_DOCS,
)

LANGUAGES: Mapping[str, Language] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TSX,
    "rust": _RUST,
    "go": _GO,
    "java": _JAVA,
    "c": _C,
    "cpp": _CPP,
    "bash": _BASH,
    "php": _PHP,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "kotlin": _KOTLIN,
}

_FLOW_SIGN = re.compile(r"^[ \t/*]*@flow\b", re.M)
_CPP_SIGN = re.compile(
    r"^[ \t]*(?:class[ \t]+[\w \t]+(?::[^:;\n]*)?\{?[ \t]*$|namespace[ \t]+[\w:]*[ \t]*\{|template[ \t]*<"
    r"|using[ \t]+(?:namespace\b|[\w:]+[ \t]*[=;])|(?:public|private|protected):"
    r"|#[ \t]*include[ \t]*<(?:string|vector|map|memory|functional|cstd\w+)>)",
    re.M,
)
_TOP_CHARS = 3000


def language_of(text: str, named: str) -> tuple[str, Language]:
    """Return a file's language, by name and as it is to be read.

    A header that shows C++ is not C; JavaScript with Flow's types is read as TypeScript.
    """
    if named == "c" and _CPP_SIGN.search(text):
        return "cpp", _CPP
    if named == "javascript" and _FLOW_SIGN.search(text, 0, _TOP_CHARS):
        return named, _TSX
    return named, LANGUAGES[named]
