"""Where a quotation stands: exactly, with other whitespace and signs, or as nearly as a slip of the pen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_materials import TEXT  # type: ignore[import-not-found]

from lorewright.text.locating import locate, stands_in

LONG = (
    "The **scheduler** doesn’t start a task before its inputs are ready — it waits at most\n  30 seconds for each "
    "of them, and never longer than `max_wait`."
)


def found(text: str, quote: str) -> list[str]:
    return [text[start:end] for start, end in locate(text, quote)]


def test_an_exact_quote_is_found_where_it_stands() -> None:
    assert found(TEXT, "Set `retries` to a number") == ["Set `retries` to a number"]


@pytest.mark.parametrize(
    "quote",
    [
        "it waits at most 30 seconds for each of them",
        '"it waits at most   30 seconds for each of them"',
        "it waits at\nmost 30 seconds for each of them ",
    ],
)
def test_whitespace_and_marks_around_a_quote_do_not_count(quote: str) -> None:
    assert found(LONG, quote) == ["it waits at most\n  30 seconds for each of them"]


def test_plain_signs_stand_for_typographic_ones() -> None:
    assert found(LONG, "doesn't start a task before its inputs are ready - it waits")
    assert found("a \u2039|x|> b c", "a <|x|> b c") == ["a \u2039|x|> b c"]


@pytest.mark.parametrize(
    "quote",
    [
        "The scheduler doesn't start a task before its inputs are ready",
        "The **schedular** doesn't start a task before it's inputs are ready",
        "the **scheduler** doesn't start a task before inputs are ready",
    ],
)
def test_a_slip_of_the_pen_is_forgiven(quote: str) -> None:
    (stretch,) = found(LONG, quote)
    assert stretch.startswith("The **scheduler**")
    assert stretch.endswith("ready")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "...",
        "The executor starts every task at once",
        "it waits at most 60 seconds for each of them, and never longer than `max_wait`",
        "it waits at most 30 seconds for each of them, and longer than `max_wait`",
        "seconds of it",
    ],
)
def test_another_figure_a_lost_negation_or_other_words_are_not(quote: str) -> None:
    assert found(LONG, quote) == []


def test_a_quote_with_a_gap_is_found_part_by_part() -> None:
    quote = "The **scheduler** doesn't start a task ... and never longer than `max_wait`."
    assert found(LONG, quote) == [
        "The **scheduler** doesn’t start a task",
        "and never longer than `max_wait`.",
    ]
    assert found(LONG, "and never longer than `max_wait`. ... The **scheduler** doesn't start") == []
    assert found(LONG, "... and never longer than `max_wait`. ...") == ["and never longer than `max_wait`."]
    assert found(LONG, "it ... is ... a") == []


def test_whole_words_alone_count_as_copied() -> None:
    assert stands_in("def f(self, max_wait):\n  pass", "max_wait")
    assert stands_in("a\n  b", "a b")
    assert not stands_in("def f(self, max_wait):", "max")
    assert not stands_in("anything", " ")


def test_a_long_text_of_one_word_is_searched_in_bounded_time() -> None:
    assert found("spam " * 4000, "spam and eggs " * 40) == []


@given(st.text(max_size=200), st.text(max_size=80))
def test_stretches_lie_in_the_text_in_order(text: str, quote: str) -> None:
    reached = 0
    for start, end in locate(text, quote):
        assert reached <= start < end <= len(text)
        reached = end


words = st.lists(
    st.sampled_from(["lore", "task", "waits", "30", "not", "`x`", "a.b", "(c)", "—", "’s"]), min_size=3
)


@given(words, st.data())
def test_any_run_of_words_is_found_whatever_the_whitespace(there: list[str], data: st.DataObject) -> None:
    spaces = st.sampled_from([" ", "  ", "\n", "\n\t"])
    text = "".join(word + data.draw(spaces) for word in there)
    start = data.draw(st.integers(0, len(there) - 1))
    end = data.draw(st.integers(start + 1, len(there)))
    quote = data.draw(spaces).join(there[start:end])
    ((first, last),) = locate(text, quote)
    assert text[first:last].split() == there[start:end]
