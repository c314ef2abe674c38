"""Naming what a question is about, so that it can be understood far from its page."""

import re
from collections.abc import Sequence

from lorewright.generation.vocabulary import GENERIC

_LEFT_OUT = re.compile(
    r"\b(?:licen[cs]es?|licensing|copyright|change ?logs?|changes|what'?s new|news|release notes|releases?|history"
    r"|see also|references|further reading|acknowledge?ments?|credits?|authors?|contributors?|contributing|contact"
    r"|todo|to do|sponsors?|badges?|citation|citing|bibliography|table of contents|contents|roadmap|code of conduct"
    r"|who(?:'s| is) using|links|resources|maintainers?|donat\w+|star history|footnotes|disclaimer|thanks|trademarks?"
    r"|security contact|reporting .*vulnerabilit\w+|community|get involved|feedback|next steps?|conclusion)\b",
    re.I,
)
_VERSION = re.compile(
    r"^(?:version |release |v\.? ?)?\d+(?:\.\d+)+(?:[ab.]\w+|rc\d+)?\b|^\W*\d{4}-\d\d-\d\d|^unreleased", re.I
)
_CODE_LIKE = re.compile(r"^(?:--?[A-Za-z][\w-]*|[\w.:/<>$@-]*[\w>](?:\(.*\)|\[.*\])?)$")


def is_generic(title: str) -> bool:
    """Say whether a heading names no subject of its own, such as "Overview" or "Basic usage"."""
    words = re.findall(r"[\w-]+", title.casefold())
    return not words or all(
        word in GENERIC or word in {"and", "the", "a", "of", "with", "for"} for word in words
    )


def is_left_out(title: str) -> bool:
    """Say whether a heading opens a part that teaches nothing about the subject: licences, changes, thanks."""
    return bool(_VERSION.match(title)) or (len(title.split()) <= 5 and bool(_LEFT_OUT.search(title)))


def is_code_like(name: str) -> bool:
    """Say whether a name looks like an identifier, option or call rather than a word."""
    marked = re.search(r"[_.(/$@\[]|--|::|^-\w|[a-z\d][A-Z]|\d[a-z]", name) is not None
    return bool(_CODE_LIKE.match(name)) and marked and not name.endswith(".")


def as_code(name: str) -> str:
    """Return a name in backticks when it looks like code, else as it stands."""
    return f"`{name}`" if is_code_like(name) and "`" not in name else name


def context(parents: Sequence[str], *, project: str, own: str = "") -> str:
    """Return where something is to be found, as in "in DIRAC (Service Options)"; may be empty.

    Args:
        parents: Titles from the document's down to the nearest heading above.
        project: What the documents are about; may be empty.
        own: The subject itself; what it names already is not said again.
    """
    said = own.casefold()
    specific = [title for title in parents if not is_generic(title) and title.casefold() not in said]
    if len(specific) > 1:
        specific = specific[-1:] if len(specific[-1].split()) > 2 else [specific[0], specific[-1]]
    titles = [as_code(title) for title in specific if title.casefold() != project.casefold()]
    if not project or project.casefold() in " ".join([said, *titles]).casefold():
        named = ": ".join(titles)
        return f" in {named}" if named else ""
    if not titles or is_distinctive(own):
        return f" in {project}"
    return f" in {project} ({', '.join(titles)})"


def is_distinctive(name: str) -> bool:
    """Say whether a name needs nothing but its project to be understood."""
    return len(name.split()) >= 4 or name.count(".") >= 2 or name.count("_") >= 2
