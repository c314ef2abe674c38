"""Answers that are one JSON object, and what of them is right, from 0 to 1."""

import json
import re
from collections.abc import Mapping
from typing import Any

from lorewright.text.tokens import squash

CONFIDENCE = "confidence"
"""The field in which an answer says how sure it is, from 0 to 1."""
_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


def json_answer(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is, bare or in one code fence; None when it is anything else."""
    stripped = text.strip()
    fenced = _FENCED.fullmatch(stripped)
    try:
        value = json.loads(fenced.group(1) if fenced else stripped, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_valid(_reference: str, prediction: str) -> float:
    """Return 1.0 when the prediction is one JSON object and nothing else."""
    return float(json_answer(prediction) is not None)


def exact_match(reference: str, prediction: str) -> float:
    """Return 1.0 when both are the same text up to white space; JSON objects also up to the order of keys.

    How sure two JSON answers are is not compared (see `field_matches`).
    """
    if not prediction.strip():
        return 0.0
    expected, given = json_answer(reference), json_answer(prediction)
    if expected is not None and given is not None:
        return float(same_value(_compared(expected), _compared(given)))
    return float(reference.split() == prediction.split())


def field_accuracy(reference_json: str, prediction: str) -> float:
    """Return the share of the reference's fields that the prediction gives the same value; see `field_matches`.

    Raises:
        ValueError: The reference is not a JSON object with at least one field.
    """
    fields = field_matches(reference_json, prediction)
    return sum(fields.values()) / len(fields)


def field_matches(reference_json: str, prediction: str) -> dict[str, float]:
    """Return 1.0 or 0.0 for each field of the reference, in its order.

    Texts are equal up to white space. A prediction that is no JSON object has no field right; a field that the
    reference lacks costs nothing. A number in `confidence` is not compared, for it is nothing that a reference could
    know, unless there is no other field.

    Raises:
        ValueError: The reference is not a JSON object with at least one field.
    """
    expected = json_answer(reference_json)
    if not expected:
        raise ValueError(f"not a JSON object with fields: {reference_json[:80]!r}")
    given = json_answer(prediction) or {}
    return {
        name: float(name in given and same_value(given[name], value))
        for name, value in _compared(expected).items()
    }


def same_value(one: object, other: object) -> bool:
    """Whether two JSON values are the same: texts up to white space, numbers by value, and `true` is not 1."""
    try:
        return bool(_comparable(one) == _comparable(other))
    except RecursionError:  # nested deeper than Python can look
        return False


def confidence(fields: Mapping[str, Any]) -> float | None:
    """Return how sure an answer says it is; None where it gives no number from 0 to 1."""
    value = fields.get(CONFIDENCE)
    if value is None or not _is_number(value):
        return None
    return float(value) if 0 <= value <= 1 else None


def _compared(fields: dict[str, Any]) -> dict[str, Any]:
    others = {name: value for name, value in fields.items() if name != CONFIDENCE or not _is_number(value)}
    return others or fields


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return squash(value)
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    if isinstance(value, dict):
        return {name: _comparable(one) for name, one in value.items()}
    # JSON's true and 1 are different values, Python's are equal.
    return ("bool", value) if isinstance(value, bool) else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
