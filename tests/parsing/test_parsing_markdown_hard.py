"""Hard files: each ends as correct text or as an error that says why."""

import pytest

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.dispatch import parse
from lorewright.parsing.markdown import parse_markdown
from lorewright.text.spans import Locator

PAGE = "# Título\n\nErste Zeile,\nzweite Zeile – größer.\n\n```sh\n# code\n```\n\nEnde.\n"


def shape(document: Parsed) -> list[tuple[str, int, int]]:
    locator = Locator(document.source_map, document.text)
    places = [locator.place(block.start, block.end) for block in document.blocks]
    return [
        (block.kind, place.first, place.last) for block, place in zip(document.blocks, places, strict=True)
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_line_ends_and_encodings_change_nothing(ends: str, encoding: str) -> None:
    document = parse(PAGE.replace("\n", ends).encode(encoding), kind="markdown")
    assert document.text == PAGE.rstrip()
    assert shape(document) == [("heading", 1, 1), ("paragraph", 3, 4), ("code", 6, 8), ("paragraph", 10, 10)]


def test_a_byte_order_mark_does_not_hide_front_matter() -> None:
    document = parse("---\ntitle: Größe\n---\ntext\n".encode("utf-8-sig"), kind="markdown")
    assert (document.title, document.text) == ("Größe", "text")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "holds no text"),
        (b"---\ntitle: a\n---\n", "holds no text, only front matter"),
        (b"<!-- SPDX-License-Identifier: MIT -->\n", "holds no text, only licence"),
        (b"words\x00more", "binary: byte 0"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary: byte 0"),
        (b"\xff\xfea", "begins like utf-16"),
    ],
)
def test_a_file_without_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse(data, kind="markdown")


def test_a_stub_of_a_heading_alone_is_a_page() -> None:
    document = parse(b"# Title\n", kind="markdown")
    assert (document.title, document.text, shape(document)) == ("Title", "# Title", [("heading", 1, 1)])


def test_the_licence_header_of_a_foundation_goes_and_is_named() -> None:
    header = (
        "<!---\n  Licensed to the Apache Software Foundation (ASF) under one\n  or more contributor license "
        "agreements.  Licensed under\n  the Apache License, Version 2.0\n-->\n"
    )
    document = parse(f"{header}\n{PAGE}".encode(), kind="markdown")
    assert (document.licence, document.text) == ("Apache-2.0", PAGE.rstrip())
    assert document.metadata["dropped"] == [{"what": "licence", "first": 1, "last": 5}]
    assert shape(document)[0] == ("heading", 7, 7)


def test_the_same_content_gives_the_same_page() -> None:
    assert parse_markdown(PAGE) == parse_markdown(PAGE)


# What takes a parser quadratic time sooner or later when it takes any.
HOSTILE = {
    "one long line": lambda n: "word " * (n // 5),
    "one long word": lambda n: "x" * n,
    "a long heading": lambda n: "# " + "a *b* " * (n // 6),
    "open brackets": lambda n: "[" * n,
    "open tags": lambda n: "<p>" + '<a "' * (n // 4),
    "open comments": lambda n: "<!-- a\n" * (n // 7),
    "comments": lambda n: "<!-- a -->\n\n" * (n // 12),
    "open front matter": lambda n: "---\na: b\n" + "x: -- y\n" * (n // 8),
    "badges": lambda n: "![a](https://img.shields.io/a)\n\ntext\n\n" * (n // 38),
    "admonitions": lambda n: "!!! note\n" + "    text\n\n" * (n // 10),
    "notes": lambda n: "```{note}\ntext\n```\n\n" * (n // 20),
    "options": lambda n: "```{note}\n" + ":a: b\n" * (n // 6),
    "colon fences": lambda n: "a\n" + ":::\n" * (n // 4),
    "quotes": lambda n: ">" * n,
    "bullets": lambda n: "- " * (n // 2),
    "blank lines": lambda n: "![a](https://img.shields.io/x)\n" + " \n" * (n // 2) + "b",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_of_any_length_is_covered_by_its_blocks(name: str) -> None:
    document = parse_markdown(HOSTILE[name](200_000))
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip()
        position = block.end
    assert not document.text[position:].strip()
