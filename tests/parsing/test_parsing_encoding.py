import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.parsing.encoding import declared_in_code, decode

_FRENCH = "Les données sont vérifiées à la fin, où l'on réécrit les modèles déjà entraînés.\n" * 4
_SPANISH = "El niño añadió una configuración más rápida después de la mañana.\n"
_POLISH = "Zażółć gęślą jaźń, proszę sprawdzić źródło błędu.\n" * 2
_RUSSIAN = "Задача завершилась с ошибкой, потому что файл не был найден на диске.\n" * 4


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=50))
def test_utf8_comes_back_as_it_is(text: str) -> None:
    decoded, encoding = decode(text.encode())
    assert (decoded, encoding) == (
        text.removeprefix("\ufeff"),
        "utf-8-sig" if text.startswith("\ufeff") else "utf-8",
    )


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_names_the_encoding_and_goes(mark: bytes, encoding: str) -> None:
    assert decode(mark + "é\r\nword".encode(encoding))[0] == "é\nword"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_FRENCH, "latin-1"),
        (_SPANISH, "cp1252"),
        (_POLISH, "cp1250"),
        (_RUSSIAN, "cp1251"),
        (_RUSSIAN, "koi8-r"),
    ],
)
def test_old_encodings_are_told_from_the_words(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


def test_a_declared_encoding_comes_before_a_guess() -> None:
    assert decode(b"\xe9", declared="latin-1") == ("é", "latin-1")


@pytest.mark.parametrize(
    ("line", "declared"),
    [
        (b"# -*- coding: latin-1 -*-\n", "iso8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
        (b"\n\n# coding: latin-1\n", None),
        (b"# coding: nonsense\n", None),
        (b"x = 1\n", None),
    ],
)
def test_code_declares_its_encoding_in_its_first_two_lines(line: bytes, declared: str | None) -> None:
    assert declared_in_code(line) == declared


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"words\x00words", "byte 0 at character 5"),
        (b"\xff\xfew\x00o", "begins like utf-16"),
        (b"w\xe9\x00ords", "byte 0 at byte 2"),
        (b"\x01\x02\x03\x04words", "control characters"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        decode(data)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark_is_read(encoding: str) -> None:
    assert decode("Words of a café.\r\n".encode(encoding)) == ("Words of a café.\n", encoding)


def test_wide_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ParseError, match="binary"):
        decode(bytes(byte for value in range(1, 200) for byte in (value % 7, 0)))


def test_a_bad_byte_in_much_utf8_is_told_and_spoils_nothing_else() -> None:
    text, encoding = decode(f"{_RUSSIAN}".encode() + b"\xd0 end\n")
    assert text == f"{_RUSSIAN}\ufffd end\n"
    assert encoding == "utf-8 with 1 bad byte"


def test_lone_carriage_returns_end_lines() -> None:
    assert decode(b"a\rb\r\nc\n\rd")[0] == "a\nb\nc\n\nd"


def test_escape_sequences_of_coloured_logs_are_text() -> None:
    log = "\x1b[31mERROR\x1b[0m failed\n"
    assert decode(log.encode())[0] == log


def test_bytes_that_fit_no_encoding_are_refused() -> None:
    noise = bytes((index * 97 + 131) % 255 + 1 for index in range(4000))
    with pytest.raises(ParseError, match=r"neither UTF-8|looks like"):
        decode(noise)


@pytest.mark.parametrize("name", ["hex", "rot13", "idna", "undefined", "zip"])
def test_a_declared_encoding_that_is_none_of_text_is_passed_over(name: str) -> None:
    text, encoding = decode("caf\xe9 noir, s'il vous pla\xeet".encode("cp1252"), declared=name)
    assert (text, encoding) == ("caf\xe9 noir, s'il vous pla\xeet", "cp1252")


def test_what_a_declared_encoding_spells_and_no_text_can_hold_is_replaced() -> None:
    text, _ = decode(b"\\ud800 caf\xe9", declared="unicode_escape")
    assert text == "\ufffd caf\xe9"
