"""Fences, directives and admonitions of Markdown's dialects."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.encoding import decode
from lorewright.parsing.markdown import parse_markdown

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"


def parsed(text: str) -> Parsed:
    return parse_markdown(dedent(text))


def blocks(text: str) -> list[tuple[str, str]]:
    document = parsed(text)
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


@pytest.mark.parametrize(
    "code",
    [
        "```\n# a\n```",
        "~~~sh\n# a\n```\n# b\n~~~",
        "````md\n```\n# a\n```\n````",
        "```\n# a\n\n# unclosed",
        "   ```\n   # a\n   ```",
    ],
)
def test_a_fence_of_any_form_is_one_block_of_code(code: str) -> None:
    assert blocks(f"# T\n\n{code}") == [("heading", "# T"), ("code", code)]


def test_a_fence_in_a_list_belongs_to_the_list() -> None:
    text = "- item\n\n  ```\n  # a\n  ```\n- next"
    assert blocks(text) == [("list", text)]


@pytest.mark.parametrize("name", ["code-block", "mermaid", "sourcecode", "testcode"])
def test_directives_that_hold_code_are_code(name: str) -> None:
    fence = f"```{{{name}}} x\n:caption: c\n# a\n```"
    assert blocks(fence) == [("code", fence)]


def test_code_in_a_colon_fence_is_code_up_to_its_end() -> None:
    text = ":::{code-block} sh\n:caption: c\n\n# a\n\n    b\n:::\n\n# T\n\n:::{mermaid}\n# open"
    assert blocks(text) == [
        ("code", ":::{code-block} sh\n:caption: c\n\n# a\n\n    b\n:::"),
        ("heading", "# T"),
        ("code", ":::{mermaid}\n# open"),
    ]


@pytest.mark.parametrize("name", ["eval-rst", "include", "toctree", "figure", "literalinclude"])
def test_directives_that_hold_neither_code_nor_prose_keep_their_text(name: str) -> None:
    fence = f"```{{{name}}} x\n# a\n.. note:: b\n```"
    assert blocks(fence) == [("other", fence)]


def test_the_body_of_a_note_is_prose_and_its_headings_head_no_section() -> None:
    text = """\
        # T

        ````{note} Mind
        :class: wide

        The *gap*.

        # not a section

        ```
        # code
        ```
        ````

        ```{tip}
        ```
        """
    assert blocks(text) == [
        ("heading", "# T"),
        ("other", "````{note} Mind\n:class: wide"),
        ("paragraph", "The *gap*."),
        ("paragraph", "# not a section"),
        ("code", "```\n# code\n```"),
        ("other", "````"),
        ("other", "```{tip}"),
        ("other", "```"),
    ]


def test_the_indented_body_of_an_admonition_is_prose_at_its_place() -> None:
    text = """\
        !!! note "Titlé"

            A paragraph.

            - one
            - two

            ```sh
            # code
            ```

            ??? tip
                Nested.

        Text.

            code
        """
    assert blocks(text) == [
        ("other", '!!! note "Titlé"'),
        ("paragraph", "    A paragraph."),
        ("list", "    - one\n    - two"),
        ("code", "    ```sh\n    # code\n    ```"),
        ("other", "    ??? tip"),
        ("paragraph", "        Nested."),
        ("paragraph", "Text."),
        ("code", "    code"),
    ]


def test_a_body_right_under_its_head_and_text_right_under_a_body_are_told_apart() -> None:
    assert blocks('=== "Linux"\n    Install.\nOutside.') == [
        ("other", '=== "Linux"'),
        ("paragraph", "    Install."),
        ("paragraph", "Outside."),
    ]


def test_an_exclamation_is_no_admonition() -> None:
    assert blocks("!!! note\n\ntext") == [("paragraph", "!!! note"), ("paragraph", "text")]
    assert [kind for kind, _ in blocks("Wow!\n\n    code")] == ["paragraph", "code"]


def test_alerts_of_github_are_quotes() -> None:
    assert blocks("> [!NOTE]\n> Mind the gap.\n\ntext")[0] == ("quote", "> [!NOTE]\n> Mind the gap.")


def test_headings_with_attributes_and_in_html_carry_their_words() -> None:
    document = parsed(
        '<h1 align="center">Lore &amp; <b>wright</b></h1>\n\nSetup {#setup .wide}\n====\n\n### Deep ###\n'
    )
    assert [(block.level, block.title) for block in document.blocks] == [
        (1, "Lore & wright"),
        (1, "Setup"),
        (3, "Deep"),
    ]
    assert document.title == "Lore & wright"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# Plain words, 1.2 (a/b)", "Plain words, 1.2 (a/b)"),
        ("# Fish & chips", "Fish & chips"),
        ("# a &lt; b \\* c", "a < b * c"),
        ("# snake_case and *stress*", "snake_case and stress"),
        ("## Trailing ##", "Trailing"),
        ("# C#", "C#"),
        ("# <https://a.org>", "https://a.org"),
        ("#", ""),
    ],
)
def test_titles_are_plain_words(source: str, title: str) -> None:
    assert [
        block.title for block in parse_markdown(f"{source}\n\ntext\n").blocks if block.kind == "heading"
    ] == [title]


def test_html_keeps_its_text_and_markdown_in_it_is_read() -> None:
    text = "<details>\n<summary>More</summary>\n\nInside *it*.\n\n</details>"
    assert blocks(text) == [
        ("other", "<details>\n<summary>More</summary>"),
        ("paragraph", "Inside *it*."),
        ("other", "</details>"),
    ]


def test_modules_of_mdx_are_code_and_elements_stay() -> None:
    modules = "import Tabs from '@theme/Tabs';\nimport './a.css'"
    text = f"{modules}\n\n# T\n\nimport the file first.\n\n<Tabs>\n  <A b={{1}}/>\n</Tabs>"
    assert [kind for kind, _ in blocks(text)] == ["code", "heading", "paragraph", "other"]
    assert parsed(text).text == text


def test_comments_labels_and_definitions_of_links_and_notes_are_no_prose() -> None:
    text = "(lab)=\n\n% a comment\n% of two lines\n\nSee [it][1].[^n]\n\n[1]: http://a.org\n\n[^n]: A note."
    assert [kind for kind, _ in blocks(text)] == ["other", "other", "paragraph", "other", "other"]


def test_many_levels_of_admonitions_end_as_code() -> None:
    text = "".join("    " * level + f"!!! note {level}\n\n" for level in range(40)) + "    " * 40 + "text"
    found = blocks(text)
    assert "".join("".join(piece.split()) for _, piece in found) == "".join(text.split())


_PIECES = st.sampled_from(
    [
        *(
            '!!! note "é"',
            "??? tip",
            '=== "Tab"',
            "```{note} x",
            "````{tip}",
            "```",
            "````",
            ":class: a",
            "---",
        ),
        *(
            "text",
            "",
            "",
            "    text 漢字",
            "        deep",
            "    - a",
            "\ttab",
            "    ```",
            "# h",
            "    # h",
            ":::",
            "- a",
        ),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_PIECES, min_size=1, max_size=16).map("\n".join))
def test_nested_blocks_cover_the_text_in_order_and_never_overlap(text: str) -> None:
    try:
        document = parse_markdown(text)
    except ParseError:
        return
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip()
        assert block.start <= block.body <= block.end
        piece = document.text[block.start : block.end]
        assert piece == piece.rstrip() != ""
        position = block.end
    assert not document.text[position:].strip()


def _in_fences(text: str) -> set[int]:
    """Offsets of lines inside fences that stand at the margin, found line by line."""
    inside: set[int] = set()
    fence, offset = "", 0
    for line in text.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})([^`]*)$", line)
        if fence:
            inside.add(offset)
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        offset += len(line) + 1
    return inside


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared corpora are not beside the checkout")
def test_no_line_inside_a_fence_of_real_pages_becomes_a_heading() -> None:
    seen = 0
    for path in sorted((CORPORA / "datafusion").rglob("*.md")):
        document = parse_markdown(decode(path.read_bytes())[0])
        inside = _in_fences(document.text)
        seen += sum(document.text.startswith("#", offset) for offset in inside)
        assert not [block for block in document.blocks if block.kind == "heading" and block.start in inside]
    assert seen > 20
