"""Interpreted text of reStructuredText: every role keeps its text, known to docutils or not.

This module needs docutils and is only imported while a reST document is parsed. It never touches docutils'
global table of roles: a document that defines one must not change how the next is read.
"""

import re
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from docutils.utils import unescape

_TITLE_AND_TARGET = re.compile(r"(.+?)\s*(?<!\x00)<([^<>]*)>\s*$", re.DOTALL)
_PROSE = re.compile(
    r"abbr|abbreviation|ac|acronym|any|cite|dfn|doc|download|eq|footcite|guilabel|index|menuselection|numref|ref"
    r"|sub|subscript|subtitle|sup|superscript|term|token|title"
)
_CODE = re.compile(
    r"attr|class|code|command|confval|const|cpp|data|envvar|exc|file|func|keyword|kbd|lit|literal|ls|makevar"
    r"|meth|mimetype|mod|module|newsgroup|obj|option|program|regexp|samp|setting"
)
_REQUESTS = {"pep": "PEP", "pep-reference": "PEP", "rfc": "RFC", "rfc-reference": "RFC"}


def make_inliner() -> Any:
    """Return a docutils inliner that turns each role into plain, literal or emphasised text.

    Its `local_roles` are the roles that the document defines with the `role` directive, and what each is
    based on. docutils reads its patterns off the class itself, hence an instance with one method replaced.
    """
    inliner: Any = Inliner()
    local_roles: dict[str, str] = {}

    def interpreted(rawsource: str, text: str, role: str | None, *_: int) -> tuple[list[Any], list[Any]]:
        name = (role or "").lower()
        for _step in range(len(local_roles)):
            name = local_roles.get(name, name)
        return [_node(name, rawsource, text)], []

    inliner.local_roles = local_roles
    inliner.interpreted = interpreted
    return inliner


def _node(role: str, rawsource: str, text: str) -> nodes.Node:
    kind = role.rsplit(":", 1)[-1]
    if kind == "math":
        return nodes.math(rawsource, unescape(text, restore_backslashes=True))
    shown = _shown(text)
    if kind in {"emphasis", "strong"}:
        return (nodes.emphasis if kind == "emphasis" else nodes.strong)(rawsource, shown)
    if kind in _REQUESTS:
        return nodes.Text(f"{_REQUESTS[kind]} {shown}")
    if kind == "ref" and "<" not in text:
        return nodes.inline(rawsource, shown, label=" ".join(shown.lower().split()))
    literal = not kind or _CODE.fullmatch(kind) or (":" in role and not _PROSE.fullmatch(kind))
    if literal:
        plain = shown.lstrip("~!") if kind and kind not in {"code", "literal", "samp"} else shown
        return nodes.literal(rawsource, plain or shown)
    return nodes.inline(rawsource, shown)


def _shown(text: str) -> str:
    """Return what a reader sees of `title <target>`, or of the text itself."""
    match = _TITLE_AND_TARGET.match(text)
    return str(unescape(match.group(1) if match else text)).strip() or str(unescape(text))
