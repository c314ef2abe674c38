"""Fences, rows of tables and functions stay whole unless one alone exceeds the limit, with every strategy."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.chunking.chunk import STRATEGIES, chunk
from lorewright.core.records import Chunk, Document
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed

_word = st.sampled_from(["alpha", "beta.", "gamma", "delta,", "epsilon", "zeta!"])
_line = st.lists(_word, min_size=1, max_size=12).map(" ".join)
_fence = st.lists(st.sampled_from(["x = 1", "", "# no heading", "    y(2)", "z" * 30]), max_size=12).map(
    lambda lines: "\n".join(["```python", *lines, "```"])
)
_table = st.lists(_line, min_size=1, max_size=6).map(
    lambda cells: "\n".join(["| A | B |", "| --- | --- |", *(f"| {cell} | {cell} |" for cell in cells)])
)
_in_list = _fence.map(
    lambda fence: "- item\n\n" + "\n".join(f"  {line}".rstrip() for line in fence.split("\n"))
)
_prose = st.lists(_line, min_size=1, max_size=6).map("\n".join)
_markdown = st.lists(
    st.one_of(_fence, _table, _in_list, _prose, _line.map(lambda line: f"## {line}")), min_size=1, max_size=12
).map("\n\n".join)

_FENCE = re.compile(r"^( *)```python\n(?:.*\n)*?\1```$", re.MULTILINE)
_ROW = re.compile(r"^\|.*\|$", re.MULTILINE)


def _divided(document: Document, chunks: list[Chunk], spans: list[tuple[int, int]], limit: int) -> list[str]:
    """Return what an edge of a chunk divides although it would fit in one."""
    edges = {edge for passage in chunks for edge in (passage.start, passage.end)}
    return [
        document.text[start:end]
        for start, end in spans
        if end - start <= limit and any(start < edge < end for edge in edges)
    ]


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(text=_markdown, limit=st.integers(20, 300), data=st.data())
def test_no_fence_and_no_table_row_is_cut_unless_it_alone_exceeds_the_limit(
    strategy: str, text: str, limit: int, data: st.DataObject
) -> None:
    document = placed(parse(text.encode(), kind="markdown"), source="s", path="a.md")
    chunks = chunk(
        document,
        strategies=(strategy,),
        max_size=limit,
        min_size=data.draw(st.integers(0, limit)),
        overlap=data.draw(st.integers(0, limit - 1)),
    )
    stripped = [(match.start() + len(match[1]), match.end()) for match in _FENCE.finditer(document.text)]
    rows = [match.span() for match in _ROW.finditer(document.text)]
    assert _divided(document, chunks, stripped + rows, limit) == []
    assert max(len(passage.text) for passage in chunks) <= limit
    covered = {index for passage in chunks for index in range(passage.start, passage.end)}
    assert not [
        index for index, sign in enumerate(document.text) if not sign.isspace() and index not in covered
    ]


_body = st.lists(st.sampled_from(["    a = 1", "", "    # note", "    call(1, 2)"]), min_size=1, max_size=15)
_function = st.builds(
    lambda number, lines: "\n".join([f"def f{number}():", *lines, "    return 0"]), st.integers(0, 99), _body
)


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(
    functions=st.lists(_function, min_size=1, max_size=8),
    limit=st.integers(40, 400),
    overlap=st.integers(0, 30),
)
def test_no_function_is_cut_unless_it_alone_exceeds_the_limit(
    strategy: str, functions: list[str], limit: int, overlap: int
) -> None:
    document = placed(parse("\n\n\n".join(functions).encode(), kind="python"), source="s", path="a.py")
    chunks = chunk(document, strategies=(strategy,), max_size=limit, min_size=0, overlap=overlap)
    spans = [(block.start, block.end) for block in document.blocks if block.kind == "function"]
    assert len(spans) == len(functions)
    assert _divided(document, chunks, spans, limit) == []


def test_windows_go_on_behind_a_fence_that_leaves_no_room_for_what_is_repeated() -> None:
    text = "word " * 10 + "\n\n```\n" + "x\n" * 40 + "```\n\n" + "word " * 20
    document = placed(parse(text.encode(), kind="markdown"), source="s", path="a.md")
    chunks = chunk(document, strategies=("windows",), max_size=100, min_size=0, overlap=90)
    assert [passage.text for passage in chunks if passage.text.startswith("```")] == [
        "```\n" + "x\n" * 40 + "```"
    ]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_functions_of_code_without_spaces_are_cut_at_their_edges(strategy: str) -> None:
    functions = [
        f"function f{number}(a){{if(a){{return{number}}}g(a,'{'x' * number}')}}" for number in range(60)
    ]
    document = placed(parse("".join(functions).encode(), kind="javascript"), source="s", path="a.js")
    spans = [(block.start, block.end) for block in document.blocks if block.kind == "function"]
    assert len(spans) == len(functions)
    for limit in (110, 200, 333):
        chunks = chunk(document, strategies=(strategy,), max_size=limit, min_size=20, overlap=10)
        assert _divided(document, chunks, spans, limit) == []
