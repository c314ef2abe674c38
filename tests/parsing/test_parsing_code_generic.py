from hypothesis import given
from hypothesis import strategies as st

from lorewright.parsing.code_generic import parse_code_generic

_RESCRIPT = """// Opens stores.
let limit = 3

let read = name => {
  let store = open(name)

  store.read()
}

module Lock = {
  let held = false

}
"""


def _parts(text: str) -> list[str]:
    return [text[block.start : block.end] for block in parse_code_generic(text).blocks]


def test_parts_are_what_stands_between_unindented_lines_behind_blank_ones() -> None:
    assert [part.split("\n")[0] for part in _parts(_RESCRIPT)] == [
        "// Opens stores.",
        "let read = name => {",
        "module Lock = {",
    ]


def test_what_closes_a_part_belongs_to_it() -> None:
    assert _parts("a {\n\n}\n\nb [\n\n]\n\nc do\n\nend\n") == ["a {\n\n}", "b [\n\n]", "c do\n\nend"]


def test_the_licence_at_the_top_is_named_and_kept() -> None:
    source = "# SPDX-License-Identifier: MIT\n\na: 1\n"
    parsed = parse_code_generic(source)
    assert (parsed.text, parsed.licence, parsed.kind) == (source, "MIT", "code")


@given(st.text(alphabet="ab é\n\t{}#", max_size=80))
def test_no_character_stands_outside_the_parts(source: str) -> None:
    assert "".join("".join(_parts(source)).split()) == "".join(source.split())
