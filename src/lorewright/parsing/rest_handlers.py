"""What each kind of directive becomes in the docutils tree.

This module needs docutils and is only imported while a reST document is parsed.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from docutils import nodes

DEFAULT_LANGUAGE = "default_language"
META = "meta_name"
_LANGUAGES = {
    "digraph": "dot",
    "doctest": "pycon",
    "graph": "dot",
    "graphviz": "dot",
    "ipython": "python",
    "ipython3": "python",
    "jupyter-execute": "python",
    "math": "math",
    "mermaid": "mermaid",
    "plantuml": "plantuml",
    "testcode": "python",
    "testsetup": "python",
    "uml": "plantuml",
}
_TAKES_LANGUAGE = re.compile(r"code|code-block|code-cell|code-tab|prompt|sourcecode")
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_ARGUMENT_IS_MARKUP = re.compile(r"compound|container|ifconfig|only|rst-class|tab-set")
_LABELS = ("caption", "title", "header", "summary")
_TARGET = re.compile(r"[ ]*<[^<>]*>$")


@dataclass(frozen=True)
class Call:
    """One use of a directive. `content` is a docutils StringList and `line` the directive's own, from 1."""

    name: str
    argument: str
    options: dict[str, str]
    content: Any
    line: int
    state: Any

    @property
    def first(self) -> int:
        """The source line of the content."""
        return int(self.content.items[0][1] or 0) + 1 if len(self.content) else self.line


def generic(call: Call) -> list[Any]:
    """Return the content; an argument with words in it stands before it as a title, or alone as it is."""
    found: list[Any] = [_paragraph(call, call.options[name]) for name in _LABELS if call.options.get(name)]
    named = not _ARGUMENT_IS_MARKUP.fullmatch(call.name) and re.search(r"[^\W\d]", call.argument)
    if named and not len(call.content):
        return [*found, _bare(call.argument, call.line)]
    if named:
        found.append(_paragraph(call, call.argument, strong=True))
    return [*found, *_nested(call, nodes.container()).children]


def code(call: Call) -> list[Any]:
    """Return a literal block in the language that the directive tells."""
    found: list[Any] = [_paragraph(call, call.options["caption"])] if call.options.get("caption") else []
    language = _LANGUAGES.get(call.name, "")
    lines, line = list(call.content), call.first
    if _TAKES_LANGUAGE.fullmatch(call.name):
        language = _first_word(call.argument)
        if not any(lines):
            return [*found, _bare(call.argument, call.line)] if call.argument else found
    elif call.argument:
        lines, line = [*call.argument.split("\n"), *([""] if lines else []), *lines], call.line
    text = "\n".join(lines)
    block = nodes.literal_block(text, text, language=language)
    block.line = line
    return [*found, block]


def admonition(call: Call) -> list[Any]:
    """Return the content with its label in bold at the start of the first paragraph."""
    label, text = call.name.capitalize(), call.argument
    if call.name in _VERSIONS:
        version = _first_word(call.argument)
        text = call.argument[len(version) :]
        label = f"{_VERSIONS[call.name]} {version}".strip()
    elif call.name == "admonition":
        label, text = call.argument.replace("\n", " ").rstrip(":"), ""
    elif call.name == "seealso":
        label = "See also"
    holder = nodes.container()
    words = text.lstrip()
    if words:
        holder += _paragraph(call, words, line=call.line + text[: -len(words)].count("\n"))
    _nested(call, holder)
    strong = nodes.strong("", f"{label}:")
    first = holder.children[0] if holder.children else None
    if isinstance(first, nodes.paragraph):
        first.insert(0, [strong, nodes.Text(" ")])
    else:
        lead = nodes.paragraph("", "", strong)
        lead.line = call.line
        holder.insert(0, lead)
    return [holder]


def description(call: Call) -> list[Any]:
    """Return the description of a function, class, option or setting as a definition of its signatures."""
    item = nodes.definition_list_item()
    for count, signature in enumerate(call.argument.split("\n")):
        term = nodes.term("", signature)
        term.line = call.line + count
        item += term
    item += _nested(call, nodes.definition())
    return [nodes.definition_list("", item, described=True)]


def class_of_either_kind(call: Call) -> list[Any]:
    """Return the description of a Python class; docutils' directive of that name only tells a style."""
    if re.search(r"[(.A-Z]", call.argument):
        return description(call)
    return list(_nested(call, nodes.container()).children)


def toctree(call: Call) -> list[Any]:
    """Return the entries as they are; their titles stand in other files."""
    found: list[Any] = [_paragraph(call, call.options["caption"])] if call.options.get("caption") else []
    entries = [_TARGET.sub("", line.strip()) for line in call.content]
    if any(entries):
        found.append(_bare("\n".join(f"- {entry}" if entry else "" for entry in entries), call.first))
    return found


def image(call: Call) -> list[Any]:
    """Return an image and, for a figure, its caption and legend."""
    alternative = " ".join(call.options.get("alt", "").split())
    node = nodes.image("", uri=call.argument.replace("\n", ""), alt=alternative)
    node.line = call.line
    return [node, *_nested(call, nodes.container()).children]


def raw(call: Call) -> list[Any]:
    """Return what a reader sees of raw HTML, and other formats as they are."""
    text = "\n".join(call.content)
    visible = _visible(text) if "html" in call.argument.lower() else text
    return [_bare(visible, call.first)] if visible.strip() else []


def role(call: Call) -> list[Any]:
    """Remember a role that the document defines, for this document only."""
    match = re.match(r"([\w.:+-]+)\s*(?:\(\s*([\w.:+-]+)\s*\))?", call.argument)
    if match:
        call.state.inliner.local_roles[match.group(1).lower()] = (match.group(2) or "inline").lower()
    return []


def rubric(call: Call) -> list[Any]:
    """Return a heading outside the hierarchy as a paragraph in bold."""
    return [_paragraph(call, call.argument, strong=True)] if call.argument else []


def highlight(call: Call) -> list[Any]:
    """Return a marker of the language of the literal blocks that follow."""
    return [nodes.comment("", "", **{DEFAULT_LANGUAGE: _first_word(call.argument)})]


def meta(call: Call) -> list[Any]:
    """Return the page's metadata as comments, to be kept beside the text."""
    return [nodes.comment("", text, **{META: name}) for name, text in call.options.items()]


def date(_: Call) -> list[Any]:
    """Return a word: a document's text must not depend on the day it is read."""
    return [nodes.inline("", "today")]


def _nested(call: Call, parent: Any) -> Any:
    if len(call.content):
        call.state.nested_parse(call.content, call.first - 1, parent, match_titles=False)
    return parent


def _paragraph(call: Call, text: str, *, line: int = 0, strong: bool = False) -> Any:
    children, _ = call.state.inline_text(text, line or call.line)
    paragraph = nodes.paragraph(text, "", *([nodes.strong("", "", *children)] if strong else children))
    paragraph.line = line or call.line
    return paragraph


def _first_word(text: str) -> str:
    return next(iter(text.split()), "")


def _bare(text: str, line: int) -> Any:
    """Return text that is shown as it is, without a fence."""
    block = nodes.literal_block(text, text, bare=True)
    block.line = line
    return block


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = 0
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.hidden += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style"} and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(data)


def _visible(html: str) -> str:
    parser = _Visible()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)
