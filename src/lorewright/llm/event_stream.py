"""Server-sent events: bytes as they come, to the data of each event.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator


def event_data(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each event that has any, its lines joined; one that the stream breaks off is not."""
    data: list[str] = []
    for line in _lines(pieces):
        if not line:
            if text := "\n".join(data):
                yield text
            data = []
            continue
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    r"""Yield whole lines without their ends, which are \n, \r or \r\n and no other character."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    rest, at_start, after_return = "", True, False
    for piece in pieces:
        text = decode(piece)
        if not text:
            continue
        if at_start:
            text, at_start = text.removeprefix("\ufeff"), False
        if after_return:
            text = text.removeprefix("\n")
        after_return = text.endswith("\r")
        *lines, rest = (rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from lines
