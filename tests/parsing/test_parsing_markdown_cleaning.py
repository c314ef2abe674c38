"""What cleaning takes out of Markdown, and that lines stay exact where it did."""

import json
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.markdown import parse_markdown
from lorewright.text.spans import Locator

BADGE = (
    "[![build](https://github.com/a/b/actions/workflows/ci.yml/badge.svg)](https://github.com/a/b/actions)"
)


def parsed(text: str) -> Parsed:
    return parse_markdown(dedent(text))


def dropped(text: str) -> list[tuple[str, int, int]]:
    found = parsed(text).metadata.get("dropped", [])
    return [(piece["what"], piece["first"], piece["last"]) for piece in found]


def test_badges_go_and_the_lines_below_keep_their_numbers() -> None:
    document = parsed(f"# Title\n\n{BADGE}\n![v](https://img.shields.io/x.svg)\n\nText.\n\nMore.\n")
    assert document.text == "# Title\n\nText.\n\nMore."
    assert document.metadata["dropped"] == [{"what": "badges", "first": 3, "last": 4}]
    locator = Locator(document.source_map, document.text)
    assert [locator.place(block.start, block.end).first for block in document.blocks] == [1, 6, 8]


@pytest.mark.parametrize(
    "badges",
    [
        BADGE,
        "[![docs][badge]](x) ![c](https://codecov.io/gh/a/b/graph)\n\n[badge]: https://a.org/a.svg?badge=1\n",
        '<p align="center">\n<a href="https://x.org"><img src="https://img.shields.io/a"/></a>&nbsp;\n</p>',
        '<a href="https://x.org"><img src="https://badge.fury.io/py/a.svg"></a> <img src="https://deps.rs/a.svg">',
        "[![Docs](https://docs.rs/a/badge.svg)](https://docs.rs/a) | [![CI](https://travis-ci.org/a/b.svg)](x)",
    ],
)
def test_every_form_of_badges_is_known(badges: str) -> None:
    assert dropped(f"# T\n\n{badges}\n\ntext\n")[0][0] == "badges"


@pytest.mark.parametrize(
    "content",
    [
        "![architecture](docs/architecture.svg)",
        f"Status: {BADGE}",
        f"{BADGE} ![screenshot](shot.png)",
        f"- {BADGE}",
        f"`{BADGE}`",
        f"```\n{BADGE}\n```",
        f"    {BADGE}",
        f"| a |\n|---|\n| {BADGE} |",
        '<p><img src="https://img.shields.io/a"> stable</p>',
        '<p><img src="https://img.shields.io/a"><img src="logo.png"></p>',
        "[See the next chapter](next.md)",
        "[Next](next.md) and then what",
        "- [Install](#install)\n- [Use](#use)",
        "# Contents\n\n- [Install](#install) it first\n- [Use](#use)",
        "# Contents\n\n- [Install](install.md)\n- [Use](use.md)",
        "<!-- how to build this -->",
        "<!-- the licence of the pictures is unknown -->",
    ],
)
def test_what_may_be_content_stays(content: str) -> None:
    document = parsed(f"# T\n\n{content}\n\ntext\n")
    assert document.text == f"# T\n\n{content}\n\ntext"
    assert "dropped" not in document.metadata


@pytest.mark.parametrize(
    "navigation",
    [
        "[previous](a.md) | [next](b.md) | [home](index.md)",
        "[← Previous: Setup](a.md) [Next: Training →](b.md)",
        "- [Prev](a.md)\n- [Up](.)\n- [Next](b.md)",
        '<p align="right">(<a href="#top">back to top</a>)</p>',
        "[Back to top](#top)",
        "[TOC]",
        "[[_TOC_]]",
    ],
)
def test_navigation_goes(navigation: str) -> None:
    last = 4 + navigation.count("\n")
    assert dropped(f"# T\ntext\n\n{navigation}\n\nmore\n") == [("navigation", 4, last)]


def test_contents_go_with_the_heading_that_names_nothing_else() -> None:
    document = parsed("# T\n\n## Table of Contents\n\n- [A](#a)\n  - [B](#b)\n\n## A\n\ntext\n")
    assert document.text == "# T\n\n## A\n\ntext"
    assert [(piece["first"], piece["last"]) for piece in document.metadata["dropped"]] == [(3, 3), (5, 6)]


def test_a_heading_of_contents_with_more_under_it_stays() -> None:
    document = parsed("## Contents\n\n1. [A](#a)\n2. [B](#b)\n\nThe book has two parts.\n")
    assert document.text == "## Contents\n\nThe book has two parts."


def test_contents_between_the_marks_of_a_tool_go_with_the_marks() -> None:
    text = "# T\n<!-- toc -->\n\n- [A](#a)\n- [B](#b)\n\n<!-- tocstop -->\n\n## A\n\ntext\n"
    assert parsed(text).text == "# T\n\n## A\n\ntext"
    assert [what for what, _, _ in dropped(text)] == ["generator's mark", "navigation", "generator's mark"]


def test_a_licence_below_the_title_is_found() -> None:
    document = parsed("# T\n\n<!-- Licensed under the\n Apache License, Version 2.0 -->\n\ntext\n")
    assert (document.licence, document.text) == ("Apache-2.0", "# T\n\ntext")


def test_boilerplate_inside_a_block_or_beside_text_is_not_touched() -> None:
    text = f"- item\n\n  {BADGE}\n\n> {BADGE}\n"
    assert parsed(text).text == text.rstrip()


def test_a_page_of_nothing_but_boilerplate_is_refused_by_name() -> None:
    with pytest.raises(ParseError, match="holds no text, only front matter and badges"):
        parsed(f"---\na: b\n---\n{BADGE}\n")


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("---\ntitle: Retries\n---", "Retries"),
        ("---\ntitle: 'It''s' # why\n---", "It"),
        ('---\na: 1\ntitle: "Re: tries"\n---', "Re: tries"),
        ("---\ntitle: >-\n  Many\n  retries\nb: 2\n---", "Many retries"),
        ("---\ntitle: Retries # a remark\n...", "Retries"),
        ("---\ntitle: ''\n---", ""),
        ("+++\n[extra]\na = 1\ntitle = 'Retries'\n+++", "Retries"),
        (json.dumps({"title": "Retries", "tags": ["a"]}, indent=2), "Retries"),
    ],
)
def test_front_matter_of_every_form_is_left_out_and_names_the_page(front: str, title: str) -> None:
    document = parse_markdown(f"{front}\n\ntext\n")
    assert (document.title, document.text) == (title, "text")
    assert document.metadata["dropped"] == [
        {"what": "front matter", "first": 1, "last": front.count("\n") + 1}
    ]


@pytest.mark.parametrize(
    "text", ["{ not json\n\ntext", "{}\n\ntext", '{"a": 1} text', "---\n\na: b\n\n---\ntext"]
)
def test_what_only_looks_like_front_matter_stays(text: str) -> None:
    assert parse_markdown(text).text == text


def test_a_licence_in_front_matter_is_read() -> None:
    assert parsed("---\n# Licensed under the MIT License\ntitle: a\n---\ntext\n").licence == "MIT"


_LINES = st.sampled_from(
    [
        *(
            "# T",
            "## Contents",
            "text",
            "",
            "",
            "- [A](#a)",
            "- [B](#b)",
            "[next](b.md) | [prev](a.md)",
            BADGE,
        ),
        *(
            "<!-- toc -->",
            "<!-- tocstop -->",
            "<p><img src='https://img.shields.io/a'></p>",
            "```",
            "    code",
        ),
        *("<!-- SPDX-License-Identifier: MIT -->", "---", "title: x", "> q", "  ", "[TOC]", "é", "\u2028"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_LINES, min_size=1, max_size=16).map("\n".join))
def test_every_line_is_kept_at_its_number_or_told_as_dropped(text: str) -> None:
    source = text.split("\n")
    try:
        document = parse_markdown(text)
    except ParseError:
        return
    locator = Locator(document.source_map, document.text)
    told = {
        number
        for piece in document.metadata.get("dropped", [])
        for number in range(piece["first"], piece["last"] + 1)
    }
    kept, position = set(), 0
    for line in document.text.split("\n"):
        number = locator.place(position, position + 1).first
        kept.add(number)
        assert source[number - 1].rstrip() == line.rstrip()
        position += len(line) + 1
    assert not kept & told
    missing = [line for number, line in enumerate(source, 1) if number not in kept | told]
    assert not "".join(missing).strip()
    for block in document.blocks:
        assert document.text[block.start : block.end].strip()


def test_a_title_of_front_matter_in_json_can_be_written_as_utf8() -> None:
    assert parse_markdown('{"title": "a\\ud800b\\u0000"}\n\ntext').title == "a\ufffdb\ufffd"
