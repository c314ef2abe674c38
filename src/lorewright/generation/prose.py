"""Plain sentences out of marked-up prose, with the stretch of source text that each came from."""

import html
import re
from dataclasses import dataclass

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\](?:\([^()\s]*(?:\([^()]*\))?[^()]*\)|\[[^\]]*\])")
_ROLE = re.compile(r"(?::[a-z][\w:+.-]*:|\{[a-z][\w:+.-]*\})`([^`]+)`")
_REST_LINK = re.compile(r"`([^`<>]+?)\s*<[^<>`]+>`_{1,2}")
_REST_REFERENCE = re.compile(r"`([^`]+)`_{1,2}(?![\w`])")
_TARGET = re.compile(r"^[~!.]+|\s*<[^<>]+>$")
_TAG = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|h[1-6]|em|ul|ol|li|td|tr|th|dl|dt|dd|sup|sub|kbd|img|div|span|code|pre|strong|table|tbody"
    r"|thead|center|picture|source|details|summary|small|font|nobr|video|svg|path)\b[^>]*>",
    re.I,
)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_UNDERSCORES = re.compile(r"(?<!\w)(_{1,2})(?=[^\s_])([^\n]+?)(?<=[^\s_])\1(?!\w)")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]|(?<=\w) ?\[#?\w*\]_")
_SHORTCUT = re.compile(r"(?<![\w\])])\[([A-Za-z][^\[\]\n]{2,60})\](?![\w(\[:])")
_CODE_SHORTCUT = re.compile(r"(?<![\w\])])\[(`[^`\n]+`)\](?![\w(\[:])")
_UNFINISHED = re.compile(r"\b(?:are|is|with|by|using|following|the|to|of)$", re.I)
_ESCAPE = re.compile(r"\\([*_`\[\]<>#|\\{}~])")
_CODE = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.S)
_QUOTE_MARK = re.compile(r"^[ \t]*>[ \t]?", re.M)
_BREAK = re.compile(
    r"(?<=[.!?])[\"')\]*_`]*\s+(?=[\"'(\[`*_]*[A-Z0-9`:])|(?<=[。！？])\s*|\n\s*\n|\n[ \t]*(?=[-*+•] )"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|Dr|Mr|Ms|St|No|Fig|Eq|al|ca|incl|esp)|\b[A-Z])\.$"
)
_POINTER = re.compile(
    r"\b(?:below|above|as follows|(?:the )?following|this example|in this (?:example|case|section)|click here"
    r"|(?:previous|next|preceding|last) (?:section|chapter|page|example|paragraph|step)"
    r"|(?:like|as in|consider|here is|here's|here are|see) (?:this|the|an|some|our|more|also)\b.{0,40}"
    r"(?:example|section|page|documentation|docs|guide|snippet|figure|diagram|table)"
    r"|see also|for (?:more|technical|further|the) (?:details|information).{0,40}\bsee\b"
    r"|(?:figure|table|listing|point|step) \d|(?:available|found|described) here)\b",
    re.I,
)
_SEE = re.compile(r"\bsee (?::|\[|`)|^See ", re.I)
ABOUT_PAGE = re.compile(
    r"^(?:In )?(?:this|the present) (?:section|page|chapter|document|guide|tutorial|documentation|article|part|module's"
    r"|README|how-?to|file)s?\b",
    re.I,
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Excerpt:
    """Clean sentences and the characters of the source text that hold them; empty text says why in `weakness`."""

    text: str
    start: int
    end: int
    weakness: str = ""


def clean(text: str) -> str:
    """Return prose without links, images, emphasis, roles and tags, on one line; code keeps single backticks."""
    text = _COMMENT.sub(" ", text)
    text = _QUOTE_MARK.sub("", text)
    text = _IMAGE.sub(" ", text)
    text = _ROLE.sub(lambda match: f"`{_TARGET.sub('', match[1])}`", text)
    text = _REST_LINK.sub(r"\1", text)
    text = _REST_REFERENCE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _CODE_SHORTCUT.sub(r"\1", text)
    pieces: list[str] = []
    last = 0
    for code in _CODE.finditer(text):
        pieces += [_clean_outside_code(text[last : code.start()]), f"`{code[2].strip()}`"]
        last = code.end()
    pieces.append(_clean_outside_code(text[last:]))
    squashed = " ".join("".join(pieces).split())
    return re.sub(r"\(\s*\)|\[\s*\]", "", re.sub(r"\s+([.,;:!?])(?=\s|$)", r"\1", squashed)).strip()


def _clean_outside_code(text: str) -> str:
    text = _TAG.sub(" ", text)
    text = _SHORTCUT.sub(r"\1", _FOOTNOTE.sub("", text))
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
        text = _UNDERSCORES.sub(r"\2", text)
    text = re.sub(r"::(?=\s|$)", ":", text)
    return html.unescape(_ESCAPE.sub(r"\1", text))


def count_words(text: str) -> int:
    """Return how many words a text has."""
    return len(_WORD.findall(text))


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of `text[start:end]` as character spans without surrounding whitespace."""
    spans: list[tuple[int, int]] = []
    begin = start
    for gap in _BREAK.finditer(text, start, end):
        stop = gap.start() + len(gap[0]) - len(gap[0].lstrip("\"')]*_`"))
        if _ABBREVIATION.search(text[begin:stop]) or text.count("`", begin, stop) % 2:
            continue
        spans.append((begin, stop))
        begin = gap.end()
    spans.append((begin, end))
    return [trimmed for span in spans if (trimmed := trim(text, *span))[0] < trimmed[1]]


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without whitespace at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def excerpt(text: str, start: int, end: int, *, max_chars: int = 400) -> Excerpt:
    """Return the first whole sentences of `text[start:end]` that stand on their own.

    Sentences about the page ("This section describes ...") are passed over at the beginning; the excerpt ends
    before the first one that points at something outside it, announces what follows or would exceed `max_chars`.
    A first sentence longer than that is still taken when it has at most twice as many characters.
    """
    taken: list[str] = []
    first = last = start
    weakness = "no sentence"
    for begin, stop in sentence_spans(text, start, end):
        sentence = clean(text[begin:stop])
        if not taken and (ABOUT_PAGE.match(sentence) or not sentence):
            weakness = "speaks about the page, not about its subject"
            continue
        weakness = _weak_sentence(sentence)
        length = sum(map(len, taken)) + len(taken) + len(sentence)
        if weakness or length > (max_chars if taken else 2 * max_chars):
            break
        first, last = (first if taken else begin), stop
        taken.append(sentence)
    if not taken:
        return Excerpt("", start, end, weakness or f"a sentence of more than {2 * max_chars} characters")
    return Excerpt(" ".join(taken), first, last)


def _weak_sentence(sentence: str) -> str:
    if sentence.startswith(("- ", "* ", "+ ", "• ")):
        return f"a list: {sentence[:40]!r}"
    if _UNFINISHED.search(sentence):
        return f"announces what follows: {sentence[-40:]!r}"
    if sentence.endswith((":", ",", ";", "...", "…")):
        return f"announces what follows: {sentence[-40:]!r}"
    if pointer := _POINTER.search(sentence) or _SEE.search(sentence):
        return f"points elsewhere: {pointer[0]!r}"
    return ""
