"""The licence comment at the top of a code file."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lorewright.parsing.code_comments import Above, is_block, stands_above
from lorewright.parsing.code_languages import COMMENT, Language
from lorewright.parsing.licences import is_licence, licence_name

if TYPE_CHECKING:
    from tree_sitter import Node

_BEFORE = {"php_tag", "hash_bang_line", "shebang"}
_MARKERS = re.compile(r"^[ \t]*(?:/\*+!?|\*+/|\*+|//+!?|#+)?[ \t]*|[ \t]*\**(?:\*/)?[ \t]*$")
# What a notice must hold, and what each of its paragraphs begins with.
_NOTICE = re.compile(
    r"\bcopyright\b|\(c\)\s*\d|spdx-|licen[sc]ed (?:under|to)|permission is|this \w+ is (?:free|part|distributed)"
    r"|licen[sc]e:|see (?:the )?(?:file )?\W*(?:licen[sc]e|copying)|rights reserved|governed by|under the terms",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"permission|warrant|redistribut|rights reserved|free software|part of|conditions|liab(?:le|ility)|applicable law"
    r"|contributor|endorse|obtain|you (?:may|can|should|need)|provided|subject to|in no event|use of this|governed by"
    r"|except as|without fee|please contact|this (?:code|program|library|file|software|source)|as published by"
    r"|@preserve|@license|^@(?:format|flow|oncall)\b|-\*-|\bcoding[:=]|^frozen_string_literal|^\(c\)|^\$\w+|^https?://\S+$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"^(?:copyright|\(c\)|spdx)|rights reserved\.?$|-\*-|\bcoding[:=]|^frozen_string_literal|^@\w+$",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(rb"(?:[ \t\f]*(?:\n|\Z))*")


class Licence(NamedTuple):
    """Where a licence stands, in bytes, up to what follows it, and what it is called."""

    start: int
    end: int
    name: str


def leading_licence(root: "Node", source: bytes, language: Language) -> Licence | None:
    """Return the first comments at the top of a file that are nothing but a licence or copyright notice."""
    start = end = -1
    notice = ""
    for first, last in _leading_comments(root, source, language):
        text = source[first:last].decode(errors="replace")
        if is_licence(text) and (start >= 0 or _NOTICE.search(text)) and _is_legal_alone(text):
            start = first if start < 0 else start
            end = last
            notice += text + "\n"
        elif start >= 0:
            break
    if start < 0:
        return None
    blank = _BLANK_LINES.match(source, end)
    return Licence(start, blank.end() if blank else end, licence_name(notice))


def _leading_comments(root: "Node", source: bytes, language: Language) -> Iterator[tuple[int, int]]:
    """Yield where each comment before the first code stands; lines of comments that touch are one."""
    group: list[Above] = []
    for child in root.named_children:
        comment = Above(child.start_byte, child.end_byte, True)
        if child.type in _BEFORE or source.startswith(b"#!", comment.start):
            continue
        if language.roles.get(child.type) != COMMENT:
            break
        touches = group and stands_above(source, group[-1], comment.start)
        if group and not (touches and not is_block(source, group[-1]) and not is_block(source, comment)):
            yield group[0].start, group[-1].end
            group = []
        group.append(comment)
    if group:
        yield group[0].start, group[-1].end


def _is_legal_alone(comment: str) -> bool:
    """Whether each paragraph of a comment begins like legal text."""
    fresh = True
    for line in comment.split("\n"):
        content = _MARKERS.sub("", line)
        says = any(character.isalpha() for character in content)
        if says and fresh and not (is_licence(content) or _LEGAL.search(content)):
            return False
        fresh = not says or _ALONE.search(content) is not None
    return True
