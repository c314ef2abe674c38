"""The docutils tree of a reST text, and what of the text is not for reading.

This module needs docutils and is only imported while a reST document is parsed.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import docutils.frontend
from docutils import nodes
from docutils.parsers.rst import Parser
from docutils.transforms import references
from docutils.utils import new_document

from lorewright.parsing.licences import is_licence
from lorewright.parsing.rest_directives import register
from lorewright.parsing.rest_handlers import DEFAULT_LANGUAGE, META
from lorewright.parsing.rest_inline import plain
from lorewright.parsing.rest_roles import make_inliner

_TRANSFORMS = (
    references.Substitutions,
    references.PropagateTargets,
    references.AnonymousHyperlinks,
    references.IndirectHyperlinks,
    references.Footnotes,
    references.ExternalTargets,
)
_NO_LANGUAGE = frozenset({"default", "guess", "none", "text"})


def read_tree(text: str) -> Any:
    """Return the docutils tree with substitutions, footnote numbers, link targets and section labels filled in."""
    register(text)
    tree = new_document("document", _settings().copy())
    Parser(inliner=make_inliner()).parse(text, tree)
    for transform in _TRANSFORMS:
        transform(tree).apply()
    _name_languages(tree)
    _name_labels(tree)
    _restore_dangling(tree)
    return tree


@lru_cache(maxsize=1)
def _settings() -> Any:
    frontend: Any = docutils.frontend
    settings = frontend.get_default_settings(Parser)
    settings.report_level = 5
    settings.halt_level = 6
    settings.warning_stream = False
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.syntax_highlight = "none"
    settings.line_length_limit = 1 << 30
    return settings


def _name_languages(tree: Any) -> None:
    """Give literal blocks without a language the one that the last `highlight` directive told."""
    language = ""
    for node in tree.findall():
        if isinstance(node, nodes.comment) and DEFAULT_LANGUAGE in node:
            language = node[DEFAULT_LANGUAGE]
        elif isinstance(node, nodes.literal_block) and not node.get("language"):
            node["language"] = language if language not in _NO_LANGUAGE else ""


def _name_labels(tree: Any) -> None:
    """Put the section's title where a reference tells its label, as Sphinx does."""
    titles: dict[str, str] = {}
    for section in tree.findall(nodes.section):
        for name in section.get("names", []):
            titles.setdefault(name, plain(section.children[0]))
    for reference in tree.findall(nodes.inline):
        title = titles.get(reference.get("label", ""))
        if title:
            reference.children = [nodes.Text(title)]


def _restore_dangling(tree: Any) -> None:
    """Show a word with an underscore at its end that refers to nothing as it was written."""
    for reference in list(tree.findall(nodes.reference)):
        name = reference.get("refname")
        if name and "refuri" not in reference and name not in tree.nameids and "`" not in reference.rawsource:
            reference.children = [nodes.Text(reference.rawsource)]


def left_out(tree: Any, source: Sequence[str]) -> tuple[dict[str, Any], str]:
    """Return metadata on what is not in the text, and the licence notice if comments hold one."""
    metadata: dict[str, Any] = {}
    runs: list[dict[str, Any]] = []
    notice = ""
    last = 0
    for comment in tree.findall(nodes.comment):
        if META in comment:
            metadata.setdefault("meta", {})[comment[META]] = comment.astext()
            continue
        words = comment.astext()
        if not words.strip():
            continue
        licence = is_licence(words)
        notice += f"{words}\n" if licence else ""
        first, last = _lines_of(words, int(comment.line or 1), last, source)
        found: dict[str, Any] = {"what": "licence" if licence else "comment", "first": first, "last": last}
        if runs and not any(line.strip(" .\t") for line in source[runs[-1]["last"] : found["first"] - 1]):
            what = "licence" if "licence" in {found["what"], runs[-1]["what"]} else "comment"
            runs[-1].update(what=what, last=found["last"])
        else:
            runs.append(found)
    if runs:
        metadata["dropped"] = runs
    return metadata, notice


def _lines_of(words: str, told: int, after: int, source: Sequence[str]) -> tuple[int, int]:
    """Return the lines of the next comment that reads like this one; docutils tells about where it ends."""
    lines = words.strip("\n").split("\n")
    opening = lines[0].strip()
    for number in range(after + 1, len(source) + 1):
        mark, _, rest = source[number - 1].lstrip().partition("..")
        if not mark and rest.strip() == opening:
            return number, number + len(lines) - 1
        if not mark and not rest.strip() and number < len(source) and source[number].strip() == opening:
            return number, number + len(lines)
    start = min(told + 1, len(source))
    first = next((n for n in range(start, 0, -1) if lines[0].strip() in source[n - 1]), start)
    return first, min(first + len(lines) - 1, len(source))
