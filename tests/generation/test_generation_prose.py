"""Clean sentences out of markup, each from a stretch of its source; parts of docstrings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.generation.docstrings import documented_names, returns_span, summary_span
from lorewright.generation.prose import clean, excerpt, sentence_spans
from lorewright.generation.quality import weakness


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("See [the *guide*](http://a.b/c(d)) now", "See the guide now"),
        ("a **bold** and _slanted_ and snake_case_name", "a bold and slanted and snake_case_name"),
        ("_Alias of [array_sort](#array_sort)._", "Alias of array_sort."),
        ("run ``lore ask`` or `x * y * z`", "run `lore ask` or `x * y * z`"),
        (":class:`~a.b.C` and :ref:`text <target>` and {ref}`other`", "`a.b.C` and `text` and `other`"),
        ("![badge](x.svg) one<br>two <!-- no -->", "one two"),
        ("`Guide <http://a.b>`_ and other_", "Guide and other_"),
        ("2 &lt; 3 and <Method> stays", "2 < 3 and <Method> stays"),
        ("wrap it in [`Udf`] first", "wrap it in `Udf` first"),
        ("[Chrono format] strings, list[int] too", "Chrono format strings, list[int] too"),
    ],
)
def test_markup_goes_and_words_and_code_stay(written: str, plain: str) -> None:
    assert clean(written) == plain


def test_sentences_do_not_end_at_abbreviations_or_inside_code() -> None:
    text = "Use e.g. Linux. Call `a. B` first! Then go."
    assert [text[slice(*span)] for span in sentence_spans(text, 0, len(text))] == [
        "Use e.g. Linux.",
        "Call `a. B` first!",
        "Then go.",
    ]


def test_an_excerpt_ends_before_what_points_elsewhere_and_quotes_what_it_took() -> None:
    text = (
        "This section describes queues. Queues hold *tasks*. The following example shows one. Never reached."
    )
    found = excerpt(text, 0, len(text))
    assert found.text == "Queues hold tasks."
    assert text[found.start : found.end] == "Queues hold *tasks*."


@pytest.mark.parametrize(
    "text",
    [
        "Do it like this:",
        "See above for details.",
        "For technical details see proxies.",
        "Its attributes are",
        "- an item\n- another",
        "",
    ],
)
def test_what_does_not_stand_on_its_own_gives_no_excerpt_but_a_reason(text: str) -> None:
    found = excerpt(text, 0, len(text))
    assert found.text == ""
    assert found.weakness


def test_an_excerpt_stays_within_its_budget_at_a_sentence_end() -> None:
    text = "One sentence of words. " * 40
    assert excerpt(text, 0, len(text), max_chars=100).text == " ".join(["One sentence of words."] * 4)


@given(st.text(alphabet="aB. \n`*_[]()<>:|-", max_size=120))
def test_sentences_are_ordered_stretches_that_lose_no_word(text: str) -> None:
    spans = sentence_spans(text, 0, len(text))
    assert spans == sorted(spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert [letter for letter in covered if letter.isalpha()] == [
        letter for letter in text if letter.isalpha()
    ]


GOOGLE = """Fit the model.

    Args:
        rows: What to read,
            in order.
        step (int): Rows a step.

    Returns:
        The loss.
"""
FIELDS = """Fit the model.

:param rows: What to read.
:param int step: Rows a step.
:returns: The loss.
"""
NUMPY = """Fit the model.

Parameters
----------
rows : list
    What to read.
step : int, optional
    Rows a step.

Returns
-------
float
"""
DASHES = """Object for parsing.

    Keyword Arguments:
        - rows -- What to read
        - step -- Rows a step
"""


@pytest.mark.parametrize("text", [GOOGLE, FIELDS, NUMPY, DASHES])
def test_parameters_are_found_in_every_style(text: str) -> None:
    found = {name.name: text[slice(*name.description)] for name in documented_names(text, 0, len(text))}
    assert list(found) == ["rows", "step"]
    assert found["rows"].startswith("What to read")
    assert found["step"].startswith("Rows a step")


def test_a_description_goes_on_over_lines() -> None:
    rows = documented_names(GOOGLE, 0, len(GOOGLE))[0]
    assert " ".join(GOOGLE[slice(*rows.description)].split()) == "What to read, in order."


@pytest.mark.parametrize("text", [GOOGLE, FIELDS])
def test_summary_and_what_is_returned_are_told_apart(text: str) -> None:
    assert text[slice(*summary_span(text, 0, len(text)))] == "Fit the model."
    returned = returns_span(text, 0, len(text))
    assert returned is not None
    assert text[slice(*returned)] == "The loss."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Short one.", "too short"),
        ("However, it may be run by hand as well.", "leans on"),
        ("TODO: describe what this option is for.", "unfinished"),
        ("Copyright 2020 by the people who wrote it.", "legal"),
        ("https://example.org/very/long/path/to/it", "only a link"),
        ("Refer to the manual of the other product.", "points elsewhere"),
        ("A text with an `unclosed code mark in it.", "unclosed"),
        ("One of the {{ placeholders }} is still here.", "markup"),
        ("The code for this looks about like this:", "announces"),
    ],
)
def test_a_weak_answer_is_named(answer: str, reason: str) -> None:
    assert reason in weakness("What is it?", answer, pattern="section")


def test_a_good_answer_has_no_weakness() -> None:
    assert (
        weakness("What is it?", "The scheduler starts tasks when inputs are ready.", pattern="section") == ""
    )
