"""Numbers as texts write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.numbers import is_stated, known_numbers, numbers

SAME = [
    ("8,192", "8192"),
    ("8 KiB", "8192 bytes"),
    ("8192", "8 KiB"),
    ("2 minutes", "120 s"),
    ("two minutes", "120 seconds"),
    ("half an hour", "30 min"),
    ("every quarter of a minute", "15 seconds"),
    ("twenty-four hours", "one day"),
    ("two weeks", "14 days"),
    ("50%", "0.5"),
    ("15 percent", "15 %"),
    ("1.5 GB", "1.5GB"),
    ("a thousand rows", "1,000 rows"),
    ("two hundred and fifty", "250"),
    ("3.11", "3.11.4"),
    ("v2.7.1", "2.7.1"),
    ("1", "-1"),
    ("zwölf Stunden", "12 heures"),
    ("0,5 Sekunden", "500 ms"),
    ("8.192 Byte", "8192 bytes"),
    ("三十秒", "30 s"),
    ("两小时", "2 hours"),
    ("等待30秒", "30 s"),
    ("プールは64個", "64"),
    ("двадцать", "20"),
    ("2e-4", "0.0002"),
    ("twice", "2 times"),
]
DIFFERENT = [
    ("8,192", "8193"),
    ("30 minutes", "30 seconds"),
    ("5 MB", "5 minutes"),
    ("-1", "1"),
    ("2.7.1", "2.17.1"),
    ("4.8", "4.18"),
    ("three weeks", "14 days"),
    ("75%", "70%"),
    ("10,000", "1,000"),
    ("vingt-quatre heures", "48 heures"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_number_in_two_forms_is_the_same(one: str, other: str) -> None:
    assert is_stated(numbers(one)[0], numbers(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_number_or_unit_is_not(one: str, other: str) -> None:
    assert not is_stated(numbers(one)[0], numbers(other))


@pytest.mark.parametrize(
    "text", ["sha256", "utf8 and x86_64", "1. first\n2) second", "a cat and an owl", "the first"]
)
def test_names_marks_of_lists_and_articles_are_no_numbers(text: str) -> None:
    assert numbers(text) == []


def test_every_run_of_digits_is_known() -> None:
    known = known_numbers("http://127.0.0.1:9464/metrics and 06:00:05")
    assert all(is_stated(numbers(one)[0], known) for one in ("9464", "5"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_and_its_numbers_are_known(text: str) -> None:
    found = numbers(text)
    assert all(text[one.start :].strip().startswith(one.said[:1].strip()) or one.said for one in found)
    assert all(is_stated(one, known_numbers(text)) for one in found if one.values or one.version)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_an_integer_equals_itself_however_it_is_grouped(value: int) -> None:
    assert is_stated(numbers(f"{value:,}")[0], numbers(str(value)))
