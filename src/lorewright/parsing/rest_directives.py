"""Directives of reStructuredText and Sphinx: each keeps the text it holds, unknown ones too.

This module needs docutils and is only imported while a reST document is parsed. docutils offers one table of
directives for the whole process; what is registered here stays there and reads no file and runs no code.
Arguments and options are read here and not by docutils, which gives up on a directive with an unknown option.
"""

import re
from html.parser import HTMLParser
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList

_NAME = re.compile(r"^[ \t]*\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?([\w.:+-]+?)[ \t]?::(?:[ \t]|$)", re.MULTILINE)
_OPTION = re.compile(r":((?:[^:\\\n]|\\.)+):(?:[ \t]+(.*))?$")
_BUILT_IN = frozenset(
    "class csv-table list-table parsed-literal replace sectnum table target-notes title unicode".split()
)
_ADMONITIONS = {
    name: name.capitalize()
    for name in "attention caution danger error hint important note tip todo warning".split()
} | {
    "seealso": "See also",
    "versionadded": "Added in version {}",
    "versionchanged": "Changed in version {}",
    "versionremoved": "Removed in version {}",
    "deprecated": "Deprecated since version {}",
}
_LANGUAGES = {
    "code": "",
    "code-block": "",
    "code-cell": "",
    "code-tab": "",
    "digraph": "dot",
    "doctest": "pycon",
    "graph": "dot",
    "graphviz": "dot",
    "ipython": "python",
    "ipython3": "python",
    "jupyter-execute": "python",
    "math": "math",
    "mermaid": "mermaid",
    "parsed-code": "",
    "plantuml": "plantuml",
    "productionlist": "",
    "prompt": "",
    "sourcecode": "",
    "testcode": "python",
    "testoutput": "",
    "testsetup": "python",
    "uml": "plantuml",
}
_SILENT = frozenset(
    "contents currentmodule default-domain default-role highlight index program sectionauthor codeauthor"
    " tabularcolumns".split()
)
_ARGUMENT_IS_MARKUP = frozenset("compound container ifconfig only rst-class tab-set".split())
_OBJECTS = re.compile(
    r"(?:(?:py|c|cpp|js|rst|std|php|rb|go|http|ruby):)?(?:function|method|class|exception|attribute|data|module"
    r"|classmethod|staticmethod|property|decorator|decoratormethod|macro|type|struct|union|enum|enumerator"
    r"|member|var|concept|alias|option|cmdoption|confval|envvar|describe|object|setting|directive|role"
    r"|get|post|put|delete|patch|head|options|any)"
)
_LABELS = ("caption", "title", "header", "summary")


class Keep(Directive):
    """A directive of any name: its argument and content become text, its options leave only their words."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Return nodes that hold all the text of the directive."""
        name = self.name.lower()
        argument, options, content = self._parts()
        if name in _SILENT:
            return []
        if name in _LANGUAGES:
            return self._code(_LANGUAGES[name] or argument, options, content, argument)
        if name in _ADMONITIONS or name == "admonition":
            return self._admonition(_ADMONITIONS.get(name, "{}"), argument, content)
        if _OBJECTS.fullmatch(name) and argument:
            return self._object(argument, content)
        special = _SPECIAL.get(name)
        if special:
            return special(self, argument, options, content)
        return self._any(argument, options, content)

    def _parts(self) -> tuple[str, dict[str, str], StringList]:
        """Return the argument (lines kept), the options and the rest of the content."""
        content = self.content
        count = 0
        argument: list[str] = []
        marker = self.block_text.split("\n", 1)[0].rstrip()
        if len(content) and not re.search(re.escape(self.name) + r"[ \t]?::$", marker):
            while count < len(content) and content[count].strip() and not _OPTION.match(content[count]):
                argument.append(content[count].strip())
                count += 1
        options: dict[str, str] = {}
        last = ""
        while count < len(content) and content[count].strip():
            match = _OPTION.match(content[count])
            if match:
                last = match.group(1).strip().lower()
                options[last] = (match.group(2) or "").strip()
            elif last and content[count][:1].isspace():
                options[last] += f"\n{content[count].strip()}"
            else:
                break
            count += 1
        rest = content[count:]
        while len(rest) and not rest[0].strip():
            rest.trim_start()
        return "\n".join(argument), options, rest

    def _line(self, content: StringList) -> int:
        return content.items[0][1] + 1 if len(content) else self.lineno

    def _nested(self, content: StringList, parent: nodes.Element) -> nodes.Element:
        if len(content):
            self.state.nested_parse(content, content.items[0][1] or 0, parent, match_titles=False)
        return parent

    def _paragraph(self, text: str, line: int, *, strong: bool = False) -> nodes.paragraph:
        children, _ = self.state.inline_text(text, line)
        paragraph = nodes.paragraph(text, "", *([nodes.strong("", "", *children)] if strong else children))
        paragraph.line = line
        return paragraph

    def _code(
        self, language: str, options: dict[str, str], content: StringList, argument: str
    ) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        if options.get("caption"):
            found.append(self._paragraph(options["caption"], self.lineno))
        lines, line = list(content), self._line(content)
        if argument and language != argument:
            lines, line = [*argument.split("\n"), *([""] if lines else []), *lines], self.lineno
        elif argument and not lines:
            return [*found, _bare(argument, self.lineno)]
        text = "\n".join(lines)
        block = nodes.literal_block(text, text, language=language.split("\n")[0])
        block.line = line
        return [*found, block]

    def _admonition(self, label: str, argument: str, content: StringList) -> list[nodes.Node]:
        text = ""
        if "{}" in label:
            words = argument.split(None, 1)
            version = argument if label == "{}" else (words[0] if words else "")
            text = " ".join(words[1:]) if label != "{}" else ""
            label = label.format(version).strip()
        else:
            text = argument
        holder = nodes.container()
        if text:
            holder += self._paragraph(text, self.lineno)
        self._nested(content, holder)
        strong = nodes.strong("", f"{label}:")
        first = holder[0] if len(holder) else None
        if isinstance(first, nodes.paragraph):
            first.insert(0, [strong, nodes.Text(" ")])
        else:
            lead = nodes.paragraph("", "", strong)
            lead.line = self.lineno
            holder.insert(0, lead)
        return [holder]

    def _object(self, argument: str, content: StringList) -> list[nodes.Node]:
        body = self._nested(content, nodes.definition())
        item = nodes.definition_list_item()
        for count, signature in enumerate(argument.replace("\\\n", " ").split("\n")):
            term = nodes.term("", nodes.Text(signature).astext())
            term.line = self.lineno + count
            item += term
        item += body
        return [nodes.definition_list("", item, described=True)]

    def _any(self, argument: str, options: dict[str, str], content: StringList) -> list[nodes.Node]:
        found = [self._paragraph(options[label], self.lineno) for label in _LABELS if options.get(label)]
        name = self.name.lower()
        if argument and name not in _ARGUMENT_IS_MARKUP and re.search(r"[^\W\d]", argument):
            if len(content):
                found.append(self._paragraph(argument, self.lineno, strong=True))
            else:
                return [*found, _bare(argument, self.lineno)]
        return [*found, *self._nested(content, nodes.container()).children]

    def _toctree(self, _: str, options: dict[str, str], content: StringList) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        if options.get("caption"):
            found.append(self._paragraph(options["caption"], self.lineno))
        entries = [line.strip() for line in content]
        if any(entries):
            lines = "\n".join(
                f"- {re.sub(r'[ ]*<[^<>]*>$', '', entry)}" if entry else "" for entry in entries
            )
            found.append(_bare(lines, self._line(content)))
        return found

    def _image(self, argument: str, options: dict[str, str], content: StringList) -> list[nodes.Node]:
        image = nodes.image("", uri=argument.replace("\n", ""), alt=" ".join(options.get("alt", "").split()))
        image.line = self.lineno
        return [image, *self._nested(content, nodes.container()).children]

    def _raw(self, argument: str, _: dict[str, str], content: StringList) -> list[nodes.Node]:
        text = "\n".join(content)
        visible = _visible(text) if "html" in argument.lower() else text
        return [_bare(visible, self._line(content))] if visible.strip() else []

    def _role(self, argument: str, _: dict[str, str], __: StringList) -> list[nodes.Node]:
        match = re.match(r"([\w.:+-]+)\s*(?:\(\s*([\w.:+-]+)\s*\))?", argument)
        if match:
            self.state.inliner.local_roles[match.group(1).lower()] = (match.group(2) or "inline").lower()
        return []

    def _meta(self, _: str, __: dict[str, str], ___: StringList) -> list[nodes.Node]:
        pairs = [match.groups() for line in self.content if (match := _OPTION.match(line))]
        return [nodes.meta("", name=name, content=text or "") for name, text in pairs]

    def _date(self, _: str, __: dict[str, str], ___: StringList) -> list[nodes.Node]:
        return [nodes.Text("today")]


_SPECIAL: dict[str, Any] = {
    "date": Keep._date,
    "figure": Keep._image,
    "image": Keep._image,
    "meta": Keep._meta,
    "raw": Keep._raw,
    "role": Keep._role,
    "toctree": Keep._toctree,
}


def register(text: str) -> None:
    """Make every directive that a text uses known to docutils."""
    for name in sorted(set(_NAME.findall(text))):
        if name.lower() not in _BUILT_IN:
            directives.register_directive(name.lower(), Keep)


def _bare(text: str, line: int) -> nodes.literal_block:
    """Return text that is shown as it is, without a fence."""
    block = nodes.literal_block(text, text, bare=True)
    block.line = line
    return block


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = 0
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
