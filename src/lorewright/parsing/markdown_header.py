"""What stands above the text of a Markdown file: front matter in YAML, TOML or JSON, and a licence comment."""

import json
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from lorewright.parsing.licences import is_licence

_FENCED = {
    "---": re.compile(r"---[ \t]*\n(?=[^\s])(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE),
    "+++": re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE),
}
_KEY = re.compile(r"^[\w.-]+[ \t]*[:=]|^#", re.MULTILINE)
_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_QUOTED = re.compile(r"([\"'])(.*?)\1[ \t]*(?:#.*)?", re.DOTALL)
_YAML_BLOCK = re.compile(r"[>|][+-]?\d?")
_REMARK = re.compile(r"^[ \t]*#.*", re.MULTILINE)
_COMMENT = re.compile(r"\s*(?:<!--[^-]*(?:-(?!->)[^-]*)*-->|\{/\*[^*]*(?:\*(?!/)[^*]*)*\*/\})[ \t]*(?:\n|\Z)")
# JSON can spell byte 0 and halves of surrogate pairs, which no text can hold.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class HeaderPiece(NamedTuple):
    """A stretch above the text proper, and what it is."""

    what: str
    start: int
    end: int


@dataclass
class Header:
    """What stands above the text.

    Attributes:
        end: Where the text proper begins.
        title: What the front matter calls the document; empty where it does not.
        notice: The licence comments.
        pieces: What it is made of.
    """

    end: int = 0
    title: str = ""
    notice: str = ""
    pieces: list[HeaderPiece] = field(default_factory=list)


def read_header(text: str) -> Header:
    """Return what stands above the text of a Markdown file; an ordinary comment belongs to the text."""
    header = Header()
    _read_front_matter(text, header)
    while (comment := _COMMENT.match(text, header.end)) and is_licence(comment[0]):
        header.notice += comment[0]
        _add(header, "licence", comment.end())
    return header


def _add(header: Header, what: str, end: int) -> None:
    header.pieces.append(HeaderPiece(what, header.end, end))
    header.end = end


def _read_front_matter(text: str, header: Header) -> None:
    fenced = _FENCED.get(text[:3])
    if fenced:
        front = fenced.match(text)
        if front and _KEY.search(front[1]):
            header.title = _title(front[1])
            header.notice = "\n".join(remark for remark in _REMARK.findall(front[1]) if is_licence(remark))
            _add(header, "front matter", front.end())
    elif text.startswith("{"):
        _read_json(text, header)


def _title(front: str) -> str:
    """The title, be it quoted, bare or a block of YAML."""
    found = _TITLE.search(front)
    value = found[1].strip() if found else ""
    quoted = _QUOTED.match(value)
    if quoted:
        return " ".join(quoted[2].split())
    first, *more = value.split("\n")
    if _YAML_BLOCK.fullmatch(first.strip()):
        first = ""
    return " ".join(" ".join([first.partition(" #")[0], *more]).split())


def _read_json(text: str, header: Header) -> None:
    try:
        front, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    line_end = text.find("\n", end) + 1 or len(text)
    if isinstance(front, dict) and front and not text[end:line_end].strip():
        header.title = " ".join(_NO_TEXT.sub("\ufffd", str(front.get("title", ""))).split())
        _add(header, "front matter", line_end)
