"""HTML source made ready for a DOM parser that does not tell where its nodes stood.

Every stretch of text gets a mark with the number of its line; marks go through the parser as text and come out
wherever it moves that text to, so that lines stay right in broken markup too. What is never text (scripts,
styles, comments) goes, and what could make parsing slow or lose text (runaway nesting, formatting elements left
open, frames, CDATA sections) is made harmless.
"""

import codecs
import re
from dataclasses import dataclass, field
from html import escape

from lorewright.parsing.licences import is_licence

BEGIN, END = "\ufdd0", "\ufdd1"
MARK = re.compile(f"{BEGIN}([0-9]+){END}")

_ATTRIBUTES = r"""(?:[^>"'=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+|["'])*+"""
_TOKEN = re.compile(
    rf"""
      <!--(?:-?>|(?P<comment>.*?)(?:--!?>|\Z))
    | <!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
    | <(?P<raw>script|style|title|textarea|xmp|plaintext)(?=[\s/>])(?P<options>{_ATTRIBUTES})(?<!/)>
      (?P<content>.*?)(?:</(?P=raw)[^>]*>|\Z)
    | <(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<attributes>{_ATTRIBUTES})(?P<cut>>|\Z)
    | <[!?/][^>]*(?:>|\Z)
    | (?P<newline>&(?:\#0*10|\#x0*a)(?![0-9a-f]);?|&NewLine;)
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_NEWLINE = re.compile(r"&(?:#0*10|#x0*a)(?![0-9a-f]);?|&NewLine;", re.IGNORECASE)
_EMPTY = re.compile(r"""(?:\A|[\s"'])/\Z""")
_ALTERNATIVE = re.compile(r"""(\balt\s*=\s*["']?)(?=[^\s"'])""", re.IGNORECASE)
_ODD = re.compile("[\r\x0b\x0c\x1c-\x1f\ufdd0\ufdd1\ud800-\udfff]|&#(?:0*13|[xX]0*[dD]);?")
_FRAME = re.compile(r"""\bsrc\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
_TEX = re.compile(r"\bmath/tex\b", re.IGNORECASE)
_VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_END_IS_OPTIONAL = frozenset(
    [
        "body",
        "colgroup",
        "dd",
        "dt",
        "head",
        "html",
        "li",
        "optgroup",
        "option",
        "p",
        "rp",
        "rt",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
    ]
)
_WITHOUT_MEANING = frozenset(
    [
        "b",
        "big",
        "em",
        "font",
        "frameset",
        "i",
        "iframe",
        "nobr",
        "noembed",
        "noframes",
        "s",
        "small",
        "strike",
        "strong",
        "u",
    ]
)
_DEEPEST = 1000
_MOST_OPEN = 5
_CHARSET = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_ALSO_WESTERN = frozenset({"ascii", "iso8859-1"})


@dataclass
class Dropped:
    """What is left out of a page, by the lines where it stands."""

    stretches: list[tuple[str, int, int]] = field(default_factory=list)

    def add(self, what: str, first: int, last: int) -> None:
        """Note lines, the last one included."""
        self.stretches.append((what, first, last))

    def listed(self) -> list[dict[str, str | int]]:
        """Return all as `metadata["dropped"]`, in order; neighbours of one kind are one entry."""
        found: list[dict[str, str | int]] = []
        ends: dict[str, int] = {}
        for what, first, last in sorted(self.stretches, key=lambda stretch: stretch[1:]):
            before = found[-1] if found and found[-1]["what"] == what else None
            if before and first <= ends[what] + 1:
                ends[what] = max(ends[what], last)
                before["last"] = ends[what]
            else:
                found.append({"what": what, "first": first, "last": last})
                ends[what] = last
        return found


@dataclass
class MarkedSource:
    """Source with marks, what was taken out of it, and what frames and licence notices it holds."""

    html: str
    dropped: Dropped
    frames: list[str]
    notice: str


def declared_in_html(data: bytes) -> str | None:
    """Return the encoding that a page declares in `<meta>` or its XML declaration, if Python knows it.

    As browsers do, Latin-1 and ASCII are read as Windows-1252.
    """
    head = data[:_DECLARED_WITHIN]
    match = _CHARSET.search(head) or _XML_ENCODING.match(head)
    if not match:
        return None
    try:
        name = codecs.lookup(match[1].decode("ascii", "replace")).name
    except LookupError:
        return None
    return "cp1252" if name in _ALSO_WESTERN else name


def marked(text: str) -> MarkedSource:
    """Return HTML source in which each stretch of text begins with a mark of its 1-based line."""
    return _Marker(_ODD.sub(_harmless, text)).run()


def _harmless(match: re.Match[str]) -> str:
    return "" if match[0].startswith("&") else " "


class _Marker:
    """One pass over the tokens of a page."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._line, self._counted = 1, 0
        self._depth = self._formatting = 0
        self._templates: list[int] = []
        self._has_text = False
        self._found = MarkedSource("", Dropped(), [], "")

    def run(self) -> MarkedSource:
        position = 0
        for match in _TOKEN.finditer(self._text):
            start = match.start()
            if start > position:
                self._between(position, start)
            self._token(match)
            position = match.end()
        self._between(position, len(self._text))
        self._found.html = "".join(self._out)
        return self._found

    def _line_at(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line

    def _mark(self, position: int) -> str:
        return f"{BEGIN}{self._line_at(position)}{END}"

    def _between(self, start: int, end: int) -> None:
        self._has_text = self._has_text or not self._text[start:end].isspace()
        self._run_of_text(start, self._text[start:end])

    def _run_of_text(self, start: int, text: str) -> None:
        stripped = text.lstrip()
        if not stripped:
            self._out.append(text)
            return
        blank = len(text) - len(stripped)
        self._out += (text[:blank], self._mark(start + blank), stripped)

    def _token(self, match: re.Match[str]) -> None:
        name = match["name"]
        if name:
            self._tag(match, name.lower(), is_end=bool(match["end"]))
        elif match["raw"]:
            self._raw(match, match["raw"].lower())
        elif match["cdata"] is not None:
            self._escaped(match.start("cdata"), match["cdata"])
        elif match["comment"] is not None:
            self._comment(match)
        else:
            self._out.append(match[0])
            if match["newline"]:  # the line that follows it in the text is still the same in the source
                self._out.append(self._mark(match.start()))

    def _comment(self, match: re.Match[str]) -> None:
        words = match["comment"]
        if words.strip(" \t\n-=*#"):
            licence = not self._has_text and is_licence(words)
            self._found.notice += f"{words}\n" if licence else ""
            self._drop("licence" if licence else "comment", match)

    def _drop(self, what: str, match: re.Match[str]) -> None:
        self._found.dropped.add(what, self._line_at(match.start()), self._line_at(match.end()))

    def _raw(self, match: re.Match[str], name: str) -> None:
        start, content = match.start("content"), match["content"]
        if name == "script" and _TEX.search(match["options"]):
            self._out.append("$")
            self._escaped(start, content)
            self._out.append("$")
        elif name in {"script", "style"}:
            if content.strip():
                self._drop(name, match)
        elif name in {"xmp", "plaintext"}:
            self._out.append("<pre>")
            self._escaped(start, content)
            self._out.append("</pre>")
        else:
            self._out.append(f"<{name}{match['options']}>")
            self._run_of_text(start, _NEWLINE.sub(" ", content))
            self._out.append(f"</{name}>")

    def _escaped(self, start: int, content: str) -> None:
        blank = len(content) - len(content.lstrip())
        self._out += (content[:blank], self._mark(start + blank), escape(content[blank:], quote=False))

    def _tag(self, match: re.Match[str], name: str, *, is_end: bool) -> None:
        attributes = match["attributes"]
        if name == "frame":
            self._found.frames += _FRAME.findall(attributes)
        if not match["cut"] and attributes.strip():
            self._drop("unfinished tag", match)
        if name in _WITHOUT_MEANING or name in {"frame", "script", "style"}:
            return
        if name == "template":
            self._template(match, is_end=is_end)
        if name in _VOID:
            self._out.append(self._with_marked_alternative(match) if name == "img" else match[0])
        elif is_end:
            if self._closes(name):
                self._out.append(match[0])
        elif _EMPTY.search(attributes):
            self._out.append(f"<{match['name']}{attributes[:-1]}></{match['name']}>")
        elif self._opens(name):
            self._out.append(match[0])

    def _with_marked_alternative(self, match: re.Match[str]) -> str:
        found = _ALTERNATIVE.search(match[0])
        if not found:
            return match[0]
        at = found.end()
        return f"{match[0][:at]}{self._mark(match.start() + at)}{_NEWLINE.sub(' ', match[0][at:])}"

    def _opens(self, name: str) -> bool:
        """Say whether an element may open here: neither too deep nor one more formatting element left open."""
        if name in {"code", "tt"}:
            self._formatting += 1
            return self._formatting <= _MOST_OPEN
        if name not in _END_IS_OPTIONAL:
            self._depth += 1
            return self._depth <= _DEEPEST
        return True

    def _closes(self, name: str) -> bool:
        if name in {"code", "tt"}:
            self._formatting = max(0, self._formatting - 1)
            return self._formatting < _MOST_OPEN
        if name not in _END_IS_OPTIONAL:
            self._depth = max(0, self._depth - 1)
            return self._depth < _DEEPEST
        return True

    def _template(self, match: re.Match[str], *, is_end: bool) -> None:
        if not is_end:
            self._templates.append(self._line_at(match.start()))
        elif self._templates:
            self._found.dropped.add("template", self._templates.pop(), self._line_at(match.start()))
