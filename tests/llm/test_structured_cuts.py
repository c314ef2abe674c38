"""Whatever the words of an answer and wherever it is cut, no half item is kept and no whole one lost."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoilt_json import CORRUPTIONS  # type: ignore[import-not-found]

from lorewright.llm.structured import read_json

PAIR = {
    "type": "object",
    "properties": {
        "question": {"type": "string"},
        "answer": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "score": {"type": "number"},
        "more": {"type": "object"},
    },
    "required": ["question"],
    "additionalProperties": False,
}
PAIRS: dict[str, Any] = {
    "type": "object",
    "properties": {"pairs": {"type": "array", "items": PAIR}},
    "required": ["pairs"],
}
WORDS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
NUMBERS: dict[str, Any] = {"type": "array", "items": {"type": "number"}}

AWKWARD = st.sampled_from(
    ['"', "'", "\\", "\n", "}", "]", "{", "[", ",", ":", "#", "//", "```", "é", "日", "😀", " "]
)
TEXTS = st.lists(AWKWARD | st.sampled_from(["a", "use", "True", "null", "1", "</think>"]), max_size=8).map(
    "".join
)
ITEMS = st.fixed_dictionaries(
    {"question": TEXTS},
    optional={
        "answer": TEXTS,
        "tags": st.lists(TEXTS, max_size=2),
        "score": st.integers(-99, 99) | st.floats(-9, 9),
        "more": st.dictionaries(TEXTS, TEXTS, max_size=1),
    },
)
ANSWERS = st.lists(ITEMS, min_size=1, max_size=4)


def _kept(text: str, schema: dict[str, Any], *, cut: bool = True) -> list[Any]:
    value = read_json(text, schema, cut=cut).value
    return [] if value is None else value if isinstance(value, list) else value["pairs"]


def _ends(text: str, items: list[Any], dump: Callable[[Any], str]) -> list[int]:
    """Return where each item ends in a text that holds them in order."""
    ends, position = [], text.index("[")
    for item in items:
        position = text.index(dump(item), position) + len(dump(item))
        ends.append(position)
    return ends


@settings(max_examples=60, deadline=None)
@given(
    items=ANSWERS,
    ascii_only=st.booleans(),
    said_why=st.booleans(),
    prose=st.sampled_from(["", "Here:\n```json\n"]),
)
def test_every_prefix_of_a_list_gives_exactly_its_whole_items(
    items: list[Any], ascii_only: bool, said_why: bool, prose: str
) -> None:
    text = prose + json.dumps({"pairs": items}, ensure_ascii=ascii_only)
    ends = _ends(text, items, lambda item: json.dumps(item, ensure_ascii=ascii_only))
    for length in range(len(prose), len(text)):
        assert _kept(text[:length], PAIRS, cut=said_why) == items[: sum(end <= length for end in ends)]


@settings(max_examples=60, deadline=None)
@given(items=st.lists(TEXTS, min_size=1, max_size=5))
def test_every_prefix_of_a_list_of_strings_gives_exactly_its_whole_ones(items: list[str]) -> None:
    text = json.dumps(items)
    ends = _ends(text, items, json.dumps)
    for length in range(len(text)):
        assert _kept(text[:length], WORDS) == items[: sum(end <= length for end in ends)]


@settings(max_examples=60, deadline=None)
@given(items=st.lists(st.integers(-9999, 9999) | st.floats(-9, 9), min_size=1, max_size=5))
def test_no_part_of_a_number_is_kept_for_the_whole(items: list[float]) -> None:
    text = json.dumps(items)
    for length in range(len(text)):
        kept = _kept(text[:length], NUMBERS)
        assert kept == items[: len(kept)]


# Line breaks and commas that these write into the strings themselves are no part of the question here.
WORD_KEEPING = sorted(
    CORRUPTIONS.keys() - {"raw newlines in strings", "trailing commas", "cut in the middle"}
)


@pytest.mark.parametrize("kind", WORD_KEEPING)
@settings(max_examples=25, deadline=None)
@given(items=ANSWERS, said_why=st.booleans())
def test_a_spoilt_answer_that_is_cut_besides_gives_only_whole_items(
    kind: str, items: list[Any], said_why: bool
) -> None:
    text = CORRUPTIONS[kind](json.dumps({"pairs": items}, ensure_ascii=False))
    for length in range(1, len(text), 3):
        kept = _kept(text[:length], PAIRS, cut=said_why)
        assert kept == items[: len(kept)]


SPOILT_WORDS = st.lists(
    st.sampled_from(["use", '"it"', "now", "it's", '"quoted', "é", "😀", "."]), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(SPOILT_WORDS.map(" ".join), SPOILT_WORDS.map(" ".join)), min_size=1, max_size=4),
    said_why=st.booleans(),
)
def test_quotation_marks_that_are_not_escaped_make_no_item_shorter(
    pairs: list[tuple[str, str]], said_why: bool
) -> None:
    items = [{"question": question, "answer": answer} for question, answer in pairs]
    rows = ", ".join(f'{{"question": "{question}", "answer": "{answer}"}}' for question, answer in pairs)
    text = f'{{"pairs": [{rows}]}}'
    for length in range(1, len(text) + 1):
        kept = _kept(text[:length], PAIRS, cut=said_why)
        assert kept == items[: len(kept)]


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="{}[]\",:\\'a1 \ntrue/#“”", max_size=80), cut=st.booleans())
def test_no_text_gives_an_invalid_value_or_an_error(text: str, cut: bool) -> None:
    for schema in (PAIRS, WORDS, NUMBERS, PAIR):
        reading = read_json(text, schema, cut=cut)
        assert (reading.step == "invalid") == bool(reading.problem)
        if reading.step != "invalid":
            assert read_json(json.dumps(reading.value), schema, cut=False).step == "as asked"
