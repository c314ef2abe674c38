"""What a Markdown page shows but does not say: badges, navigation, generated tables of contents, marks of tools.

A part is boilerplate only when all of it is; whatever might be content stays.
"""

import html
import re
from collections.abc import Sequence

from lorewright.parsing.licences import is_licence, licence_name
from lorewright.parsing.markdown_parts import Inline, Part

_BADGE = re.compile(
    r"badge|\bshields\.io/|://(?:[\w-]+\.)?(?:travis-ci|codecov|coveralls|circleci|appveyor|snyk|deps"
    r"|nodei|david-dm|pepy|repostatus|tokei|codefactor|lgtm|isitmaintained)\.(?:io|org|com|co|rs|tech|rip)/"
    r"|\bdocs\.rs/[^/]+/(?:badge|\?badge)|/workflows/[^?]*\.svg|\bfossa\.(?:io|com)/|\bapi\.netlify\.com/"
    r"|\bdiscord(?:app)?\.com/api/guilds/|\bcodacy\.com/|\bsonarcloud\.io/api/",
    re.IGNORECASE,
)
_TURNING = re.compile(
    r"(?:previous|prev|next)(?:\s*(?:page|chapter|section|step|tutorial|:.*))?|(?:back|return) to (?:the )?top"
)
_PLACE = re.compile(r"home|up|top|index|main|contents|table of contents|toc|overview|readme|start")
_CONTENTS = re.compile(
    r"(?:table of contents|contents|toc|on this page|in this (?:page|document))", re.IGNORECASE
)
_CONTENTS_OPEN = re.compile(r"<!--\s*(?:toc\b|start\s+doctoc|start\s+of\s+toc)", re.IGNORECASE)
_CONTENTS_SIGN = re.compile(r"\[\[?_?toc_?\]?\]|\{:toc\}", re.IGNORECASE)
_MARK = re.compile(
    r"<!--+\s*(?:(?:start|end)\s+(?:doctoc|of\s+toc)|/?toc(?:stop)?\b|prettier-ignore|markdownlint-|vale\s+o"
    r"|cspell:|textlint-|all-contributors-)",
    re.IGNORECASE,
)
_GENERATED = re.compile(r"\bdo not edit\b|\bgenerated (?:by|from|file|automatically|using|with)\b")
_COMMENT = re.compile(r"<!--[^-]*(?:-(?!->)[^-]*)*-->")
_TAG = re.compile(r"<(/?)([a-z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w-])(?:src|srcset)\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_PLAIN_TAG = re.compile(
    r"a|p|div|span|center|br|img|picture|source|sub|sup|small|strong|b|em|table|tr|td", re.IGNORECASE
)
_SIGN = re.compile(r"[^\w\s]|_")
_SIGN_BUT_COLON = re.compile(r"[^\w:\s]|_")
_DOCTOC = re.compile(r"\*generated with.*", re.IGNORECASE | re.DOTALL)
_LONGEST = 20_000
_LONGEST_CALL = 200
_LONGEST_MARK = 1_000
_TOP_PARTS = 4


def boilerplate(text: str, parts: Sequence[Part]) -> list[str]:
    """Return for each part which boilerplate all of it is: empty for content."""
    named = [""] * len(parts)
    doubtful = [place for place, part in enumerate(parts) if part.inline or part.tag]
    for place in doubtful:
        named[place] = _name(text, parts[place], place)
    for place in doubtful:
        part = parts[place]
        if part.inline and part.kind == "list" and _only_anchors(part.inline):
            _mark_contents(text, parts, named, place)
    return named


def _name(text: str, part: Part, place: int) -> str:
    """Say what boilerplate a part is, by itself; empty for content."""
    if part.inline and not part.inline.words:
        return _name_of_inline(part, part.inline)
    if part.kind == "paragraph" and _CONTENTS_SIGN.fullmatch(text, part.start, part.end):
        return "navigation"
    if part.tag == "html" and part.kind == "other" and part.end - part.start <= _LONGEST:
        return _name_of_html(text[part.start : part.end], place)
    return ""


def _name_of_inline(part: Part, inline: Inline) -> str:
    tags = "".join(inline.html)
    if not _all_plain(tags):
        return ""
    images = [*inline.images, *_images(tags)]
    if images:
        return "badges" if not inline.prose and part.kind != "list" and _all_badges(images) else ""
    return "navigation" if _turns_pages([words for _, words in inline.links]) else ""


def _name_of_html(source: str, place: int) -> str:
    if source.startswith("<!--"):
        return _name_of_comment(source, place) if _COMMENT.fullmatch(source) else ""
    tags = "".join(match[0] for match in _TAG.finditer(source))
    words = " ".join(html.unescape(_TAG.sub(" ", source)).split())
    if not _all_plain(tags):
        return ""
    if not any(character.isalnum() for character in words):
        return "badges" if _all_badges(_images(tags)) else ""
    return "navigation" if "<a " in tags and _turns_pages([words.strip("()[] ")]) else ""


def _name_of_comment(comment: str, place: int) -> str:
    if _MARK.match(comment):
        return "generator's mark"
    plain = comment.lower() if len(comment) <= _LONGEST_MARK else ""
    if ("generated" in plain or "edit" in plain) and _GENERATED.search(" ".join(plain.split())):
        return "generator's mark"
    is_notice = place < _TOP_PARTS and is_licence(comment) and licence_name(comment)
    return "licence" if is_notice else ""


def _images(tags: str) -> list[str]:
    return [
        address
        for tag in _TAG.finditer(tags)
        if tag[2].lower() in {"img", "source"}
        for address in _ADDRESS.findall(tag[3]) or [""]
    ]


def _all_plain(tags: str) -> bool:
    return all(_PLAIN_TAG.fullmatch(tag[2]) for tag in _TAG.finditer(tags)) and "<!--" not in tags


def _all_badges(addresses: Sequence[str]) -> bool:
    return bool(addresses) and all(map(_BADGE.search, addresses))


def _turns_pages(words: Sequence[str]) -> bool:
    """Whether links lead to the pages before and after, or to the top, and nowhere else."""
    bare = [" ".join(_SIGN_BUT_COLON.sub(" ", each).casefold().split()) for each in words]
    turning = [_TURNING.fullmatch(each) is not None for each in bare]
    return any(turning) and all(
        turns or _PLACE.fullmatch(each) for turns, each in zip(turning, bare, strict=True)
    )


def _only_anchors(inline: Inline) -> bool:
    return (
        not inline.words
        and not inline.images
        and not inline.html
        and len(inline.links) > 1
        and all(words and address.startswith("#") for address, words in inline.links)
    )


def _mark_contents(text: str, parts: Sequence[Part], named: list[str], place: int) -> None:
    """Name a list of links within the page, where a heading or a tool's mark calls it the page's contents."""
    before = place - 1
    while before >= 0 and parts[before].tag == "html":
        if _CONTENTS_OPEN.match(text, parts[before].start, parts[before].end):
            named[place] = "navigation"
        before -= 1
    if before < 0 or not _calls_contents(text, parts[before]):
        return
    named[place] = "navigation"
    if parts[before].kind == "paragraph" or _section_ends(parts, place + 1):
        named[before] = "navigation"


def _calls_contents(text: str, part: Part) -> bool:
    if part.kind not in {"heading", "paragraph"} or part.end - part.start > _LONGEST_CALL:
        return False
    words = _DOCTOC.sub("", text[part.start : part.end])
    return _CONTENTS.fullmatch(_SIGN.sub(" ", words).strip()) is not None


def _section_ends(parts: Sequence[Part], place: int) -> bool:
    """Whether no text follows that would lose its heading."""
    return place >= len(parts) or parts[place].kind in {"heading", "other"}
