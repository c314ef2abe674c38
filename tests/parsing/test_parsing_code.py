import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed
from lorewright.parsing import code_trees
from lorewright.parsing.code import parse_code
from lorewright.parsing.code_languages import LANGUAGES
from lorewright.text.spans import place

_SAMPLES = {
    "python": ('"""M."""\n\nclass A:\n    """Doc é."""\n\n    def f(self):\n        """Doc f."""\n', "A A.f"),
    "javascript": (
        "/** M. */\n'use strict';\n\n/** Doc é. */\nexport class A {\n  /** Doc f. */\n  f() {}\n}\n",
        "A A.f",
    ),
    "typescript": (
        "/** Doc é. */\nexport interface A {\n  /** Doc p. */\n  p: string;\n  /** Doc f. */\n  f(): void;\n}\n",
        "A A.p A.f",
    ),
    "tsx": ("/** Doc é. */\nexport const A = (p: P) => <b>{p.x}</b>;\n", "A"),
    "rust": (
        (
            "//! M.\n\n/// Doc é.\n#[derive(Debug)]\npub struct A {\n    /// Doc x.\n    pub x: u8,\n}\n\n"
            "impl fmt::Display for A {\n    /// Doc f.\n    fn f(&self) {}\n}\n"
        ),
        "A A.x A A.f",
    ),
    "go": (
        (
            "// Package p. M.\npackage p\n\n// A is é.\ntype A struct {\n\t// X is x.\n\tX int\n}\n\n"
            "// F does.\nfunc (a *A) F() {}\n"
        ),
        "A A.X A.F",
    ),
    "java": (
        (
            "package p;\n\n/** Doc é. */\n@Old\npublic class A {\n    /** Doc x. */\n    int x;\n\n    /** Doc f. */\n"
            "    @Override\n    void f() {}\n}\n"
        ),
        "A A.x A.f",
    ),
    "c": (
        (
            "/** Doc é. */\nint f(const char *s);\n\n/*! Doc S. */\ntypedef struct {\n  /// Doc x.\n  int x;\n} S;\n"
            "\n/// Doc M.\n#define M(x) x\n"
        ),
        "f S S.x M",
    ),
    "cpp": (
        (
            "namespace a {\n/// Doc é.\ntemplate <class T>\nclass A {\n public:\n  /// f.\n  int f() const;\n};\n}\n"
            "/// Doc g.\nint a::A<int>::g() {}\n"
        ),
        "a.A a.A.f a.A.g",
    ),
    "bash": ("#!/bin/bash\n# M.\n\n# Doc é.\nf() {\n  true\n}\n\n# Doc g.\nfunction g {\n  true\n}\n", "f g"),
    "php": (
        "<?php\nnamespace N;\n\n/** Doc é. */\nclass A {\n    /** Doc f. */\n    #[Pure]\n    function f() {}\n}\n",
        "A A.f",
    ),
    "csharp": (
        (
            "namespace N {\n  /// <summary>Doc é.</summary>\n  [Old]\n  class A {\n    /// P.\n    int P { get; }\n"
            "    /// Doc f.\n    void F() {}\n  }\n}\n"
        ),
        "N.A N.A.P N.A.F",
    ),
    "ruby": (
        "# Doc é.\nmodule A\n  # B.\n  class B\n    # f.\n    def f(x)\n    end\n  end\nend\n",
        "A A.B A.B.f",
    ),
    "kotlin": (
        "package p\n\n/** Doc é. */\nclass A(\n    /** x. */\n    val x: Int,\n) {\n  /** f. */\n  fun f() {}\n}\n",
        "A A.x A.f",
    ),
}


def _texts(parsed: Parsed, *kinds: str) -> list[tuple[str, str]]:
    return [
        (block.title, parsed.text[block.start : block.end]) for block in parsed.blocks if block.kind in kinds
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_doc_comments_of_every_language_are_found_with_what_they_document(language: str) -> None:
    source, titles = _SAMPLES[language]
    parsed = parse_code(source, language=language)
    documented = [(title, text) for title, text in _texts(parsed, "docstring") if title]
    assert parsed.text == source
    assert parsed.kind == parsed.metadata["language"] == language
    assert "syntax_error" not in parsed.metadata
    names = {title for title, _ in documented}
    assert set(titles.split()) == names | {title for title, _ in _texts(parsed, "class", "function")}
    assert "é" in documented[0][1]
    assert not any(text.startswith(("/", "*", "#", '"')) or text.endswith("*/") for _, text in documented)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_definition_begins_at_its_doc_comment(language: str) -> None:
    parsed = parse_code(_SAMPLES[language][0], language=language)
    for block in parsed.blocks:
        if block.kind == "docstring":
            continue
        inside = [doc for doc in parsed.blocks if doc.kind == "docstring" and doc.title == block.title]
        assert any(block.start <= doc.start and doc.end <= block.end for doc in inside) or block.title == "A"


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", '"""M."""\nx = 1\n'),
        ("javascript", "/** M. */\n\nfunction f() {}\n"),
        ("rust", "//! M.\n\nfn f() {}\n"),
        ("go", "// M.\npackage p\n"),
        ("java", "/** M. */\npackage p;\n"),
        ("c", "/** M. */\n#ifndef H\n#define H\nint f(void);\n#endif\n"),
        ("bash", "#!/bin/sh\n# M.\n\nf() { true; }\n"),
    ],
)
def test_a_doc_comment_of_the_file_comes_first_without_a_title(language: str, source: str) -> None:
    first = parse_code(source, language=language).blocks[0]
    assert (first.kind, first.title, first.level) == ("docstring", "", 0)
    assert source[first.start : first.end] == "M."


@pytest.mark.parametrize(
    ("source", "titles"),
    [
        ("export const f = async (a) => { return 1; };\n", ["f"]),
        (
            "const api = {\n  get() {},\n  put: function () {},\n  size: 1,\n};\n",
            ["api", "api.get", "api.put"],
        ),
        ("Store.prototype.read = function () {};\nexports.write = () => 1;\n", ["Store.read", "write"]),
        ("(function () {\n  function inner() {}\n})();\n", ["inner"]),
        ("export default { setup() {} };\n", ["default", "default.setup"]),
        ("module.exports = class Store {};\nvar a = 1, b = function () {};\n", ["Store", "b"]),
        ("class A { static make = () => 1; get size() { return 1; } #own; }\n", ["A", "A.make", "A.size"]),
    ],
)
def test_functions_bound_to_names_and_properties_are_definitions(source: str, titles: list[str]) -> None:
    parsed = parse_code(source, language="javascript")
    assert [title for title, _ in _texts(parsed, "class", "function")] == titles


@pytest.mark.parametrize(
    ("source", "titles"),
    [
        ("namespace { int f() { return 1; } }\n", ["f"]),
        ('extern "C" {\nvoid f(void);\n}\n', ["f"]),
        ("class Outer {\n  class Inner { int x; };\n  bool operator==(int x);\n  ~Outer();\n};\n",
         ["Outer", "Outer.Inner", "Outer.operator==", "Outer.~Outer"]),
        ("class STORE_API Store : public Base {\n public:\n  STORE_API int read();\n};\n", ["Store", "Store.read"]),
        ("enum class Colour { red, green };\nusing Name = int;\nint (*handler)(int);\n", ["Colour"]),
    ],
)  # fmt: skip
def test_definitions_of_cpp_are_found(source: str, titles: list[str]) -> None:
    parsed = parse_code(source, language="cpp")
    assert [title for title, _ in _texts(parsed, "class", "function")] == titles
    assert "syntax_error" not in parsed.metadata


def test_a_header_that_shows_cpp_is_read_as_cpp() -> None:
    assert parse_code("class A {\n public:\n  int f();\n};\n", language="c").kind == "cpp"
    assert parse_code("struct a { int class_of; };\n", language="c").kind == "c"


def test_definitions_inside_rust_macros_are_found() -> None:
    source = "cfg_rt! {\n    /// Runs.\n    pub fn run() {}\n}\n"
    assert _texts(parse_code(source, language="rust"), "docstring") == [("run", "Runs.")]


def test_a_comment_behind_code_does_not_document_what_follows() -> None:
    source = "int a; /** Of a. */\nint f(void);\n\nint b; /**< Of b. */\nint g(void);\n"
    assert _texts(parse_code(source, language="c"), "docstring") == []


def test_a_marked_doc_comment_may_stand_one_blank_line_apart() -> None:
    source = "const a = 1;\n\n/** Reads. */\n\nfunction read() {}\n\n/** @typedef {object} T */\n\nfunction b() {}\n"
    assert _texts(parse_code(source, language="javascript"), "docstring") == [("read", "Reads.")]


@pytest.mark.parametrize(
    ("language", "header", "rest", "licence"),
    [
        ("c", "/*\n * Copyright 2020 A. All rights reserved.\n * SPDX-License-Identifier: MIT\n */\n\n",
         "/* What. */\nint x;\n", "MIT"),
        ("go", "// Copyright 2020 The Authors.\n// Licensed under the Apache License, Version 2.0.\n\n",
         "// P.\npackage p\n", "Apache-2.0"),
        ("javascript", "/*! (c) 2020 A, MIT License */", "!function(){}()\n", "MIT"),
    ],
)  # fmt: skip
def test_a_licence_comment_is_dropped_recorded_and_named(
    language: str, header: str, rest: str, licence: str
) -> None:
    parsed = parse_code(header + rest, language=language)
    assert (parsed.text, parsed.licence) == (rest, licence)
    assert parsed.metadata["dropped"] == [{"what": "licence", "first": 1, "last": max(1, header.count("\n"))}]


def test_a_licence_behind_an_opening_tag_leaves_the_tag_and_the_lines() -> None:
    parsed = parse_code("<?php\n/* Copyright 2020 A. */\n\nfunction f() {}\n", language="php")
    (block,) = parsed.blocks
    assert parsed.text == "<?php\nfunction f() {}\n"
    assert parsed.metadata["dropped"] == [{"what": "licence", "first": 2, "last": 3}]
    assert place(parsed.source_map, parsed.text, block.start, block.end).first == 4


def test_a_comment_that_says_more_than_its_licence_stays() -> None:
    source = (
        "/**\n * Opens stores.\n *\n * @license MIT License\n * Copyright 2020 A.\n */\nfunction f() {}\n"
    )
    parsed = parse_code(source, language="javascript")
    assert parsed.text == source
    assert "dropped" not in parsed.metadata


@pytest.mark.parametrize(
    "comment",
    [
        "// Checks the licence field of packages, as npm did.\n\n",
        "/* store.h - keeps records\n * Copyright 2020 A.\n */\n",
        "// Copyright 2020 A.\n// Stores keep records.\n\n",
    ],
)
def test_a_comment_that_only_mentions_licences_or_describes_the_file_stays(comment: str) -> None:
    source = comment + "int x;\n"
    assert parse_code(source, language="c").text == source


def test_a_licence_below_a_first_comment_is_dropped_and_that_comment_stays() -> None:
    source = "// Traits -*- C++ -*-\n\n// Copyright (C) 2020 A.\n\n/// F.\nint f();\n"
    parsed = parse_code(source, language="cpp")
    assert parsed.text == "// Traits -*- C++ -*-\n\n/// F.\nint f();\n"
    assert parsed.metadata["dropped"] == [{"what": "licence", "first": 3, "last": 4}]
    assert [
        place(parsed.source_map, parsed.text, block.start, block.end).first for block in parsed.blocks
    ] == [5, 5]


def test_code_in_which_the_grammar_gets_lost_is_cut_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_trees, "_REPORTS", 0)
    monkeypatch.setattr(code_trees, "_REPORTS_PER_BYTE", 0)
    source = "function f() {\n  return [" + "1, " * 400 + "];\n}\n\nvar b;\n"
    parsed = parse_code(source, language="javascript")
    assert (parsed.text, parsed.kind) == (source, "javascript")
    assert [block.kind for block in parsed.blocks] == ["code", "code"]
    assert "lost" in parsed.metadata["syntax_error"]


def test_a_language_without_a_grammar_is_refused() -> None:
    with pytest.raises(ParseError, match="'cobol'"):
        parse_code("x", language="cobol")


_PIECES = st.sampled_from(
    ["/** é */", "/// a\n", "// b\n", "# c\n", "class A", "fn f()", "def f", "(", ")", "{", "}", ";", ":", "\n",
     "\n\n", " ", "=", "名", '"', "'", "#if X\n", "template <", "x", "@a", "function", "=>", "/*", "<?php", "\t"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([*LANGUAGES]), st.lists(_PIECES, max_size=40).map("".join))
def test_any_text_is_kept_with_blocks_that_nest(language: str, source: str) -> None:
    parsed = parse_code(source, language=language)
    assert parsed.text == source
    open_blocks: list[Block] = []
    for block in parsed.blocks:
        assert 0 <= block.start <= block.body <= block.end <= len(source)
        assert block.start < block.end
        assert block.title.strip() == block.title
        while open_blocks and open_blocks[-1].end <= block.start:
            open_blocks.pop()
        assert not open_blocks or block.end <= open_blocks[-1].end
        open_blocks.append(block)
