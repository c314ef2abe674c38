"""From bytes to text: UTF-8 first, then a byte order mark, a declared encoding, and at last a guess."""

import codecs
import re

from lorewright.core.errors import ParseError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_CONTROLS = bytes([*range(1, 7), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
# Half of a surrogate pair: some encodings that a file may declare can spell it, no text can hold it.
_HALF = re.compile("[\ud800-\udfff]")
_GUESSED_BYTES = 200_000
_WESTERN = "cp1252"
_TOLERANCE = 0.1
_MOST_CONTROLS = 0.02
_SAMPLE_BYTES = 4_000
_HALF_EMPTY = 0.4
_FEW = 0.1


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """Return a file's text with a newline alone at line ends, and the name of its encoding.

    Args:
        data: The file.
        declared: An encoding that the file itself names; tried after UTF-8.

    Raises:
        ParseError: The file is binary, or no encoding fits it.
    """
    text, encoding = _decode(data, declared)
    if "\x00" in text:
        raise ParseError(f"the file is binary: byte 0 at character {text.index(chr(0))}")
    plain = text.encode("utf-8", "replace") if encoding.startswith(("utf-16", "utf-32")) else data
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(text):
        raise ParseError("the file is binary: it is full of control characters")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, encoding


def declared_in_code(data: bytes) -> str | None:
    """Return the encoding that the first two lines of a Python file declare (PEP 263), if Python knows it."""
    for line in data.split(b"\n", 2)[:2]:
        match = _CODING.match(line)
        if match:
            try:
                return codecs.lookup(match[1].decode("ascii")).name
            except LookupError:
                return None
    return None


def _decode(data: bytes, declared: str | None) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None) or _wide(data)
    for encoding in (marked, "utf-8", declared):
        if encoding:
            try:
                text = data.decode(encoding)
            except (UnicodeError, LookupError):  # some that a file may declare are no encodings of text
                continue
            return _HALF.sub("\ufffd", text) if encoding == declared else text, encoding
    if marked in {"utf-16", "utf-32"}:
        raise ParseError(f"the file begins like {marked} but is not")
    if b"\x00" in data:
        raise ParseError(f"the file is binary: byte 0 at byte {data.index(0)}")
    return _damaged(data) or _guess(data)


def _wide(data: bytes) -> str | None:
    """Return UTF-16 where every other byte is mostly 0, as in text of Western scripts without a mark."""
    sample = data[:_SAMPLE_BYTES]
    zeros = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or not any(zeros) or max(zeros) < _HALF_EMPTY * len(sample) / 2:
        return None
    return {(True, False): "utf-16-be", (False, True): "utf-16-le"}.get((zeros[0] > 0, zeros[1] > 0))


def _damaged(data: bytes) -> tuple[str, str] | None:
    """Return UTF-8 with a few bad bytes, which no other encoding would read better; they become U+FFFD."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count("\ufffd".encode())
    ascii_only = len(data.translate(None, bytes(range(0x80, 0x100))))
    good = len(text) - ascii_only - bad
    return (text, f"utf-8 with {bad} bad byte{'s' * (bad > 1)}") if bad <= _FEW * good else None


def _guess(data: bytes) -> tuple[str, str]:
    """The likeliest encoding; Western European where that is as likely, as other code pages differ in few letters."""
    from charset_normalizer import from_bytes

    matches = from_bytes(data[:_GUESSED_BYTES])
    best = matches.best()
    if best is None:
        raise ParseError("the file is neither UTF-8 nor text in an encoding that can be told")
    western = any(
        _WESTERN in match.could_be_from_charset
        and match.chaos <= best.chaos + _TOLERANCE
        and match.coherence >= best.coherence - _TOLERANCE
        for match in matches
    )
    encoding = _WESTERN if western else best.encoding
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise ParseError(f"the file looks like {encoding} but is not: {error.reason}") from error
