"""Private keys in PEM, OpenSSH, PGP and PuTTY blocks, whole or cut off at either end of the text."""

import re
from collections.abc import Iterator

from lorewright.text.masking import Found

_KIND = "private key"
_BORDER = re.compile(r"-{4,5} ?(?P<side>BEGIN|END) (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"
_RUN = re.compile(r"[A-Za-z0-9+/=]{16,}")
_MIN_KEY_CHARS = 40
_DECORATION = " \t\r>#*|+-,;:()[]\"'`\\"
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash|MessageID): .*")
_BODY = re.compile(r"[A-Za-z0-9+/=\\]+")
_PUTTY = re.compile(r"Private-Lines: \d+\s+(?P<body>[A-Za-z0-9+/=\s]+?)(?=\s*Private-MAC|\s*\Z|\n\s*\n)")


def private_keys(text: str) -> Iterator[Found]:
    """Yield private keys, each with its first and last line, in no order.

    Blocks in indented, quoted, commented or string-escaped text (`\\n`) count as well. A block without forty
    characters of key in it (`...`, `<your key>`) is none.
    """
    if "Private-Lines:" in text:
        yield from (Found(_KIND, *match.span("body")) for match in _PUTTY.finditer(text))
    if "PRIVATE KEY" not in text:
        return
    borders = list(_BORDER.finditer(text))
    for number, border in enumerate(borders):
        earlier = borders[number - 1] if number else None
        later = borders[number + 1] if number + 1 < len(borders) else None
        start, end = border.span()
        if border["side"] == "BEGIN":
            if later and later["side"] == "END" and _is_all_key(text, end, later.start()):
                end = later.end()
            else:
                end = _body_end(text, end, later.start() if later else len(text))
        else:
            start = _body_start(text, earlier.end() if earlier else 0, start)
        if _key_chars(text, start, end) >= _MIN_KEY_CHARS:
            yield Found(_KIND, start, end)


def _key_chars(text: str, start: int, end: int) -> int:
    return sum(len(run) for run in _RUN.findall(text, start, end))


def _is_all_key(text: str, start: int, end: int) -> bool:
    """Return whether most of what stands between a first and a last line is key, however it is decorated."""
    return 2 * _key_chars(text, start, end) > sum(len(word) for word in text[start:end].split())


def _body_end(text: str, start: int, limit: int) -> int:
    """Return where a key that has lost its last line ends: on the line of its first, or at the last line of body."""
    end, line_end = start, _line_end(text, start, limit)
    if text[start:line_end].strip(_DECORATION):
        rest = text[start:line_end].lstrip(_ALPHABET + " ")
        return line_end - len(rest)
    in_body = False
    while line_end < limit:
        start, line_end = line_end, _line_end(text, line_end + 1, limit)
        line = text[start:line_end].strip().strip(_DECORATION)
        if _BODY.fullmatch(line):
            in_body, end = True, line_end
        elif in_body or (line and not _HEADER.fullmatch(line)):
            break
    return end


def _body_start(text: str, floor: int, end: int) -> int:
    """Return where a key that has lost its first line begins: on the line of its last, or at the first of body."""
    start = max(text.rfind("\n", floor, end), floor)
    if text[start:end].strip().strip(_DECORATION):
        return start + len(text[start:end].rstrip(_ALPHABET + " "))
    while start > floor:
        line_start = max(text.rfind("\n", floor, start), floor)
        if not _BODY.fullmatch(text[line_start:start].strip().strip(_DECORATION)):
            break
        start = line_start
    return start


def _line_end(text: str, start: int, limit: int) -> int:
    newline = text.find("\n", start, limit)
    return newline if newline >= 0 else limit
