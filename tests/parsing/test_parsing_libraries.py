"""Which libraries read a kind of document, so that another release of one reads it anew."""

import re

import pytest

from lorewright.parsing.code_languages import LANGUAGES
from lorewright.parsing.dispatch import KINDS
from lorewright.parsing.libraries import libraries


@pytest.mark.parametrize("kind", KINDS)
def test_every_library_that_reads_a_kind_is_installed_and_named_with_its_release(kind: str) -> None:
    named = libraries(kind).split(" ")
    assert named
    assert all(re.fullmatch(r"[a-z0-9-]+=\d[\w.]*", one) for one in named)


@pytest.mark.parametrize("kind", LANGUAGES)
def test_code_is_read_by_its_own_grammar(kind: str) -> None:
    grammar = LANGUAGES[kind].grammar.partition(":")[0].replace("_", "-")
    assert libraries(kind).startswith("tree-sitter=")
    assert f" {grammar}=" in libraries(kind)


def test_grammars_that_a_file_may_turn_out_to_need_are_named() -> None:
    assert " tree-sitter-cpp=" in libraries("c")
    assert " tree-sitter-typescript=" in libraries("javascript")
    assert "tree-sitter" not in libraries("code")
