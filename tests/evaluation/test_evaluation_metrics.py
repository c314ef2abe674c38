import json
import random
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.evaluation import metrics

METRICS = [metrics.token_f1, metrics.rouge_l, metrics.exact_match, metrics.json_valid]
ALPHABETS = ["任务重试设置次数", "задача повтор число", "إعادة المهمة عدد", "😀🚀 🎉"]


@pytest.mark.parametrize(
    "text", ["重试任务的次数", "Повторить задачу три раза", "أعد المهمة ثلاث مرات", "😀 🚀"]
)
@pytest.mark.parametrize("metric", [metrics.token_f1, metrics.rouge_l, metrics.exact_match])
def test_identical_text_of_any_script_scores_one(metric: Any, text: Any) -> None:
    assert metric(text, text) == 1.0


@pytest.mark.parametrize("metric", [*METRICS, lambda a, b: metrics.field_accuracy('{"a": 1}', b)])
@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_answer_fails_whatever_the_reference(metric: Any, empty: Any) -> None:
    assert metric("Set retries.", empty) == 0.0
    assert metric("", empty) == 0.0


def test_token_f1_counts_repeated_words() -> None:
    # shared: a, b; precision 2/3, recall 2/2
    assert metrics.token_f1("a b", "a a b") == pytest.approx(0.8)


def test_rouge_l_equals_the_library_on_latin_text() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    library = RougeScorer(["rougeL"])
    generator = random.Random(1)
    for _ in range(1000):
        reference, prediction = (
            " ".join(generator.choices(string.ascii_lowercase[:8], k=generator.randint(1, 20))) for _ in "ab"
        )
        expected = library.score(reference, prediction)["rougeL"].fmeasure
        assert metrics.rouge_l(reference, prediction) == pytest.approx(expected, abs=1e-9)


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_metric_stays_between_zero_and_one(reference: Any, prediction: Any) -> None:
    for metric in METRICS:
        assert 0.0 <= metric(reference, prediction) <= 1.0


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers()), min_size=1, max_size=5
    )
)
def test_a_json_answer_equals_itself_whatever_the_order_of_keys(fields: Any) -> None:
    backwards = json.dumps(dict(reversed(list(fields.items()))))
    assert metrics.field_accuracy(json.dumps(fields), backwards) == 1.0
    assert metrics.exact_match(json.dumps(fields), backwards) == 1.0


def test_field_accuracy_is_the_share_of_equal_fields() -> None:
    reference = '{"error_message": "Disk full", "category": "resource_error", "severity": "high"}'
    prediction = '{"category": "resource_error", "severity": "low", "error_message": "Disk  full"}'
    assert metrics.field_accuracy(reference, prediction) == pytest.approx(2 / 3)
    assert metrics.field_matches(reference, prediction) == {
        "error_message": 1.0,
        "category": 1.0,
        "severity": 0.0,
    }


@pytest.mark.parametrize(
    "answer", ['{"a": 1} and more', '{"a": 1', "[1]", "Error: 500", '{"a": NaN}', "{" * 100_000, "null"]
)
def test_what_is_not_one_json_object_has_no_field_right(answer: Any) -> None:
    assert metrics.json_valid("", answer) == 0.0
    assert metrics.field_accuracy('{"a": 1}', answer) == 0.0


def test_a_fenced_object_is_json() -> None:
    assert metrics.field_accuracy('{"a": 1}', '```json\n{"a": 1}\n```') == 1.0


def test_true_and_one_are_different_values() -> None:
    assert metrics.field_accuracy('{"a": 1}', '{"a": true}') == 0.0


def test_a_reference_without_fields_is_refused_with_its_text() -> None:
    with pytest.raises(ValueError, match="not a JSON object with fields: 'plain'"):
        metrics.field_accuracy("plain", "{}")
