"""Which lines of a log count, in every timestamp form that Airflow writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.loganalysis.candidates import candidate_lines, context, normalise

STAMPS = [
    "[2022-11-09, 09:59:40 UTC]",
    "2025-08-10T16:13:23",
    "[2025-08-10T16:13:23.123+0000]",
    "[2025-08-10 16:13:23,123]",
    "2025-08-10T16:13:23.123456Z",
    "2025-08-10 16:13:23",
    "2025/08/10 16:13:23",
    "Aug 10 16:13:23",
]


@pytest.mark.parametrize("stamp", STAMPS)
def test_timestamp_and_source_location_are_taken_off(stamp: str) -> None:
    assert normalise(f"{stamp} {{taskinstance.py:1165}} ERROR - no disk") == "ERROR - no disk"
    assert normalise(f"{stamp} ERROR - no disk") == "ERROR - no disk"


@pytest.mark.parametrize(
    ("quiet", "loud"),
    [
        ("2025-08-10T16:13:23Z [info     ] 0 failed", "2025-08-10T16:13:23Z [error    ] gone"),
        ('{"timestamp":"t","event":"0 failed","level":"info"}', '{"event":"gone","level":"error"}'),
        (
            "[2019-01-01 10:00:00,123] {{a.py:1}} INFO - 0 failed",
            "[2019-01-01 10:00:00,123] {{a.py:1}} ERROR - gone",
        ),
    ],
)
def test_levels_are_read_in_the_forms_of_every_airflow(quiet: str, loud: str) -> None:
    assert candidate_lines(f"{quiet}\nx\n{loud}") == [
        (len(quiet) + 1, len(quiet) + 2),
        (len(quiet) + 3, len(quiet) + 3 + len(loud)),
    ]


def test_a_line_without_timestamp_stays_as_it_is() -> None:
    assert normalise('  File "a.py", line 3, in run') == '  File "a.py", line 3, in run'
    assert normalise("2025 rows lost") == "2025 rows lost"


@pytest.mark.parametrize("stamp", STAMPS)
def test_the_error_and_the_line_before_it_are_candidates_and_quiet_lines_are_not(stamp: str) -> None:
    lines = ["INFO - start", "INFO - 0 failed so far", "INFO - copying", "ERROR - no disk", "INFO - bye"]
    text = "\n".join(f"{stamp} {{a.py:1}} {line}" for line in lines)
    assert context(text) == "INFO - copying\nERROR - no disk"


def test_a_traceback_is_kept_with_the_exception_that_ends_it_whatever_its_name() -> None:
    text = (
        "[2025-08-10 16:13:23,123] {a.py:1} INFO - begin\n"
        "[2025-08-10 16:13:23,123] {a.py:1} INFO - render\n"
        "Traceback (most recent call last):\n"
        '  File "a.py", line 3, in run\n'
        "    render()\n"
        "jinja2.exceptions.TemplateGone: x.sql\n"
    )
    assert context(text).splitlines() == [
        "INFO - render",
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in run',
        "    render()",
        "jinja2.exceptions.TemplateGone: x.sql",
    ]


def test_a_log_without_errors_gives_its_last_lines() -> None:
    assert context("one\ntwo\nthree\n", limit=2) == "two\nthree"


@given(st.text(alphabet="aE \n\r[]:ERRORfailed-", max_size=200), st.integers(1, 10))
def test_candidates_are_whole_lines_in_order_and_at_most_the_limit(text: str, limit: int) -> None:
    spans = candidate_lines(text, limit=limit)
    assert len(spans) <= limit
    assert spans == sorted(spans)
    for start, end in spans:
        assert "\n" not in text[start:end]
        assert text[start:end].strip()
        assert start == 0 or text[start - 1] == "\n"
