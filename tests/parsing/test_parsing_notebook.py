"""Jupyter notebooks become Markdown-like text whose lines are those of the file."""

import json
import re
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.notebook import parse_notebook
from lorewright.text.spans import Locator


def as_written(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": as_written(source)}


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 7,
        "metadata": {},
        "outputs": list(outputs),
        "source": as_written(source),
    }


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": as_written(text)}


def notebook(*cells: dict[str, Any]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False)


def text_of(*cells: dict[str, Any]) -> str:
    return parse_notebook(notebook(*cells)).text


def line_of(parsed: Parsed, words: str) -> int:
    start = parsed.text.index(words)
    return Locator(parsed.source_map, parsed.text).place(start, start + len(words)).first


def line_in_file(file: str, words: str) -> int:
    return file.count("\n", 0, file.index(words)) + 1


FILE = notebook(
    markdown("# Retries\n\nA task that fails *runs again*.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"),
    code(
        "# not a heading\nfor n in range(3):\n\n    run(n)",
        stream("first\nsecond\n"),
        {
            "output_type": "execute_result",
            "execution_count": 7,
            "metadata": {},
            "data": {"text/plain": ["42"], "text/html": ["<b>42</b>"]},
        },
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": "aGVsbG8=", "text/plain": ["<Figure size 1x1>"]},
        },
    ),
    {"cell_type": "raw", "metadata": {}, "source": ["As it is."]},
    markdown("## Limits\nNone."),
)


def test_a_notebook_becomes_markdown() -> None:
    parsed = parse_notebook(FILE)
    assert parsed.text == dedent(
        """\
        # Retries

        A task that fails *runs again*.

        | a | b |
        | --- | --- |
        | 1 | 2 |

        ```python
        # not a heading
        for n in range(3):

            run(n)
        ```

        ```text
        first
        second
        ```

        ```text
        42
        ```

        As it is.

        ## Limits
        None."""
    )
    assert (parsed.kind, parsed.title) == ("notebook", "Retries")


def test_blocks_lie_where_the_cells_lie() -> None:
    parsed = parse_notebook(FILE)
    assert [(block.kind, parsed.text[block.start : block.end].split("\n")[0]) for block in parsed.blocks] == [
        ("heading", "# Retries"),
        ("paragraph", "A task that fails *runs again*."),
        ("table", "| a | b |"),
        ("code", "```python"),
        ("code", "```text"),
        ("code", "```text"),
        ("other", "As it is."),
        ("heading", "## Limits"),
        ("paragraph", "None."),
    ]


def test_lines_are_those_of_the_file() -> None:
    parsed = parse_notebook(FILE)
    for words in (
        "# Retries",
        "runs again",
        "| 1 | 2 |",
        "# not a heading",
        "run(n)",
        "second",
        "42",
        "None.",
    ):
        assert line_of(parsed, words) == line_in_file(FILE, words)


def test_metadata_tells_kernel_language_cells_and_what_is_left_out() -> None:
    parsed = parse_notebook(FILE)
    assert {key: parsed.metadata[key] for key in ("language", "kernel", "cells")} == {
        "language": "python",
        "kernel": "Python 3",
        "cells": 4,
    }
    told = {entry["what"]: entry["first"] for entry in parsed.metadata["dropped"]}
    assert told == {
        "html": line_in_file(FILE, "<b>42</b>"),
        "image": line_in_file(FILE, "aGVsbG8="),
        "placeholder": line_in_file(FILE, "<Figure"),
    }


def test_a_fence_in_code_does_not_end_it() -> None:
    assert text_of(code("'''\n```\n'''")) == "````python\n'''\n```\n'''\n````"


def test_empty_cells_leave_no_trace() -> None:
    assert text_of(code(""), markdown(" \n"), code("\n\nx\n\n")) == "```python\nx\n```"


def test_a_cell_that_markdown_would_leave_out_is_kept() -> None:
    assert text_of(markdown("<!-- Copyright 2026 -->"), code("x")).startswith("<!-- Copyright 2026 -->")


def test_terminal_escapes_and_overwritten_lines_go() -> None:
    bar = stream("\x1b[31mred\x1b[0m\n10%\r50%\r100%\n")
    assert text_of(code("x", bar)).endswith("```text\nred\n100%\n```")


def test_long_output_is_cut_at_a_line_and_listed() -> None:
    file = notebook(code("x", stream("".join(f"row {n} {'-' * 90}\n" for n in range(100)))))
    parsed = parse_notebook(file)
    assert "row 30 " in parsed.text
    assert "row 60 " not in parsed.text
    (entry,) = parsed.metadata["dropped"]
    assert entry["what"] == "long output"
    assert entry["last"] == line_in_file(file, "row 99 ")


def test_an_error_keeps_its_message() -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "bad\nvalue", "traceback": ["long"]}
    parsed = parse_notebook(notebook(code("x", error)))
    assert parsed.text.endswith("```text\nValueError: bad\nvalue\n```")
    assert parsed.metadata["dropped"][0]["what"] == "traceback"


def test_an_older_notebook_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old times"]},
        {
            "cell_type": "code",
            "language": "julia",
            "input": ["x = 1\n", "y"],
            "outputs": [
                {"output_type": "pyout", "text": ["1"], "png": "aGVsbG8="},
                {"output_type": "pyerr", "ename": "Error", "evalue": "no", "traceback": []},
                {"output_type": "stream", "stream": "stdout", "text": "said"},
            ],
        },
    ]
    parsed = parse_notebook(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    assert parsed.text == dedent(
        """\
        ## Old times

        ```julia
        x = 1
        y
        ```

        ```text
        1
        ```

        ```text
        Error: no
        ```

        ```text
        said
        ```"""
    )
    assert [entry["what"] for entry in parsed.metadata["dropped"]] == ["image"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("# no notebook", "not JSON.*in line 1"),
        (FILE[: len(FILE) // 2], "not JSON.*in line"),
        ("[" * 100_000, "not JSON"),
        ("{}", "not a notebook with cells"),
        ("[1, 2]", "not a notebook with cells"),
        ('{"cells": []}', "not a notebook with cells"),
        ('{"cells": {"a": 1}}', "not a notebook with cells"),
        ('{"cells": [3]}', "cell 1 of the notebook is not an object"),
        ('{"cells": [{}]}', "hold no text"),
        ('{"cells": [{"cell_type": 3, "source": {"a": 1}, "outputs": "x"}]}', "hold no text"),
        (notebook(code(" "), markdown("")), "hold no text"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse_notebook(text)


_LINES = st.lists(
    st.sampled_from(
        ["", "    ", "```", "````", "# h", "- a", "| x |", "'q' \"d\"", "\\n é 漢", "\t", "=", ">"]
    )
    | st.from_regex(r"[ -~]{1,12}", fullmatch=True),
    max_size=6,
)


@st.composite
def _files(draw: st.DrawFn) -> tuple[str, list[tuple[str, int]]]:
    """Draw a notebook's file, and the lines of its cells that are not blank, each with its line in the file."""
    cells, one_string = [], draw(st.booleans())
    for index in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["markdown", "code", "raw"]))
        lines = [
            f"{line} q{index}x{count}z" if line.strip() else line for count, line in enumerate(draw(_LINES))
        ]
        if kind == "markdown":  # what a Markdown file may leave out is for the tests of Markdown
            lines = [re.sub(r"[\[\]<>!:+-]", "", line) for line in lines]
        cell = code("") if kind == "code" else {"cell_type": kind, "metadata": {}}
        source = "\n".join(lines)
        cells.append({**cell, "source": source if one_string else as_written(source)})
    file = json.dumps({"cells": cells, "metadata": {}}, indent=draw(st.sampled_from([None, 1, 4])))
    told = [
        (line, file.count("\n", 0, file.index(line.split()[-1])) + 1)
        for cell in cells
        for line in "".join(cell["source"]).split("\n")
        if line.strip()
    ]
    return file, told


@settings(deadline=None, max_examples=200)
@given(_files())
def test_every_line_of_every_cell_is_in_the_text_on_its_line(
    drawn: tuple[str, list[tuple[str, int]]],
) -> None:
    file, told = drawn
    if not told:
        return
    parsed = parse_notebook(file)
    lines = parsed.text.split("\n")
    assert [line for line, _ in told] == [line for line in lines if re.search(r"q\d+x\d+z", line)]
    assert [line_of(parsed, line.split()[-1]) for line, _ in told] == [number for _, number in told]
    position = 0
    for block in parsed.blocks:
        assert not parsed.text[position : block.start].strip()
        assert parsed.text[block.start : block.end].strip()
        position = block.end
    assert position == len(parsed.text)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(FILE)), st.text(max_size=3), st.integers(0, 20))
def test_a_damaged_file_is_read_or_refused(start: int, inserted: str, removed: int) -> None:
    damaged = FILE[:start] + inserted + FILE[start + removed :]
    try:
        parsed = parse_notebook(damaged)
    except ParseError:
        return
    assert parsed.text.strip()


def test_what_json_can_spell_and_no_text_can_hold_is_replaced() -> None:
    file = json.dumps({"cells": [markdown("# Retries \ud83d\n\nHalf \ude00, byte \0, whole \U0001f600.")]})
    parsed = parse_notebook(file)
    assert parsed.text == "# Retries \ufffd\n\nHalf \ufffd, byte \ufffd, whole \U0001f600."
    assert parsed.title == "Retries \ufffd"
