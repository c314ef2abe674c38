"""Naming what a question is about, so that it can be understood far from its page."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from lorewright.text.vocabulary import GENERIC

MAX_TITLE_WORDS = 8
_LEFT_OUT = re.compile(
    r"\b(?:licen[cs]es?|licensing|copyright|change ?logs?|what'?s new|release notes|release history|see also"
    r"|further reading|acknowledge?ments?|contributors|todo|to do|sponsors?|badges?|citation|citing|bibliography"
    r"|code of conduct|who(?:'s| is) using|star history|disclaimer|trademarks?|security (?:contact|disclosures?"
    r"|polic\w+)|reporting .*vulnerabilit\w+|table of contents|getting help|get involved|next steps"
    r"|roadmap|donat\w+)\b",
    re.I,
)
_LEFT_OUT_WHOLE = re.compile(
    r"(?:(?:quick|useful|related|external|important|other|more|additional|project) )?(?:links|resources|history|changes"
    r"|releases?|news|feedback|community|conclusion|thanks|contents|security|authors?|contact|footnotes|references"
    r"|credits|contributing(?: to .*)?|maintainers?|support|funding|new contributors|fixes|next steps?|documentation"
    r"|download|downloads|packaging|in this tutorial|tutorial goals?|limits to this guide"
    r"|.* examples?|talks|recap|call for .*|.*contributions|.* members|playground|discussion.*)",
    re.I,
)
_VERSION = re.compile(
    r"^(?:version |release |v\.? ?)?\d+(?:\.\d+)+(?:[ab.]\w+|rc\d+)?\b|^\W*\d{4}-\d\d-\d\d|^unreleased", re.I
)
_PARTS = {
    f"{noun}s": noun
    for noun in (
        "argument",
        "parameter",
        "option",
        "setting",
        "field",
        "attribute",
        "column",
        "method",
        "command",
        "flag",
    )
} | {"properties": "property"}
_SUBTITLE = re.compile(r"(?<=\w): | [-—–]+ ")
_CODE_LIKE = re.compile(r"^(?:--?[A-Za-z][\w-]*|[\w.:/<>$@-]*[\w>](?:\(.*\)|\[.*\])?)$")


def is_generic(title: str) -> bool:
    """Say whether a heading names no subject of its own, such as "Overview" or "Basic usage"."""
    words = re.findall(r"[\w-]+", title.casefold())
    return not words or all(
        word in GENERIC or word in {"and", "the", "a", "of", "with", "for"} for word in words
    )


def is_left_out(title: str) -> bool:
    """Say whether a heading opens a part that teaches nothing about the subject: licences, changes, thanks."""
    partly = len(title.split()) <= 5 and _LEFT_OUT.search(title) is not None
    return partly or bool(_VERSION.match(title) or _LEFT_OUT_WHOLE.fullmatch(title))


def is_code_like(name: str) -> bool:
    """Say whether a name looks like an identifier, option or call rather than a word; in backticks it does."""
    if len(name) > 2 and name[0] == name[-1] == "`":
        return True
    marked = re.search(r"[_.(/$@\[]|--|::|^-\w|[a-z\d][A-Z]|\d[a-z]", name) is not None
    return bool(_CODE_LIKE.match(name)) and marked and not name.endswith(".")


def as_code(name: str) -> str:
    """Return a name in backticks when it looks like code, else as it stands."""
    return f"`{name}`" if "`" not in name and is_code_like(name) else name


def root_name(path: str, project: str) -> str:
    """Return what a document's questions are about where its headings do not say: the project, else its file's name."""
    if project:
        return project
    file = PurePosixPath(path)
    return next(
        (part for part in (file.stem, file.parent.name) if part and part.casefold() not in GENERIC), ""
    )


def context(parents: Sequence[str], *, project: str, own: str = "") -> str:
    """Return where something is to be found, as in " in DIRAC (Service Options)"; may be empty.

    Args:
        parents: Titles from the document's down to the nearest heading above.
        project: What the documents are about; may be empty.
        own: The subject itself; what it names already is not said again.
    """
    if _mentions(own, project) and len(own.split()) > 1:
        return ""
    specific = [
        as_code(short_title(title))
        for title in parents
        if not is_generic(title) and not _mentions(own, title) and len(title.split()) <= MAX_TITLE_WORDS
    ]
    titles = [title for title in dict.fromkeys(specific) if _squeeze(title) != _squeeze(project)]
    if len(titles) > 1:
        titles = titles[-1:] if len(titles[-1].split()) > 2 else [titles[0], titles[-1]]
    if not titles or (project and is_distinctive(own)):
        return f" in {project}" if project and not _mentions(own, project) else ""
    if not project or _mentions(titles[0], project):
        inner = f" ({titles[1]})" if len(titles) > 1 else ""
        return f" in {titles[0]}{inner}"
    if _mentions(titles[-1], project):
        return f" in {titles[-1]}"
    return f" in {project} ({', '.join(titles)})"


def _squeeze(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _mentions(text: str, name: str) -> bool:
    return bool(name) and bool(_squeeze(name)) and _squeeze(name) in _squeeze(text)


def short_title(title: str) -> str:
    """Return "click" for "click: a toolkit for commands"."""
    head = _SUBTITLE.split(title, maxsplit=1)[0]
    return head if 0 < len(head.split()) <= 4 else title


def owner_of(parents: Sequence[str]) -> tuple[str, str, Sequence[str]]:
    """Return whose named parts stand below headings: what a part is called, its owner, and the headings above that.

    ("abs", "Arguments") is ("argument", "`abs`", ()); where the last heading names no kind of part nothing is owned.
    """
    noun = _PARTS.get(parents[-1].casefold(), "") if parents else ""
    if not noun or len(parents) < 2 or is_generic(parents[-2]) or len(parents[-2].split()) > 4:
        return noun, "", parents
    return noun, as_code(parents[-2]), parents[:-2]


def is_distinctive(name: str) -> bool:
    """Say whether a name needs nothing but its project to be understood."""
    return len(name.split()) >= 4 or name.count(".") >= 2 or name.count("_") >= 2
