"""How right an answer is, from 0 to 1: `(reference, prediction) -> float`.

An empty prediction is a failure and scores 0 whatever the reference.
"""

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

from lorewright.text.tokens import words

_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


def tokens(text: str) -> list[str]:
    """Return the words of a text, then its emoji and other pictorial symbols, which are no words."""
    return words(text) + [character for character in text if unicodedata.category(character) == "So"]


def token_f1(reference: str, prediction: str) -> float:
    """Return the harmonic mean of precision and recall over tokens, repeated ones counted.

    The formula is SQuAD's (Rajpurkar et al. 2016) without its removal of English articles and punctuation.
    """
    expected, given = Counter(tokens(reference)), Counter(tokens(prediction))
    shared = (expected & given).total()
    return 2 * shared / (expected.total() + given.total()) if shared else 0.0


def rouge_l(reference: str, prediction: str) -> float:
    """Return ROUGE-L's F1: the longest common subsequence of words (Lin 2004), by rouge-score.

    Words are this package's, as rouge-score's own tokenizer drops everything outside ASCII.
    """
    return float(_rouge_scorer().score(reference, prediction)["rougeL"].fmeasure)


def exact_match(reference: str, prediction: str) -> float:
    """Return 1.0 when both are the same text up to white space; JSON objects also up to the order of keys."""
    if not prediction.strip():
        return 0.0
    expected, given = json_answer(reference), json_answer(prediction)
    if expected is not None and given is not None:
        return float(expected == given)
    return float(reference.split() == prediction.split())


def json_valid(_reference: str, prediction: str) -> float:
    """Return 1.0 when the prediction is one JSON object and nothing else."""
    return float(json_answer(prediction) is not None)


def field_accuracy(reference_json: str, prediction: str) -> float:
    """Return the share of the reference's fields that the prediction gives the same value.

    Texts are equal up to white space. A prediction that is no JSON object has no field right; a field that the
    reference lacks costs nothing.

    Raises:
        ValueError: The reference is not a JSON object with at least one field.
    """
    fields = field_matches(reference_json, prediction)
    return sum(fields.values()) / len(fields)


def field_matches(reference_json: str, prediction: str) -> dict[str, float]:
    """Return 1.0 or 0.0 for each field of the reference, in its order.

    Raises:
        ValueError: The reference is not a JSON object with at least one field.
    """
    expected = json_answer(reference_json)
    if not expected:
        raise ValueError(f"not a JSON object with fields: {reference_json[:80]!r}")
    given = json_answer(prediction) or {}
    return {
        name: float(name in given and _comparable(given[name]) == _comparable(value))
        for name, value in expected.items()
    }


def json_answer(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is, bare or in one code fence; None when it is anything else."""
    stripped = text.strip()
    fenced = _FENCED.fullmatch(stripped)
    try:
        value = json.loads(fenced.group(1) if fenced else stripped, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _comparable(value: Any) -> Any:
    # JSON's true and 1 are different values, Python's are equal.
    return " ".join(value.split()) if isinstance(value, str) else (type(value).__name__, value)


class _Tokenizer:
    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@cache
def _rouge_scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], tokenizer=_Tokenizer())
