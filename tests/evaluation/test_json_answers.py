import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.evaluation import json_answers as answers

FIELDS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.lists(st.text(max_size=3), max_size=2)),
    min_size=1,
    max_size=5,
)


@given(FIELDS)
def test_a_json_answer_equals_itself_whatever_the_order_of_keys(fields: Any) -> None:
    backwards = json.dumps(dict(reversed(list(fields.items()))))
    assert answers.field_accuracy(json.dumps(fields), backwards) == 1.0
    assert answers.exact_match(json.dumps(fields), backwards) == 1.0


def test_field_accuracy_is_the_share_of_equal_fields() -> None:
    reference = '{"error_message": "Disk full", "category": "resource_error", "severity": "high"}'
    prediction = '{"category": "resource_error", "severity": "low", "error_message": "Disk  full"}'
    assert answers.field_accuracy(reference, prediction) == pytest.approx(2 / 3)
    assert answers.field_matches(reference, prediction) == {
        "error_message": 1.0,
        "category": 1.0,
        "severity": 0.0,
    }


@pytest.mark.parametrize(
    "answer", ['{"a": 1} and more', '{"a": 1', "[1]", "Error: 500", '{"a": NaN}', "{" * 100_000, "null", ""]
)
def test_what_is_not_one_json_object_has_no_field_right(answer: Any) -> None:
    assert answers.json_valid("", answer) == 0.0
    assert answers.field_accuracy('{"a": 1}', answer) == 0.0


def test_a_fenced_object_is_json() -> None:
    assert answers.field_accuracy('{"a": 1}', '```json\n{"a": 1}\n```') == 1.0


@pytest.mark.parametrize(("one", "other"), [("1", "true"), ("0", "false"), ("[1]", "[true]"), ("1", '"1"')])
def test_values_of_different_kinds_are_different(one: str, other: str) -> None:
    assert answers.field_accuracy(f'{{"a": {one}}}', f'{{"a": {other}}}') == 0.0
    assert answers.exact_match(f'{{"a": {one}}}', f'{{"a": {other}}}') == 0.0


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ('["a  b"]', '["a b"]'), ('"故障 "', '"故障"')])
def test_a_value_written_in_another_way_is_the_same(one: str, other: str) -> None:
    assert answers.field_accuracy(f'{{"a": {one}}}', f'{{"a": {other}}}') == 1.0


def test_values_nested_beyond_measure_are_not_the_same() -> None:
    deep = f'{{"a": {"[" * 700}{"]" * 700}}}'
    assert answers.field_accuracy('{"a": 1}', deep) == 0.0


def test_how_sure_an_answer_is_is_not_compared_with_the_reference() -> None:
    reference = '{"category": "timeout", "confidence": 0.9}'
    assert answers.field_matches(reference, '{"category": "timeout", "confidence": 0.2}') == {"category": 1.0}
    assert answers.exact_match(reference, '{"category": "timeout"}') == 1.0


def test_a_confidence_in_words_or_alone_is_compared() -> None:
    assert answers.field_matches('{"a": 1, "confidence": "high"}', '{"a": 1}') == {
        "a": 1.0,
        "confidence": 0.0,
    }
    assert answers.field_matches('{"confidence": 0.5}', '{"confidence": 0.5}') == {"confidence": 1.0}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.25, 0.25), (1, 1.0), (0, 0.0), (1.2, None), (-0.1, None), ("0.5", None), (True, None)],
)
def test_confidence_is_a_number_from_zero_to_one(value: object, expected: float | None) -> None:
    assert answers.confidence({"confidence": value}) == expected


def test_an_answer_without_confidence_states_none() -> None:
    assert answers.confidence({}) is None


def test_a_reference_without_fields_is_refused_with_its_text() -> None:
    with pytest.raises(ValueError, match="not a JSON object with fields: 'plain'"):
        answers.field_accuracy("plain", "{}")
