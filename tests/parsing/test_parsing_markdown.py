"""Markdown becomes blocks that cover the source text exactly."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Document, Parsed
from lorewright.parsing.licences import is_licence, licence_name
from lorewright.parsing.markdown import parse_markdown
from lorewright.parsing.placing import placed

LICENCE = """\
<!---
  Licensed to the Example Foundation under the Apache License, Version 2.0
-->

"""


def parsed(text: str, path: str = "guide/retries.md") -> Document:
    return placed(parse_markdown(dedent(text)), source="docs", path=path)


def text_of(document: Document | Parsed, block: Block) -> str:
    return document.text[block.start : block.end]


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, text_of(document, block)) for block in document.blocks]


def test_every_kind_of_block_is_found_where_it_stands() -> None:
    document = parsed(
        """\
        # Réessayer *tasks* with `retries`

        A paragraph
        of two lines. 漢字

        - one
          - nested
        - two

        | name | default |
        |------|---------|
        | a    | 1       |

        ```toml
        # not a heading
        ```

            indented code

        > quoted

        Setext title
        ------------

        retries
        : How often to try
          again.

        <details>
        """
    )
    assert kinds(document) == [
        ("heading", "# Réessayer *tasks* with `retries`"),
        ("paragraph", "A paragraph\nof two lines. 漢字"),
        ("list", "- one\n  - nested\n- two"),
        ("table", "| name | default |\n|------|---------|\n| a    | 1       |"),
        ("code", "```toml\n# not a heading\n```"),
        ("code", "    indented code"),
        ("quote", "> quoted"),
        ("heading", "Setext title\n------------"),
        ("definition", "retries\n: How often to try\n  again."),
        ("other", "<details>"),
    ]
    top, setext = (block for block in document.blocks if block.kind == "heading")
    assert (top.level, top.title, setext.level, setext.title) == (
        1,
        "Réessayer tasks with retries",
        2,
        "Setext title",
    )
    definition = next(block for block in document.blocks if block.kind == "definition")
    assert definition.title == "retries"
    assert document.text[definition.body : definition.end] == "How often to try\n  again."
    assert document.title == "Réessayer tasks with retries"
    assert document.source_map.numbers == (1,)


def test_front_matter_and_licence_comment_are_dropped_and_told() -> None:
    document = parsed(f"---\ntitle: 'Retries'\n---\n{LICENCE}\n## Why\n\nBecause.\n")
    assert document.text == "## Why\n\nBecause."
    assert document.title == "Retries"
    assert document.licence == "Apache-2.0"
    assert document.metadata["dropped"] == [
        {"what": "front matter", "first": 1, "last": 3},
        {"what": "licence", "first": 4, "last": 6},
    ]
    assert document.source_map.numbers == (9,)


def test_toml_front_matter_names_the_document() -> None:
    document = parsed('+++\ntitle = "Retries"\n+++\ntext\n')
    assert (document.title, document.text) == ("Retries", "text")


def test_thematic_breaks_and_ordinary_comments_at_the_top_stay() -> None:
    document = parsed("---\n\ntext\n\n---\n")
    assert document.text == "---\n\ntext\n\n---"
    assert parsed("<!-- how to build -->\ntext").text.startswith("<!-- how")


def test_the_title_falls_back_to_any_heading_and_then_to_the_file() -> None:
    assert parsed("text\n\n### Deep\n\n## Shallow").title == "Deep"
    assert parsed("text").title == "retries"


def test_myst_directives_fences_and_labels_are_told_apart() -> None:
    document = parsed(
        """\
        (label)=

        # Title {#anchor}

        ```{toctree}
        a/b
        ```

        ```{code-block} python
        x = 1
        ```

        :::{note}
        Mind the gap.
        :::

        Read {py:func}`a.b` and {ref}`label`.
        """
    )
    assert kinds(document) == [
        ("other", "(label)="),
        ("heading", "# Title {#anchor}"),
        ("other", "```{toctree}\na/b\n```"),
        ("code", "```{code-block} python\nx = 1\n```"),
        ("other", ":::{note}"),
        ("paragraph", "Mind the gap."),
        ("other", ":::"),
        ("paragraph", "Read {py:func}`a.b` and {ref}`label`."),
    ]
    assert document.title == "Title"


def test_a_colon_fence_right_under_a_paragraph_is_no_definition() -> None:
    document = parsed("Look:\n:::{note}\nMind the gap.\n:::\n")
    assert [kind for kind, _ in kinds(document)] == ["paragraph", "other"]


def test_a_definition_inside_a_colon_fence_keeps_its_term() -> None:
    document = parsed(":::{note}\nident\n: A type.\n:::\n")
    assert kinds(document) == [("other", ":::{note}"), ("definition", "ident\n: A type."), ("other", ":::")]
    assert document.blocks[1].title == "ident"


def test_roles_and_images_leave_only_their_words_in_titles() -> None:
    document = parsed("# The {py:class}`Task` ![logo](x.png)\n\n![only an image](y.png)\n")
    assert document.title == "The Task logo"
    assert document.blocks[1].kind == "other"


def test_what_markdown_gives_no_block_is_still_covered() -> None:
    document = parsed("See [it].\n\n[it]: http://example.org\n\n***\n\n[^1]: A note.\n")
    assert [kind for kind, _ in kinds(document)] == ["paragraph", "other", "other"]
    assert "http://example.org" in text_of(document, document.blocks[1])


@pytest.mark.parametrize("text", ["", " \n\t\n", LICENCE, "---\ntitle: x\n---\n"])
def test_a_document_without_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(ParseError, match=r"holds no text"):
        parse_markdown(text)


def test_a_lone_surrogate_does_not_move_offsets() -> None:
    document = parsed("a \ud800 é\n\n# b\n")
    assert kinds(document) == [("paragraph", "a \ud800 é"), ("heading", "# b")]


_PIECES = st.sampled_from(
    [
        *(
            "# h",
            "text é 漢字 😀",
            "- a",
            "  - b",
            "```",
            "```{note}",
            ":::{note}",
            ":::",
            "(lab)=",
            "> q",
            "Term",
        ),
        *(
            "| a | b |",
            "|---|---|",
            ": def",
            "    ind",
            "",
            "<!-- c -->",
            "<b>",
            "---",
            "===",
            "[x]: http://a",
        ),
        *("![i](u)", "`c`", "\t", "[^1]: f", "1. x", "\\", "% com", "+++", "--- ---", "<!-- copyright -->"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_PIECES, min_size=1, max_size=14).map("\n".join) | st.text(max_size=80))
def test_blocks_cover_the_text_in_order_and_never_overlap(text: str) -> None:
    try:
        document = parse_markdown(text)
    except ParseError:
        return
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip()
        assert block.start <= block.body <= block.end
        inside = text_of(document, block)
        assert inside
        assert inside == inside.rstrip()
        position = block.end
    assert not document.text[position:].strip()


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("SPDX-License-Identifier: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("under the Apache License,\n Version 2.0 (the License)", "Apache-2.0"),
        ("GNU Lesser General Public License", "LGPL"),
        ("Copyright 2024 Somebody", ""),
    ],
)
def test_licence_notices_are_recognised_and_named(notice: str, name: str) -> None:
    assert is_licence(notice)
    assert licence_name(notice) == name


def test_an_ordinary_comment_is_no_licence() -> None:
    assert not is_licence("Remember to update the figures")
