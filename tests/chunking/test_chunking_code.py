import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.chunking.chunk import chunk
from lorewright.chunking.definitions import definition_sections
from lorewright.core.records import Chunk, Document
from lorewright.parsing.code import parse_code
from lorewright.parsing.placing import placed

_MODULE = '''"""Opens stores.

More about stores.
"""

import os

LIMIT = 3  # stores


# Why this one is here.
@cached
def open_store(path):
    """Return the store at a path."""

    def inner():
        return path

    return inner()  # at once


class Store(dict):
    """Keeps records."""

    kind = "plain"

    def read(self, name):
        """Return a record by its name."""
        return self[name]

    class Lock:
        """Held while writing."""

        def release(self):
            """Let go."""

    limit = LIMIT


class StoreError(Exception):
    """A store refused."""


if __name__ == "__main__":
    open_store(os.curdir)
'''


def _document(source: str, language: str = "python") -> Document:
    return placed(parse_code(source, language=language), source="s", path="src/acme/store.py")


def _chunks(
    source: str, *, language: str = "python", min_chars: int = 0, max_chars: int = 400
) -> list[Chunk]:
    return chunk(_document(source, language), max_size=max_chars, min_size=min_chars, overlap=0)


def _sections(source: str, language: str) -> list[tuple[str, str]]:
    document = _document(source, language)
    return [
        (" > ".join(section.headings), document.text[section.start : section.end].strip())
        for section in definition_sections(document)
    ]


def test_definitions_are_passages_under_their_classes() -> None:
    found = [
        (" > ".join(passage.headings), passage.text.strip().split("\n")[0]) for passage in _chunks(_MODULE)
    ]
    assert found == [
        ("", '"""Opens stores.'),
        ("open_store", "# Why this one is here."),
        ("Store", "class Store(dict):"),
        ("Store > read", "def read(self, name):"),
        ("Store > Lock", "class Lock:"),
        ("Store > Lock > release", "def release(self):"),
        ("Store", "limit = LIMIT"),
        ("StoreError", "class StoreError(Exception):"),
        ("", 'if __name__ == "__main__":'),
    ]


def test_a_definition_is_whole_with_decorators_comments_and_inner_functions() -> None:
    text = _chunks(_MODULE)[1].text
    assert text.startswith("# Why this one is here.\n@cached\ndef open_store")
    assert text.endswith("return inner()  # at once")


def test_a_method_keeps_its_indentation() -> None:
    assert _chunks(_MODULE)[3].text.startswith("    def read")


def test_small_members_of_one_class_are_joined_under_the_class() -> None:
    members = "\n".join(f"    def m{number}(self):\n        return {number}\n" for number in range(4))
    found = _chunks(f"class A:\n{members}\n\nclass B:\n    def n(self):\n        return 'b'\n", min_chars=300)
    assert [passage.headings for passage in found] == [("A",), ("B",)]


def test_a_large_function_is_cut_at_blank_lines_then_lines() -> None:
    source = "def f():\n" + "".join(f"    step_{number}()\n" for number in range(8)) + "\n    return 1\n"
    found = _chunks(source, max_chars=80, min_chars=10)
    assert [passage.text.split("\n")[0] for passage in found] == ["def f():", "    step_5()"]
    assert {passage.headings for passage in found} == {("f",)}


def test_code_that_cannot_be_parsed_is_still_cut() -> None:
    found = _chunks("print 'old'\n" * 60, max_chars=100)
    assert all(passage.headings == () for passage in found)
    assert "\n".join(passage.text for passage in found) == ("print 'old'\n" * 60).strip()


def test_doc_comments_attributes_and_what_closes_stay_with_their_definition() -> None:
    source = (
        "/** Keeps records. */\n@Entity\npublic class Store {\n    int size; // one\n\n    /** Reads. */\n"
        "    @Override\n    void read() {\n    } // read\n\n    // Writes.\n    void write() {}\n}\n"
    )
    assert _sections(source, "java") == [
        ("Store", "/** Keeps records. */\n@Entity\npublic class Store {\n    int size; // one"),
        ("Store > read", "/** Reads. */\n    @Override\n    void read() {\n    } // read"),
        ("Store > write", "// Writes.\n    void write() {}\n}"),
    ]


def test_a_method_outside_its_type_is_titled_by_both() -> None:
    source = (
        "package p\n\n// Store keeps.\ntype Store struct{}\n\n// Read reads.\nfunc (s *Store) Read() {}\n"
    )
    assert _sections(source, "go")[1:] == [
        ("Store", "// Store keeps.\ntype Store struct{}"),
        ("Store.Read", "// Read reads.\nfunc (s *Store) Read() {}"),
    ]


def test_definitions_on_one_line_are_told_apart() -> None:
    source = "function a(){return 1};function b(){return 2}var c=3;class D{e(){}f(){}}"
    assert _sections(source, "javascript") == [
        ("a", "function a(){return 1};"),
        ("b", "function b(){return 2}"),
        ("", "var c=3;"),
        ("D", "class D{"),
        ("D > e", "e(){}"),
        ("D > f", "f(){}}"),
    ]


_LINES = st.sampled_from(
    [
        "class A {",
        "}",
        "void f() {",
        "}",
        "/** Doc. */",
        "// note",
        "int x;",
        "",
        "};",
        "void g();",
        "int y; }",
    ]
)


@settings(deadline=None)
@given(st.lists(_LINES, max_size=25).map("\n".join), st.sampled_from(["java", "cpp", "javascript", "csharp"]))
def test_sections_follow_each_other_and_leave_nothing_out(source: str, language: str) -> None:
    document = _document(source, language)
    position = 0
    for section in definition_sections(document):
        assert position <= section.start < section.end
        assert not document.text[position : section.start].strip()
        position = section.end
    assert not document.text[position:].strip()


_STANDARD_LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::3][:60]


@pytest.mark.parametrize("path", _STANDARD_LIBRARY, ids=lambda path: path.name)
def test_every_line_of_the_standard_librarys_docstrings_stands_in_a_passage(path: Path) -> None:
    source = path.read_text()
    lines = source.split("\n")
    passages = {line for passage in _chunks(source, max_chars=1200) for line in passage.text.split("\n")}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node):
            string = node.body[0]
            said = lines[string.lineno - 1 : string.end_lineno]
            assert not {line.strip() for line in said} - {line.strip() for line in passages} - {""}


def test_a_doc_comment_of_a_field_is_not_cut_from_its_closing_mark() -> None:
    fields = "\n".join(
        f"    /** Words of field {number}. */\n    int field{number} = {number};\n" for number in range(40)
    )
    document = placed(parse_code(f"class A {{\n{fields}}}\n", language="java"), source="s", path="A.java")
    for limit in range(100, 180):
        for passage in chunk(document, max_size=limit, min_size=20, overlap=0):
            assert passage.text.count("/**") == passage.text.count("*/")
