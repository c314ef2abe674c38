"""The rule baseline on errors of everyday operations."""

import pytest

from lorewright.loganalysis.rules import analyze
from lorewright.loganalysis.schema import CATEGORIES, SEVERITIES, instruction


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("MemoryError: out of memory", "resource_error"),
        ("ERROR - [Errno 13] Permission denied: '/srv/x'", "permission_error"),
        ("ModuleNotFoundError: No module named 'pandas'", "configuration_error"),
        ("requests.exceptions.ConnectionError: Connection refused", "dependency_failure"),
        ("airflow.exceptions.AirflowTaskTimeout: Timeout, PID: 12", "timeout_error"),
        ("ERROR - duplicate key value violates unique constraint", "data_quality"),
        ("ERROR - it broke", "unknown"),
    ],
)
def test_an_everyday_error_gets_its_category(line: str, category: str) -> None:
    assert analyze(f"INFO - start\n{line}")["category"] == category


def test_the_message_is_what_was_raised_last_without_level_and_timestamp() -> None:
    context = (
        "[2025-08-10 16:13:23,123] {a.py:1} ERROR - Task failed with exception\n"
        "Traceback (most recent call last):\n"
        '  File "a.py", line 3, in run\n'
        "ValueError: bad day\n"
        "[2025-08-10 16:13:24,123] {b.py:2} ERROR - Failed to execute job 7 for task load\n"
    )
    assert analyze(context)["error_message"] == "ValueError: bad day"
    assert analyze("2025-08-10T16:13:23 {a.py:1} ERROR - no disk")["error_message"] == "no disk"


def test_whatever_comes_the_answer_has_the_three_fields() -> None:
    for context in ("", "\n", "  ", "INFO - all is well"):
        found = analyze(context)
        assert set(found) == {"error_message", "category", "severity"}
        assert found["category"] in CATEGORIES
        assert found["severity"] in SEVERITIES


def test_the_instruction_names_every_value() -> None:
    told = instruction(CATEGORIES, SEVERITIES)
    assert all(value in told for value in (*CATEGORIES, *SEVERITIES))
