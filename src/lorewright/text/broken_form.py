"""Texts that are broken: code that does not close, brackets left over, marks of prompts and chat templates."""

import re

from lorewright.text.phrases import phrases
from lorewright.text.prose import code_of, without_code

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_INTERVAL = re.compile(r"[\[(]\s*[-\w.∞]+\s*[,;]\s*[-\w.∞]+\s*[\])]")
_LIST_LETTER = re.compile(r"(?:^|(?<=[\s,;]))(?:\w{1,2}|[ivx]{1,4})$", re.MULTILINE)
_SMILE = re.compile(r"(?<!\w)[:;]-?[()]")
_LEAST_KNOWN = 10
_WORDLIKE = re.compile(r"\w")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\\.")
_CUT_WORD = re.compile(
    r"(?:^|\s)(?:the|an?|of|to|and|or|with|for|from|in|on|by|is|are|was|be|that|which|if|when|while|because|its|their"
    r"|your|than|as|into|via|such|der|die|das|und|oder|mit|für|ein|eine|le|les|des|et|ou|avec|и|или|для|с|в|на)$"
)
_CUT_CODE = re.compile(r"(?:[=+*/&|,(\[{\\]|->|=>|::|\.)$")


def leftover(text: str, *, known: str = "", asked: bool = False) -> str:
    """Return what a template or a prompt left in a text; empty where it left nothing.

    Args:
        text: A question or an answer.
        known: Texts that may hold such marks rightly: where one stands there, it is content.
        asked: Whether it is a question.
    """
    prose = without_code(text)
    for found in phrases("leftovers").finditer(prose):
        if found[0].strip() not in known:
            return f"a mark of a prompt or template: {found[0].strip()[:60]!r}"
    label = phrases("question_labels" if asked else "answer_labels").search(prose)
    if label and label[0].strip() not in known:
        return f"a label in front of the text: {label[0].strip()[:60]!r}"
    return ""


def broken_form(text: str, *, known: str = "") -> str:
    """Return why a text looks broken or cut; empty where it does not.

    Args:
        text: An answer to be read alone, in prose with or without code.
        known: Texts of which it may hold pieces: code that stands there is no fault of the answer.
    """
    if len(_FENCE.findall(text)) % 2:
        return "an unclosed code fence"
    if _without_blocks(text).count("`") % 2 and known.count("`") % 2 == 0:
        return "an unclosed code mark"
    pieces = [
        _STRING.sub(" ", piece)
        for piece in code_of(text)
        if _WORDLIKE.search(piece) and piece.strip() not in known
    ]
    for piece in [*pieces, without_code(text, put=" x ")]:
        if reason := _unbalanced(piece, known):
            return reason
    return _cut(text, known)


def _without_blocks(text: str) -> str:
    return re.sub(r"^[ \t]*(```|~~~).*?^[ \t]*\1.*?$", " ", text, flags=re.MULTILINE | re.DOTALL)


def _unbalanced(text: str, known: str) -> str:
    """Return which bracket has no other; empty where all have, or where the text as far as there is known."""
    bare = text
    for form in (_INTERVAL, _SMILE):
        bare = form.sub(lambda match: " " * len(match[0]), bare)
    opened: list[int] = []
    for place, sign in enumerate(bare):
        if sign in _PAIRS.values():
            opened.append(place)
        elif sign in _PAIRS and opened and bare[opened[-1]] == _PAIRS[sign]:
            opened.pop()
        elif sign in _PAIRS and not _marks_item(bare, place):
            return "" if _is_known(text, place, known) else f"a stray {sign!r}: {_around(text, place)!r}"
    if not opened or _is_known(text, opened[-1], known):
        return ""
    return f"an unclosed {bare[opened[-1]]!r}: {_around(text, opened[-1])!r}"


def _marks_item(text: str, place: int) -> bool:
    """Whether a bracket closes the letter or number of an item: `a) this, b) that`."""
    return (
        bool(text[place + 1 :].strip(" ."))
        and _LIST_LETTER.search(text[max(0, place - 6) : place]) is not None
    )


def _is_known(text: str, place: int, known: str) -> bool:
    """Whether what stands around a bracket is the evidence's own."""
    around = text[max(0, place - 12) : place + 12].strip()
    return len(around) > _LEAST_KNOWN and around in known


def _around(text: str, place: int) -> str:
    return " ".join(text[max(0, place - 25) : place + 25].split())


def _cut(text: str, known: str) -> str:
    last = text.rstrip().rpartition("\n")[2].strip().strip("*_")
    if _CUT_WORD.search(last) and not _ends_so(last, known):
        return f"breaks off: {last[-40:]!r}"
    code = code_of(text)
    if text.rstrip().endswith(("```", "~~~")) and code:
        line = code[0].rstrip().rpartition("\n")[2].strip()
        if _CUT_CODE.search(line) and line not in known:
            return f"code that breaks off: {line[-40:]!r}"
    return f"breaks off: {last[-40:]!r}" if last.endswith((",", " -", "(")) else ""


def _ends_so(last: str, known: str) -> bool:
    """Whether a sentence of the evidence ends in the same words."""
    tail = re.escape(" ".join(last.split()[-3:]))
    return re.search(rf"{tail}\W*(?:[.!?|;:)\n]|\Z)", known) is not None
