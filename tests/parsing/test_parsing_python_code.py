import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.records import Block, Document
from lorewright.parsing.code import parse_code
from lorewright.parsing.placing import placed
from lorewright.text.spans import place

_LICENCE = """#!/usr/bin/env python
#
# Licensed to the Apache Software Foundation (ASF) under one

# or more contributor license agreements, under the Apache License, Version 2.0.

"""

_MODULE = '''"""Opens stores.

More."""

LIMIT = "é"; X = 1


@cached
@other(
    1)
class Store(dict):
    r"""
    Keeps \\records, é.
    """

    async def read(self, name: str) -> str: "One line."

    def write(self):
        def inner():
            """Within."""
        return inner


if LIMIT:
    try:
        def opened(): ...
    except OSError:
        def refused(): ...
'''


def _parse(text: str, path: str = "src/acme/store.py") -> Document:
    return placed(parse_code(text, language="python"), source="s", path=path)


def _texts(document: Document, kind: str) -> dict[str, str]:
    return {
        block.title: document.text[block.start : block.end] for block in document.blocks if block.kind == kind
    }


def test_the_text_is_the_source_and_blocks_stand_where_the_definitions_are() -> None:
    document = _parse(_MODULE)
    assert document.text == _MODULE
    assert [(block.kind, block.title, block.level) for block in document.blocks] == [
        ("docstring", "", 0),
        ("class", "Store", 0),
        ("docstring", "Store", 1),
        ("function", "Store.read", 1),
        ("docstring", "Store.read", 2),
        ("function", "Store.write", 1),
        ("function", "Store.write.inner", 2),
        ("docstring", "Store.write.inner", 3),
        ("function", "opened", 0),
        ("function", "refused", 0),
    ]
    functions = _texts(document, "function")
    assert functions["Store.read"] == 'async def read(self, name: str) -> str: "One line."'
    assert functions["opened"] == "def opened(): ..."
    assert _texts(document, "class")["Store"].startswith("@cached\n@other(\n")
    assert _texts(document, "docstring") == {
        "": "Opens stores.\n\nMore.",
        "Store": "Keeps \\records, é.",
        "Store.read": "One line.",
        "Store.write.inner": "Within.",
    }


def test_a_body_begins_behind_the_signature() -> None:
    document = _parse("@x\ndef f(é='é', *,\n      b=1): return 'é'\n")
    (block,) = document.blocks
    assert document.text[block.body : block.end] == "return 'é'"
    assert document.text[block.start : block.body] == "@x\ndef f(é='é', *,\n      b=1): "


def test_the_title_is_the_docstrings_first_line_else_the_module() -> None:
    assert _parse(_MODULE).title == "acme.store"
    assert _parse(_MODULE).metadata == {"language": "python"}


def test_a_licence_comment_at_the_top_is_dropped_recorded_and_named() -> None:
    document = _parse(_LICENCE + _MODULE)
    assert document.text == "#!/usr/bin/env python\n" + _MODULE
    assert document.licence == "Apache-2.0"
    assert document.metadata["dropped"] == [{"what": "licence", "first": 2, "last": 6}]
    store = next(block for block in document.blocks if block.kind == "class")
    assert place(document.source_map, document.text, store.start, store.start + 1).first == 14
    assert place(document.source_map, document.text, 0, 1).first == 1


def test_an_spdx_line_names_the_licence_and_other_comments_stay() -> None:
    assert _parse("# SPDX-License-Identifier: MIT OR Apache-2.0\nx = 1\n").licence == "MIT OR Apache-2.0"
    kept = _parse("#!/usr/bin/python\n# How this works.\nx = 1\n")
    assert kept.text.startswith("#!/usr/bin/python\n")
    assert "dropped" not in kept.metadata


@pytest.mark.parametrize("source", ["def f(:\n", "x = (((\n", "def g(): pass\n\nx = = 1\n"])
def test_code_that_the_grammar_cannot_follow_is_kept_and_its_line_is_named(source: str) -> None:
    document = _parse(source)
    assert document.text == source
    assert document.metadata["syntax_error"] == f"line {source.count(chr(10))}"


def test_definitions_around_a_mistake_are_found() -> None:
    document = _parse("class A:\n    def f(self): pass\n\nx = = 1\n\ndef g():\n    'G.'\n")
    assert [block.title for block in document.blocks] == ["A", "A.f", "g", "g"]


def test_code_of_another_version_keeps_its_structure() -> None:
    document = _parse("def f(a):\n    'Says a.'\n    print 'old', a\n")
    assert [(block.kind, block.title) for block in document.blocks] == [("function", "f"), ("docstring", "f")]
    assert "syntax_error" not in document.metadata


def test_code_nested_without_end_is_kept() -> None:
    source = "x = " + "(" * 5000 + ")" * 5000 + "\n"
    assert _parse(source).text == source


def test_definitions_nested_beyond_reason_are_kept_without_blocks() -> None:
    source = "".join(f"{' ' * depth}class A{depth}:\n" for depth in range(90)) + " " * 90 + "pass\n"
    document = _parse(source)
    assert document.text == source
    assert 0 < len(document.blocks) < 90


def test_a_long_chain_of_conditions_is_followed() -> None:
    chain = "if x:\n    pass\n" + "".join(f"elif x == {n}:\n    def f{n}(): pass\n" for n in range(500))
    assert len(_parse(chain).blocks) == 500


def test_comments_and_decorators_above_a_definition_belong_to_it() -> None:
    source = (
        "class A:\n    x = 1  # one\n    # Why.\n    @b  # c\n    # Also.\n    def f(self): pass\n"
        "\n    # Apart.\n\n    def g(self): pass\n"
    )
    functions = _texts(_parse(source), "function")
    assert functions["A.f"].startswith("# Why.\n    @b  # c\n")
    assert functions["A.g"] == "def g(self): pass"


def test_warnings_of_the_compiler_stay_inside() -> None:
    assert _parse('x = "\\d"\nif x is 1: pass\ndef f():\n    "\\d"\n').blocks


_names = st.sampled_from(["a", "é", "名"])


@st.composite
def _modules(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        name, text = draw(_names), draw(st.text(alphabet="aé名'. \n", max_size=12))
        doc = f'    {draw(st.sampled_from(["", "r", "u"]))}"""{text}"""\n'
        lines.append(
            f"é = 'é'\nclass {name}:\n{doc}    def {name}(self, 名='é'):\n    {doc}        return 'é'\n"
        )
    return "".join(lines)


def _docstrings(node: ast.AST) -> list[str]:
    definitions = (ast.ClassDef, ast.FunctionDef)
    raw = [
        ast.get_docstring(child, clean=False) for child in ast.walk(node) if isinstance(child, definitions)
    ]
    return sorted(text.strip() for text in raw if text and text.strip())


@settings(deadline=None)
@given(_modules())
def test_docstring_blocks_hold_what_python_says_they_hold(source: str) -> None:
    document = _parse(source)
    found = sorted(
        document.text[block.start : block.end] for block in document.blocks if block.kind == "docstring"
    )
    assert found == _docstrings(ast.parse(source))


@settings(deadline=None)
@given(_modules())
def test_blocks_nest_and_stand_in_order(source: str) -> None:
    blocks = _parse(source).blocks
    assert [block.start for block in blocks] == sorted(block.start for block in blocks)
    open_blocks: list[Block] = []
    for block in blocks:
        assert block.start <= block.body < block.end
        while open_blocks and open_blocks[-1].end <= block.start:
            open_blocks.pop()
        assert not open_blocks or block.end <= open_blocks[-1].end
        open_blocks.append(block)
