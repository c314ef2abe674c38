"""Files of text in whatever encoding a program wrote them, opened to be read from front to back."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

from lorewright.core.errors import DatasetError, ParseError
from lorewright.parsing.encoding import decode

_SAMPLE_BYTES = 1 << 20
_UTF_8 = "utf-8-sig"


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """Open a file, gzipped or not, as text with its line ends as they are; `seek(0)` begins again.

    UTF-8, UTF-16 and UTF-32 are told by their marks, other encodings guessed where a file is not UTF-8. Bytes that are
    wrong become halves of surrogate pairs (PEP 383), so that the rows that hold them can be told.

    Raises:
        DatasetError: It is no text, or a torn archive.
    """
    try:
        with _open(path) as raw:
            encoding = _encoding(path, raw)
            raw.seek(0)
            with TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as stream:
                yield stream
    except gzip.BadGzipFile as error:
        raise DatasetError(f"{path} is no gzip file: {error}.", "fetch it again, or rename it") from error
    except (EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read to its end: {error}.", "fetch it again") from error


def first_character(stream: IO[str]) -> str:
    """Return the first character that is no space, or an empty text; the stream stands at its beginning again."""
    found = ""
    while not found and (read := stream.read(1024)):
        found = read.lstrip()[:1]
    stream.seek(0)
    return found


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _encoding(path: Path, raw: IO[bytes]) -> str:
    sample = raw.read(_SAMPLE_BYTES)
    if not sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _is_utf_8(sample, raw):
        return _UTF_8
    try:
        _, found = decode(sample[: _whole(sample)])
    except ParseError as error:
        raise DatasetError(f"{path}: {error.message}.", "give JSON lines, JSON, CSV or Parquet") from error
    return _UTF_8 if found.startswith("utf-8") else found


def _is_utf_8(sample: bytes, rest: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while sample:
            decoder.decode(sample)
            sample = rest.read(_SAMPLE_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _whole(sample: bytes) -> int:
    """Return the length of a sample without a character of which it holds a part."""
    if len(sample) < _SAMPLE_BYTES:
        return len(sample)
    return max(sample.rfind(b"\n"), 0) & ~3 or len(sample)
