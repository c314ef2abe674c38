"""Directives of reStructuredText and Sphinx: each keeps the text it holds, unknown ones too.

This module needs docutils and is only imported while a reST document is parsed. docutils offers one table of
directives for the whole process; what is registered here stays there, reads no file and runs no code.
Arguments and options are read here and not by docutils, which gives up on a directive with an unknown option.
"""

import re
from collections.abc import Callable
from typing import Any

from docutils.parsers.rst import Directive, directives

from lorewright.parsing import rest_handlers as handlers
from lorewright.parsing.rest_handlers import Call

# Wherever docutils may see one: what it does not know depends on the documents read before.
_NAME = re.compile(r"\.\.[ \t\n]+(?:\|[^|\n]+\|[ \t\n]+)?([\w.:+-]+?)[ \t]?::(?=[ \t]|$)", re.MULTILINE)
_OPTION = re.compile(r":((?:[^:\\\n]|\\.)+):(?:[ \t]+(.*))?$")
_LEFT_TO_DOCUTILS = re.compile(
    r"csv-table|list-table|parsed-literal|replace|sectnum|table|target-notes|title|unicode"
)
_SILENT = re.compile(
    r"codeauthor|contents|default-domain|default-role|index|program|py:currentmodule|currentmodule"
    r"|sectionauthor|tabularcolumns"
)
_ADMONITION = re.compile(
    r"admonition|attention|caution|danger|error|hint|important|note|tip|todo|warning|seealso"
    r"|versionadded|versionchanged|versionremoved|deprecated"
)
_CODE = re.compile(
    r"code|code-block|code-cell|code-tab|digraph|doctest|graph|graphviz|ipython|ipython3|jupyter-execute|math"
    r"|mermaid|plantuml|productionlist|prompt|sourcecode|testcode|testoutput|testsetup|uml"
)
_DESCRIPTION = re.compile(
    r"(?:[a-z]+:)?(?:function|method|class|exception|attribute|data|classmethod|staticmethod|property|decorator"
    r"|decoratormethod|macro|type|struct|union|enum|enumerator|member|var|concept|option|cmdoption|confval"
    r"|envvar|describe|object|setting|get|post|put|delete|patch|head|options)"
)
_NAMED: dict[str, Callable[[Call], list[Any]]] = {
    "class": handlers.class_of_either_kind,
    "date": handlers.date,
    "figure": handlers.image,
    "highlight": handlers.highlight,
    "image": handlers.image,
    "meta": handlers.meta,
    "raw": handlers.raw,
    "role": handlers.role,
    "rubric": handlers.rubric,
    "toctree": handlers.toctree,
}


def register(text: str) -> None:
    """Make every directive that a text uses known to docutils."""
    for name in sorted({name.lower() for name in _NAME.findall(text)}):
        if not _LEFT_TO_DOCUTILS.fullmatch(name):
            directives.register_directive(name, Keep)


class Keep(Directive):
    """A directive of any name: its argument and content become text, its options leave only their words."""

    has_content = True

    def run(self) -> list[Any]:
        """Return nodes that hold all the text of the directive."""
        call = self._call()
        if _SILENT.fullmatch(call.name):
            return []
        if call.name in _NAMED:
            return _NAMED[call.name](call)
        if _CODE.fullmatch(call.name):
            return handlers.code(call)
        if _ADMONITION.fullmatch(call.name):
            return handlers.admonition(call)
        if call.argument and _DESCRIPTION.fullmatch(call.name):
            return handlers.description(call)
        return handlers.generic(call)

    def _call(self) -> Call:
        content: Any = self.content
        count = 0
        argument: list[str] = []
        marker = self.block_text.split("\n", 1)[0].rstrip()
        if not re.search(re.escape(self.name) + r"[ \t]?::$", marker):
            while count < len(content) and content[count].strip() and not _OPTION.match(content[count]):
                argument.append(content[count].strip())
                count += 1
        # Behind a blank line stands content, be it a field list that looks like options.
        apart = not argument and len(content) > 0 and int(content.items[0][1] or 0) > self.lineno
        options, count = ({}, count) if apart else _options(content, count)
        rest = content[count:]
        while len(rest) and not rest[0].strip():
            rest.trim_start()
        return Call(self.name.lower(), "\n".join(argument), options, rest, self.lineno, self.state)


def _options(content: Any, count: int) -> tuple[dict[str, str], int]:
    """Return the options that begin at a line, and the line after them."""
    options: dict[str, str] = {}
    last = ""
    while count < len(content) and content[count].strip():
        match = _OPTION.match(content[count])
        if match:
            last = match.group(1).strip().lower()
            options[last] = (match.group(2) or "").strip()
        elif last and content[count][:1].isspace():
            options[last] = f"{options[last]}\n{content[count].strip()}".strip()
        else:
            break
        count += 1
    return options, count
