"""The prose of a text: what is left when code is out, and its sentences."""

import re

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_URL = re.compile(r"\b(?:https?|ftp|file)://(?:[^\s<>\"'`()\]]|\([^\s<>()]*\))+")
_QUOTATION = re.compile(r"[\"“„«][^\"“”„«»\n]{2,80}[\"“”»]")
_BORDER = re.compile(
    r"(?<=[.!?…])[\"')\]]*\s+(?=[^a-zа-я])|(?<=[。！？])|\n\s*\n|\n(?=\s*(?:[-*+•]|\d+[.)])\s)|\n(?=\|)"
)


def without_code(text: str, *, put: str = " ") -> str:
    """Return a text without blocks of code, inline code and addresses; each leaves `put` behind."""
    return _URL.sub(put, _INLINE.sub(put, _without_blocks(text, put)))


def without_quotations(text: str) -> str:
    """Return a text with what stands in double quotation marks left out: names of buttons, messages, words as such."""
    return _QUOTATION.sub(' "" ', text)


def code_of(text: str) -> list[str]:
    """Return what stands in a text as code, blocks first, their fences left out."""
    blocks = [
        "\n".join(match[0].strip().splitlines()[1:]).rstrip("`~\n ")
        for match in (_FENCED.finditer(text) if _may_have_blocks(text) else ())
    ]
    return blocks + [match[2] for match in _INLINE.finditer(_without_blocks(text, " "))]


def _without_blocks(text: str, put: str) -> str:
    return _FENCED.sub(put, text) if _may_have_blocks(text) else text


def _may_have_blocks(text: str) -> bool:
    """Whether to look for blocks of code: most texts are short and have none, and looking at every place takes time."""
    return "```" in text or "~~~" in text


def sentences(text: str) -> list[str]:
    """Return the sentences, list items and rows of a text in order; good enough to compare, not to print."""
    return [part.strip() for part in _BORDER.split(text) if part and part.strip()]
