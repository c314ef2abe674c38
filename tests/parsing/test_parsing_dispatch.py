import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.parsing.dispatch import KINDS, kind_of, parse


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.md", "markdown"),
        ("docs/A.MARKDOWN", "markdown"),
        ("a.mdx", "markdown"),
        ("a.rst", "rest"),
        ("a.txt", "text"),
        ("a.log", "log"),
        ("src/a.py", "python"),
        ("a.pdf", "pdf"),
        ("page.HTML", "html"),
        ("a.ipynb", "notebook"),
        ("a.rs", "rust"),
        ("a.h", "c"),
        ("a.tsx", "tsx"),
        ("deploy.yaml", "code"),
        ("docs/README", "text"),
        ("README.rst", "rest"),
        ("LICENSE", None),
        ("a.svg", None),
        ("Makefile", None),
        (".md", None),
    ],
)
def test_the_name_says_the_kind(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_one_s_own_suffixes_and_names_go_first() -> None:
    kinds = {".res": "code", ".md": "text", "makefile": "code"}
    found = [kind_of(path, kinds) for path in ("a.res", "A.RES", "a.md", "Makefile", "a.rst", "a.svg")]
    assert found == ["code", "code", "text", "code", "rest", None]


TEXTUAL = [kind for kind in KINDS if kind not in {"pdf", "pdf-text", "notebook"}]
NOTEBOOK = b'{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "Words."}], "metadata": {}, '
NOTEBOOK += b'"nbformat": 4, "nbformat_minor": 5}'


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("markdown", b"# Title\n\nSome words.\n"),
        ("rest", b"Title\n=====\n\nSome words.\n"),
        ("text", b"Title\n\nSome words.\n"),
        ("log", b"INFO Some words.\n"),
        ("python", b'"""Title."""\n'),
        ("html", b"<h1>Title</h1><p>Some words.</p>"),
        ("notebook", NOTEBOOK),
        ("code", b"key: value\n"),
        *(
            (kind, b"class A { }\n")
            for kind in ("java", "csharp", "cpp", "typescript", "tsx", "javascript", "kotlin")
        ),
        ("rust", b"fn f() {}\n"),
        ("go", b"package a\n\nfunc f() {}\n"),
        ("c", b"int f(void) { return 0; }\n"),
        ("bash", b"f() { true; }\n"),
        ("php", b"<?php function f() { }\n"),
        ("ruby", b"def f; end\n"),
    ],
)
def test_each_kind_has_its_parser(kind: str, data: bytes) -> None:
    document = parse(data, kind=kind)
    assert document.kind == kind
    assert document.text.strip()
    assert document.blocks


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [b"", b" \r\n\t\n"])
def test_an_empty_file_is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(ParseError, match="the file is empty"):
        parse(data, kind=kind)


@pytest.mark.parametrize("kind", TEXTUAL)
def test_a_file_that_holds_only_a_byte_order_mark_holds_no_text(kind: str) -> None:
    with pytest.raises(ParseError, match="holds no text"):
        parse(b"\xef\xbb\xbf\n", kind=kind)


@pytest.mark.parametrize("kind", [*TEXTUAL, "notebook"])
def test_a_binary_file_is_refused_whatever_its_name(kind: str) -> None:
    with pytest.raises(ParseError, match="the file is binary"):
        parse(b"PK\x03\x04\x00\x00words", kind=kind)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ParseError, match="kind 'docx'"):
        parse(b"words", kind="docx")


def test_the_encoding_is_recorded_unless_it_is_utf8() -> None:
    assert "encoding" not in parse(b"caf\xc3\xa9", kind="text").metadata
    metadata = parse(b'# coding: latin-1\nx = "caf\xe9"\n', kind="python").metadata
    assert metadata["encoding"] == "iso8859-1"


def test_one_file_gives_one_document_whatever_its_line_ends() -> None:
    files = (b"a\n\nb", b"a\r\n\r\nb", b"a\r\rb", b"\xef\xbb\xbfa\n\nb")
    first, *others = [parse(data, kind="text") for data in files]
    assert all(document == first for document in others)


@settings(deadline=None)
@given(st.binary(max_size=120), st.sampled_from(KINDS))
def test_any_bytes_are_a_document_or_refused(data: bytes, kind: str) -> None:
    try:
        document = parse(data, kind=kind)
    except ParseError:
        return
    assert document.text.strip()
    assert "\r" not in document.text
    assert document.source_map.offsets[0] == 0
    for block in document.blocks:
        assert 0 <= block.start <= block.end <= len(document.text)
