"""PDF files written by hand, for the tests that read them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5

import pytest

_FONTS = ("Helvetica", "Helvetica-Bold", "Courier", "Times-Roman")
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_PERMISSIONS = b"\xfc\xff\xff\xff"


@dataclass
class PdfFile:
    """A PDF in the making; a page is a content stream, its fonts /F1 (Helvetica), /F2 (bold), /F3 (Courier), /F4."""

    pages: list[bytes]
    title: str = ""
    outline: list[tuple[str, int]] = field(default_factory=list)
    rotate: int = 0
    user_password: str | None = None
    more: list[bytes] = field(default_factory=list)
    catalog: bytes = b""
    page_entries: bytes = b""

    def data(self) -> bytes:
        """Return the file."""
        objects = self._objects()
        trailer = b"/Root 1 0 R /Info 3 0 R"
        if self.user_password is not None:
            objects, encryption = _encrypted(objects, self.user_password)
            trailer += b" /Encrypt %d 0 R /ID [<00> <00>]" % (len(objects) + 1)
            objects.append(encryption)
        file = b"%PDF-1.4\n"
        offsets = []
        for number, body in enumerate(objects, 1):
            offsets.append(len(file))
            file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(file)
        file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        file += b"trailer << /Size %d %s >>\n" % (len(objects) + 1, trailer)
        return file + b"startxref\n%d\n%%%%EOF\n" % start

    def _objects(self) -> list[bytes]:
        first = 4 + len(_FONTS)
        count = len(self.pages)
        marks = first + 2 * count
        numbers = [first + 2 * index for index in range(count)]
        outlines = b"/Outlines %d 0 R" % marks if self.outline else b""
        fonts = b" ".join(b"/F%d %d 0 R" % (index, 3 + index) for index in range(1, len(_FONTS) + 1))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R %s %s >>" % (outlines, self.catalog),
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % n for n in numbers), count),
            b"<< /Title (%s) >>" % self.title.encode() if self.title else b"<< >>",
        ]
        objects += [
            b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name.encode()
            for name in _FONTS
        ]
        for number, content in zip(numbers, self.pages, strict=True):
            objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Rotate %d /Contents %d 0 R"
                b" /Resources << /Font << %s >> >> %s >>"
                % (self.rotate, number + 1, fonts, self.page_entries)
            )
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        if self.outline:
            objects += self._marks(marks, numbers)
        return objects + self.more

    def _marks(self, root: int, pages: list[int]) -> list[bytes]:
        last = root + len(self.outline)
        marks = [
            b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (root + 1, last, last - root)
        ]
        for index, (title, page) in enumerate(self.outline, 1):
            following = b"/Next %d 0 R" % (root + index + 1) if root + index < last else b""
            marks.append(
                b"<< /Title (%s) /Parent %d 0 R %s /Dest [%d 0 R /Fit] >>"
                % (title.encode(), root, following, pages[page])
            )
        return marks


def _encrypted(objects: list[bytes], user_password: str) -> tuple[list[bytes], bytes]:
    """Return the objects with their streams in RC4 (40 bits), and the dictionary that says so."""
    user = (user_password.encode() + _PADDING)[:32]
    owner = (b"owner" + _PADDING)[:32]
    for_owner = _rc4(md5(owner, usedforsecurity=False).digest()[:5], user)
    key = md5(user + for_owner + _PERMISSIONS + b"\x00", usedforsecurity=False).digest()[:5]
    dictionary = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (
        for_owner.hex().encode(),
        _rc4(key, _PADDING).hex().encode(),
    )
    locked = []
    for number, body in enumerate(objects, 1):
        head, mark, rest = body.partition(b"stream\n")
        content, end, _ = rest.rpartition(b"\nendstream")
        salted = md5(key + number.to_bytes(3, "little") + b"\x00\x00", usedforsecurity=False).digest()[:10]
        locked.append(head + mark + _rc4(salted, content) + end if mark else body)
    return locked, dictionary


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    at = 0
    for index in range(256):
        at = (at + state[index] + key[index % len(key)]) % 256
        state[index], state[at] = state[at], state[index]
    result = bytearray()
    one = two = 0
    for byte in data:
        one = (one + 1) % 256
        two = (two + state[one]) % 256
        state[one], state[two] = state[two], state[one]
        result.append(byte ^ state[(state[one] + state[two]) % 256])
    return bytes(result)


def _column(
    lines: list[str], *, x: float = 50, y: float = 750, size: float = 10, leading: float = 12, font: int = 1
) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in lines)
    return b"BT /F%d %g Tf %g TL %g %g Td\n%s ET\n" % (font, size, leading, x, y, shown)


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


@pytest.fixture
def pdf_file() -> Callable[..., bytes]:
    """The bytes of a PDF of one page a content stream; further arguments are those of `PdfFile`."""

    def make(pages: list[bytes], **rest: object) -> bytes:
        return PdfFile(pages, **rest).data()  # type: ignore[arg-type]

    return make


@pytest.fixture
def column() -> Callable[..., bytes]:
    """A content stream of lines under each other: `x`, `y`, `size`, `leading` in points, `font` 1 to 4."""
    return _column
