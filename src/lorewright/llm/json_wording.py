"""Almost-JSON put into strict JSON where that takes no guess: each string stands between its own quotation marks.

Mended are other quotation marks, raw line breaks and stray backslashes in strings, bare keys, Python's words,
comments, a comma too many or missing, and the missing end of a list before its object's. A string with quotation
marks of its own is left to `json_mending`.
"""

import json
import re
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“(?:[^“”\\]|\\.)*”)
    |(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<colon>:)
    |(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-]))
    |(?P<word>[^\W\d]\w*)
    |(?P<partial>/\*.*\Z|/\Z|[-+.\w]+\Z)""",
    re.DOTALL | re.VERBOSE,
)
_HALF_STRING = {
    mark: re.compile(rf"{mark}(?:[^{end}\\]|\\.)*\\?\Z", re.DOTALL) for mark, end in ('""', "''", "“”")
}
_BEFORE_COLON = re.compile(r"\s*:")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_WORDS = {"true": "true", "false": "false", "null": "null", "none": "null"}
_NAMED = {'"': '"', "\\": "\\", "/": "/", "'": "'", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_VALUE_ENDS = frozenset({"string", "number", "word", "close"})

End = Literal["closed", "open", "unclear"]


class Strict(NamedTuple):
    """The strict JSON of a text up to where the value ends, the text does, or its meaning stops being plain.

    Attributes:
        text: Strict as far as its words go; whether it is a value is for the parser to say.
        end: `closed`: its outermost bracket is. `open`: the text ends before. `unclear`: a guess would be needed.
        position: Where that is in the text.
    """

    text: str
    end: End
    position: int


def in_strict_words(text: str, start: int) -> Strict:
    """Return the value that begins with the bracket at a position, in strict JSON."""
    out: list[str] = []
    brackets: list[str] = []
    before, broken_line = "", False
    position = start
    while position < len(text):
        token = _TOKEN.match(text, position)
        kind = str(token.lastgroup) if token else ""
        if token is None or kind == "partial":
            is_half = kind == "partial" or _is_half_string(text, position)
            return Strict("".join(out), "open" if is_half else "unclear", position)
        if kind == "space":
            broken_line = broken_line or "\n" in token.group()
            position = token.end()
            continue
        is_key = bool(_BEFORE_COLON.match(text, token.end()))
        said = _strict_token(kind, token.group(), is_key=is_key)
        if said is None:
            is_half = kind == "word" and token.end() == len(text)
            return Strict("".join(out), "open" if is_half else "unclear", position)
        if kind in {"string", "number", "word", "open"} and before in _VALUE_ENDS:
            in_object = brackets[-1:] == ["{"]
            if not _may_follow(before, kind, in_object=in_object, is_key=is_key, broken_line=broken_line):
                return Strict("".join(out), "unclear", position)
            out.append(",")
        if kind == "open":
            brackets.append(said)
        if kind == "close":
            if before == "comma":
                out.pop()
            said = _closing(said, brackets)
            if not said:
                return Strict("".join(out), "unclear", position)
        out.append(said)
        before, broken_line, position = kind, False, token.end()
        if not brackets:
            return Strict("".join(out), "closed", position)
    return Strict("".join(out), "open", position)


def _is_half_string(text: str, position: int) -> bool:
    half = _HALF_STRING.get(text[position])
    return bool(half and half.match(text, position))


def _strict_token(kind: str, raw: str, *, is_key: bool) -> str | None:
    if kind == "string":
        return _string(raw)
    if kind == "word":
        return json.dumps(raw) if is_key else _WORDS.get(raw.lower())
    return raw


def _may_follow(before: str, kind: str, *, in_object: bool, is_key: bool, broken_line: bool) -> bool:
    """Return whether a comma is plainly all that is missing between two tokens."""
    if in_object:
        return is_key and (broken_line or before == "close" or kind == "string")
    return (broken_line and not is_key) or (before == "close" and kind == "open")


def _closing(bracket: str, brackets: list[str]) -> str:
    """Return what a closing bracket closes, taking it off the open ones; empty where it closes none of them."""
    wanted = {"]": "[", "}": "{"}[bracket]
    if brackets[-1:] == [wanted]:
        brackets.pop()
        return bracket
    if bracket == "}" and brackets[-2:] == ["{", "["]:
        del brackets[-2:]
        return "]}"
    return ""


def _string(raw: str) -> str:
    if raw.startswith('"'):
        try:
            json.loads(raw)
        except ValueError:
            pass
        else:
            return raw
    body = _ESCAPE.sub(_unescaped, raw[1:-1])
    return json.dumps(body)


def _unescaped(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2)
    if code:
        return chr(int(code, 16))
    # Before any other letter the backslash is one: a pattern or a path that was not escaped.
    return _NAMED.get(found.group(3), found.group())
