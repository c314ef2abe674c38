"""reST and Sphinx documents become Markdown-like text, lose no word and know their lines."""

import re
from bisect import bisect_right
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Document, Parsed
from lorewright.parsing.placing import placed
from lorewright.parsing.rest import parse_rest


def parsed(text: str) -> Document:
    return placed(parse_rest(text), source="docs", path="guide/retries.rst")


def rendered(text: str) -> str:
    return parsed(text).text


def text_of(document: Document | Parsed, block: Block) -> str:
    return document.text[block.start : block.end]


def line_at(document: Document | Parsed, offset: int) -> int:
    points = document.source_map
    nearest = bisect_right(points.offsets, offset) - 1
    return points.numbers[nearest] + document.text.count("\n", points.offsets[nearest], offset)


def line_of(document: Document, words: str) -> int:
    return line_at(document, document.text.index(words))


SPHINX_PAGE = """\
.. Licensed under the Apache License, Version 2.0
   to you.

.. _retrying:

================
Retrying a *task*
================

A task that fails runs again; see :ref:`the section <limits>` and
:py:class:`~pkg.tasks.Task`, `the site <http://example.org>`_ and |product|.

.. |product| replace:: Lorewright

.. toctree::
   :maxdepth: 2
   :caption: More

   Limits <limits>
   other/page

Options
-------

.. note:: Set it with care.

.. code-block:: python
   :linenos:
   :caption: An example

   # not a heading
   retries = 3

.. py:function:: retry(count, delay=1)
   :module: pkg

   Run it again.

   :param count: How often.

retries : int
    How often to try.

:delay: Seconds between.

-q, --quiet  Say nothing.

====  =======
Name  Default
====  =======
a|b   1
====  =======

Then::

    lore run

.. versionadded:: 1.2
   Exponential delays.

.. literalinclude:: ../examples/retry.py
   :lines: 1-3

.. automodule:: pkg.tasks
   :members:
"""


def test_a_sphinx_page_becomes_markdown() -> None:
    assert rendered(SPHINX_PAGE) == dedent(
        """\
        # Retrying a task

        A task that fails runs again; see the section and
        `pkg.tasks.Task`, [the site](http://example.org) and Lorewright.

        More

        - Limits
        - other/page

        ## Options

        **Note:** Set it with care.

        An example

        ```python
        # not a heading
        retries = 3
        ```

        retry(count, delay=1)
        :   Run it again.

            param count
            :   How often.

        retries : int
        :   How often to try.

        delay
        :   Seconds between.

        -q, --quiet
        :   Say nothing.

        | Name | Default |
        | --- | --- |
        | a\\|b | 1 |

        Then:

        ```
        lore run
        ```

        **Added in version 1.2:** Exponential delays.

        ../examples/retry.py

        pkg.tasks"""
    )


def test_blocks_titles_and_licence_of_a_sphinx_page() -> None:
    document = parsed(SPHINX_PAGE)
    assert document.title == "Retrying a task"
    assert document.licence == "Apache-2.0"
    assert document.metadata["dropped"] == [{"what": "licence", "first": 1, "last": 2}]
    headings = [(block.level, block.title) for block in document.blocks if block.kind == "heading"]
    assert headings == [(1, "Retrying a task"), (2, "Options")]
    definitions = {
        block.title: document.text[block.body : block.end]
        for block in document.blocks
        if block.kind == "definition"
    }
    assert definitions["retries"] == "How often to try."
    assert definitions["-q, --quiet"] == "Say nothing."
    assert definitions["retry(count, delay=1)"].startswith("Run it again.")
    kinds = {text_of(document, block): block.kind for block in document.blocks}
    assert kinds["- Limits\n- other/page"] == "other"
    assert kinds["../examples/retry.py"] == "other"
    assert kinds["```\nlore run\n```"] == "code"


@pytest.mark.parametrize(
    "words",
    [
        *("A task that fails", "`pkg.tasks.Task`", "- Limits", "Set it with care", "# not a heading"),
        *("retries = 3", "retry(count", "Run it again", "How often.", "retries : int", "How often to try"),
        *("Seconds between", "Say nothing", "| a", "lore run", "Exponential", "../examples"),
    ],
)
def test_every_line_is_found_in_the_source(words: str) -> None:
    source = SPHINX_PAGE.split("\n")
    document = parsed(SPHINX_PAGE)
    told = source[line_of(document, words) - 1]
    wanted = re.findall(r"\w+", words)
    assert [word for word in wanted if word not in told] == []


def test_lines_inside_a_literal_block_are_exact() -> None:
    document = parsed("Look::\n\n    one\n\n    two\n      three\n\nAfter\nthat.\n")
    lines = [line_of(document, word) for word in ("Look", "one", "two", "three", "After", "that")]
    assert lines == [1, 3, 5, 6, 8, 9]


def test_a_class_is_followed_by_its_methods() -> None:
    document = parsed(
        dedent(
            """\
            .. class:: centred

            .. class:: Task(name)

               A unit of work.

               .. py:method:: run()

                  Do it.

            .. confval:: retries

               How often.
            """
        )
    )
    assert [(block.kind, block.title) for block in document.blocks] == [
        ("definition", "Task(name)"),
        ("definition", "run()"),
        ("definition", "retries"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (":unknown:`kept text`", "kept text"),
        (":py:unknown:`a.b`", "`a.b`"),
        (":doc:`Title <page>` and :doc:`page`", "Title and page"),
        (":pep:`8` and :rfc:`2822`", "PEP 8 and RFC 2822"),
        (":math:`x^2` and H\\ :sub:`2`\\ O", "$x^2$ and H2O"),
        ("`plain` and ``a`b``", "`plain` and ``a`b``"),
        (":strong:`a` *b* **c** :emphasis:`d`", "**a** *b* **c** *d*"),
        ("nothing_ here |undefined|", "nothing_ here |undefined|"),
        ("A note [#]_.\n\n.. [#] Its text.", "A note [1].\n\n[1] Its text."),
        ("See site_.\n\n.. _site: http://example.org", "See [site](http://example.org)."),
        ("See `x <http://a.b>`__ and http://c.d", "See [x](http://a.b) and http://c.d"),
        (".. role:: shout(strong)\n\n:shout:`a`", "**a**"),
        (".. |now| date::\n\nOn |now|.", "On today."),
        (".. |logo| image:: x.png\n   :alt: Logo\n\nSee |logo|.", "See ![Logo](x.png)."),
    ],
)
def test_inline_markup_keeps_its_text(source: str, expected: str) -> None:
    assert rendered(source) == expected


def test_a_role_of_one_document_does_not_reach_the_next() -> None:
    assert rendered(".. role:: py(code)\n\n:py:`x`") == "`x`"
    assert rendered(":py:`x`") == "x"


def test_a_label_is_shown_as_the_title_of_its_section() -> None:
    text = "See :ref:`how-far`.\n\n.. _how-far:\n\nThe limits\n==========\n\nText.\n"
    assert rendered(text).startswith("See The limits.")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (".. unknown:: An argument\n   :option: x\n\n   Its content.", "**An argument**\n\nIts content."),
        (".. unknown:: alone", "alone"),
        (".. warning::\n\n   * a", "**Warning:**\n\n- a"),
        (".. admonition:: Mind this\n\n   Text.", "**Mind this:** Text."),
        (".. seealso:: That.", "**See also:** That."),
        (".. deprecated:: 2.0\n   Use that.", "**Deprecated since version 2.0:** Use that."),
        (".. only:: html\n\n   Kept.", "Kept."),
        (".. tab:: Linux\n\n   Kept.", "**Linux**\n\nKept."),
        (".. grid:: 2\n\n   .. grid-item-card::\n      :shadow: lg\n\n      Kept.", "Kept."),
        (".. figure:: x.png\n   :alt: A plot\n\n   Its caption.", "![A plot](x.png)\n\nIts caption."),
        (".. raw:: html\n\n   <b>Bold</b><script>no()</script>", "Bold"),
        (".. raw:: latex\n\n   \\emph{x}", "\\emph{x}"),
        (".. math:: x^2", "```math\nx^2\n```"),
        (".. graphviz::\n\n   digraph {}", "```dot\ndigraph {}\n```"),
        (".. code-block:: python", "python"),
        (".. highlight:: bash\n\nRun::\n\n  ls", "Run:\n\n```bash\nls\n```"),
        (".. include:: /etc/hostname", "/etc/hostname"),
        (".. csv-table::\n   :header: a, b\n\n   1, 2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (".. list-table::\n\n   * - 1\n     - 2", "|   |   |\n| --- | --- |\n| 1 | 2 |"),
        (".. rubric:: Aside", "**Aside**"),
        (".. topic:: Aside\n\n   Text.", "**Aside**\n\nText."),
        (".. contents:: Contents\n\nText.", "Text."),
        (".. parsed-literal::\n\n   a *b*", "```\na b\n```"),
    ],
)
def test_directives_keep_their_text(source: str, expected: str) -> None:
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("3. three\n4. four\n\n   * deep", "3. three\n4. four\n   - deep"),
        ("b. bee\nc. see", "b. bee\nc. see"),
        ("    quoted\n\n    -- Somebody", "> quoted\n>\n> — Somebody"),
        ("    * not really\n    * a quote", "- not really\n- a quote"),
        ("| a\n|   b", "a\n  b"),
        (">>> 1\n1", "```pycon\n>>> 1\n1\n```"),
        ("a::\n\n  ```x```", "a:\n\n````\n```x```\n````"),
        (":orphan:\n\nText.", "Text."),
        ("Text.\n\n:empty:", "Text.\n\nempty"),
        (
            "+---+---+\n| a     |\n+---+---+\n| b | c |\n|   | d |\n+---+---+",
            "|   |   |\n| --- | --- |\n| a |  |\n| b | c d |",
        ),
    ],
)
def test_structures_become_markdown(source: str, expected: str) -> None:
    assert rendered(source) == expected


def test_what_docutils_cannot_place_is_kept() -> None:
    broken = "A\n=\n\nB\n-\n\nC\n~\n\nD\n=\n\nE\n~\n\ntext\n\n+--+\n|words that do not fit|\n+--+\n"
    document = parsed(broken)
    assert [block.title for block in document.blocks if block.kind == "heading"] == ["A", "B", "C", "D", "E"]
    assert "words that do not fit" in document.text
    assert line_of(document, "E") == 13


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    parsed("Title\n===\n\n*open and :role:`x` |s|_ `t`_\n\n.. note::\n.. image::\n")
    assert capfd.readouterr() == ("", "")


def test_page_metadata_is_kept_beside_the_text() -> None:
    document = parsed(".. meta::\n   :keywords: a, b\n\n.. A remark.\n\nText.\n\n.. Another.\n")
    assert document.text == "Text."
    assert document.metadata == {
        "meta": {"keywords": "a, b"},
        "dropped": [
            {"what": "comment", "first": 4, "last": 4},
            {"what": "comment", "first": 8, "last": 8},
        ],
    }


def test_a_comment_inside_a_list_is_listed_where_it_stands() -> None:
    document = parsed(
        "1. one\n\n  .. foo:\n\n    gone\n    words\n\n* a\n\n  .. hidden\n\npara\n\n..\n   last\n"
    )
    assert document.metadata["dropped"] == [
        {"what": "comment", "first": 3, "last": 6},
        {"what": "comment", "first": 10, "last": 10},
        {"what": "comment", "first": 14, "last": 15},
    ]


def test_a_directive_that_lacks_a_colon_keeps_its_text() -> None:
    assert rendered(".. code-block: ini\n\n   a = 1\n\n.. note:\n\n   Mind it.") == (
        "```ini\na = 1\n```\n\n**Note:** Mind it."
    )


def test_odd_line_separators_do_not_move_lines() -> None:
    document = parsed("one\x0c\n\ntwo\x85 \u2028still two\n\nthree\n")
    assert line_of(document, "three") == 5


def test_a_very_long_line_is_read() -> None:
    assert len(rendered("word " * 5000).split()) == 5000


@pytest.mark.parametrize("text", ["", "\n \n", ".. only a comment\n", ".. _target: http://a\n"])
def test_a_document_without_text_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ParseError, match="the file holds no text"):
        parsed(text)


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(ParseError, match="nested too deeply"):
        parsed("\n".join(f"{'  ' * depth}- x\n" for depth in range(1000)))


_CORPUS = Path(__file__).parents[2].parent / "shared" / "corpora" / "dirac"
_UNDERLINED = re.compile(r"^(\S.*)\n([=\-~^\"'`#*+:.<>_])\2{2,}[ \t]*$", re.MULTILINE)


@pytest.mark.skipif(not _CORPUS.is_dir(), reason="the shared corpora are not beside the checkout")
def test_underlined_titles_of_real_documentation_become_headings() -> None:
    told, found = 0, 0
    for path in sorted(_CORPUS.rglob("*.rst")):
        text = path.read_text(encoding="utf-8")
        try:
            blocks = parse_rest(text).blocks
        except ParseError:
            continue
        headings = {re.sub(r"\W", "", block.title) for block in blocks if block.kind == "heading"}
        for match in _UNDERLINED.finditer(text):
            if len(match[0].rstrip()) - len(match[1]) - 1 >= len(match[1].rstrip()):
                told += 1
                found += re.sub(r"\W", "", match[1]) in headings
    assert told > 1000
    assert found >= 0.95 * told


_WORDS = st.from_regex(r"[a-zé]{2,9}", fullmatch=True)
_SENTENCE = st.lists(_WORDS, min_size=1, max_size=5).map(" ".join)


@st.composite
def _markup(draw: st.DrawFn, depth: int = 0) -> str:
    words = draw(_SENTENCE)
    forms = [
        words,
        f"{words}\n{'=' * 80}",
        f"* {words}\n* {draw(_SENTENCE)}",
        f"{draw(_WORDS)}\n  {words}",
        f":{draw(_WORDS)}: {words}",
        f"::\n\n  {words}",
        f":ref:`{words} <x>` *{draw(_SENTENCE)}* ``{draw(_SENTENCE)}``",
        f"=====  =====\n{draw(_WORDS)[:5]}  {draw(_WORDS)[:5]}\n=====  =====",
    ]
    if depth < 2:
        inner = draw(_markup(depth=depth + 1)).replace("\n", "\n   ")
        name = draw(st.sampled_from(["note", "tip", "unknown", "container", "py:function", "dropdown"]))
        argument = "" if name == "container" else draw(_SENTENCE)
        forms.append(f".. {name}:: {argument}\n\n   {inner}")
    return draw(st.sampled_from(forms))


@settings(deadline=None, max_examples=60)
@given(st.lists(_markup(), min_size=1, max_size=5).map("\n\n".join))
def test_no_word_is_lost_and_every_line_holds_its_words(text: str) -> None:
    document = parse_rest(text)
    markup = {"ref", "note", "tip", "unknown", "container", "py", "function", "dropdown", "x"}
    words = re.findall(r"[a-zé]+", text)
    assert {word for word in words if word not in markup} <= set(re.findall(r"[a-zé]+", document.text))
    source = text.split("\n")
    for block in document.blocks:
        told = source[line_at(document, block.start) - 1]
        first = re.findall(r"[a-zé]+", text_of(document, block).split("\n")[0])
        if block.kind not in {"code", "table"}:
            assert not first or any(word in told for word in first)


_PIECES = st.sampled_from(
    [
        *("Title", "=====", "-----", "text", "é 漢字 😀", "* a", "  * b", "1. x", "::", "", "    code", "\t"),
        *(
            ".. note:: x",
            "   inner",
            ".. code-block:: py",
            "   :linenos:",
            ".. foo:: bar",
            ".. |s| replace:: t",
        ),
        *("|s|", ".. [1] f", ".. _t: http://a", "t_", "`a <b>`_", ":foo:bar:`y <z>`", "**s", "term", "  def"),
        *(":field: v", "-v, --verb  desc", "+---+---+", "| a | b |", "=== ===", "a   b", "| line", ">>> x"),
        *(
            "__ http://z",
            ".. image:: a.png",
            ".. list-table::",
            "   * - a",
            ".. py:function:: f(x)",
            "..",
            "`__",
        ),
        *(
            ".. role:: z(code)",
            ".. date::",
            ".. unicode:: 0xA9",
            ".. class:: x",
            ".. highlight:: c d",
            ".. table::",
        ),
        *(
            ".. sectnum::",
            ".. parsed-literal::",
            ".. target-notes::",
            ".. default-role:: foo",
            ".. replace:: x",
        ),
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_PIECES, min_size=1, max_size=12).map("\n".join) | st.text(max_size=60))
def test_whatever_is_read_is_covered_by_blocks_with_lines_of_the_file(text: str) -> None:
    try:
        document = parse_rest(text)
    except ParseError:
        return
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip()
        assert block.start <= block.body <= block.end
        inside = text_of(document, block)
        assert inside.strip()
        assert inside == inside.rstrip()
        position = block.end
    assert position == len(document.text)
    assert all(1 <= number <= text.count("\n") + 1 for number in document.source_map.numbers)


def test_a_field_list_behind_a_blank_line_is_content_and_no_options() -> None:
    document = parse_rest(
        ".. container::\n\n   :name: words of it\n\n.. note::\n   :class: small\n\n   Text.\n"
    )
    assert "name" in document.text
    assert "words of it" in document.text
    assert "small" not in document.text


def test_what_a_document_becomes_does_not_depend_on_those_read_before() -> None:
    text = ".. note:: .. odd-one:: words\n\n.. |a| replace:: b\n\nMore.\n"
    first = parse_rest(text)
    parse_rest(".. odd-one:: words\n\n   More words.\n")
    assert parse_rest(text) == first
    assert "words" in first.text
