import json
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, EvaluationError
from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Prediction
from lorewright.evaluation.failures import failed, failure_counts
from lorewright.evaluation.metrics import METRICS, load_metric, metrics_for
from lorewright.evaluation.scoring import corpus_figures, score
from lorewright.evaluation.text_metrics import corpus_bleu, corpus_chrf


def asked(question: str, answer: str, quote: str = "") -> Example:
    evidence = (Evidence(chunk_id="c", start=0, end=len(quote), quote=quote),) if quote else ()
    return make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=evidence,
        origin="extractive",
    )


TEXT = asked("How often is a task retried?", "A failed task is retried three times.")
LOG = asked("a log", json.dumps({"category": "timeout", "severity": "high"}))


def said(example: Example, text: str, system: str = "tuned", **fields: Any) -> Prediction:
    return Prediction(example_id=example.id, system=system, text=text, **fields)


def test_every_applying_metric_is_named_the_deciding_one_first() -> None:
    assert metrics_for([TEXT]) == (
        "token_f1",
        "rouge_l",
        "exact_match",
        "rouge_1",
        "rouge_2",
        "bleu",
        "chrf",
    )
    assert metrics_for([LOG]) == ("field_accuracy", "json_valid", "exact_match")
    assert set(metrics_for([TEXT, LOG])) == {*metrics_for([TEXT]), *metrics_for([LOG])}
    assert metrics_for([LOG], also=["house_rule"])[-1] == "house_rule"
    assert metrics_for([]) == ()


def test_all_metrics_of_a_right_answer_are_one() -> None:
    predictions = [said(TEXT, TEXT.messages[-1].content), said(LOG, LOG.messages[-1].content)]
    scores = list(score([TEXT, LOG], predictions, metrics=metrics_for([TEXT, LOG])))
    assert {(one.example_id, one.metric): one.value for one in scores} == {
        **{(TEXT.id, name): pytest.approx(1.0) for name in metrics_for([TEXT])},
        **{(LOG.id, name): 1.0 for name in (*metrics_for([LOG]), "field:category", "field:severity")},
    }
    assert {one.explanation for one in scores} == {""}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"error": "HTTP 500"}, "failed: HTTP 500"),
        ({"finish": "length"}, "cut at the limit of length"),
        ({"finish": "other"}, "broken off before its end"),
        ({"text": " \n"}, "empty answer"),
        (
            {"text": "Error: rate limit exceeded"},
            "an error in place of an answer: 'Error: rate limit exceeded'",
        ),
        ({"text": "Ошибка: нет соединения"}, "an error in place of an answer: 'Ошибка: нет соединения'"),
        ({"text": "错误：连接超时"}, "an error in place of an answer: '错误：连接超时'"),
    ],
)
@pytest.mark.parametrize("example", [TEXT, LOG], ids=["text", "structured"])
def test_a_failure_scores_zero_in_every_metric_and_says_which(
    example: Example, fields: dict[str, Any], why: str
) -> None:
    prediction = said(example, **{"text": example.messages[-1].content, **fields})
    scores = list(score([example], [prediction], metrics=metrics_for([example])))
    assert {one.metric for one in scores} >= set(metrics_for([example]))
    assert {one.value for one in scores} == {0.0}
    assert {one.explanation for one in scores} == {why}
    assert failure_counts([example], [prediction, said(example, example.messages[-1].content, "base")]) == {
        "tuned": 1,
        "base": 0,
    }


def test_an_error_that_is_the_answer_is_one() -> None:
    example = asked("What is printed when the disk is full?", "Error: no space left on device")
    assert failed(example, said(example, "Error: no space left on device, it says")) == ""
    quoted = asked("What is printed?", "A message.", quote="It prints Error: no space left on device.")
    assert failed(quoted, said(quoted, "Error: no space left on device")) == ""


def test_an_error_that_a_shown_passage_speaks_of_is_no_failure() -> None:
    prediction = said(TEXT, "Error: pool is full", "retrieval", passages=("c1",))
    assert failed(TEXT, prediction) == ""
    assert failed(TEXT, prediction, {TEXT.id: ["You may see Error: pool is full."]}) == ""
    assert failed(TEXT, prediction, {TEXT.id: ["Tasks are retried."]}) != ""


def test_a_log_answer_about_an_error_is_no_failure() -> None:
    assert failed(LOG, said(LOG, '{"error": "disk full", "category": "timeout"}')) == ""


def test_a_corpus_figure_is_of_all_answers_and_a_failure_is_an_empty_one() -> None:
    other = asked("And then?", "It is marked as failed.")
    predictions = [said(TEXT, "A task is retried three times."), said(other, "It is marked", finish="length")]
    predictions += [said(LOG, "{}"), said(TEXT, "Three times.", "base"), said(other, "It failed.", "base")]
    references = [TEXT.messages[-1].content, other.messages[-1].content]
    answers = {"tuned": ["A task is retried three times.", ""], "base": ["Three times.", "It failed."]}
    assert corpus_figures([TEXT, other, LOG], predictions) == {
        system: {"bleu": corpus_bleu(references, texts), "chrf": corpus_chrf(references, texts)}
        for system, texts in answers.items()
    }


@pytest.fixture
def plug_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution that offers one good metric and broken ones."""
    (tmp_path / "house_rules.py").write_text(
        "def polite(reference, prediction): return prediction.startswith('Please')\n"
        "def high(reference, prediction): return 3.5\n"
        "def lost(reference, prediction): return float('nan')\n"
        "def silent(reference, prediction): return None\n"
        "def cracked(reference, prediction): return len(reference) / 0\n"
        "constant = 1\n"
    )
    info = tmp_path / "house_rules-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 2.1\n")
    names = ("polite", "high", "lost", "silent", "cracked", "constant", "gone", "bleu")
    lines = [f"{name} = house_rules:{name}" for name in names]
    (info / "entry_points.txt").write_text("\n".join(["[lorewright.metrics]", *lines, ""]))
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_metric_of_another_package_scores_answers_of_every_kind(plug_ins: None) -> None:
    predictions = [said(TEXT, "Please wait."), said(LOG, "{}")]
    scores = list(score([TEXT, LOG], predictions, metrics=["polite"]))
    assert [(one.example_id, one.metric, one.value) for one in scores] == [
        (TEXT.id, "polite", 1.0),
        (LOG.id, "polite", 0.0),
    ]
    assert METRICS.origins(["polite", "bleu"]) == ["polite house-rules 2.1"]


def test_a_metric_of_another_package_is_not_asked_about_a_failure(plug_ins: None) -> None:
    scores = list(score([TEXT], [said(TEXT, "Please", finish="length")], metrics=["polite", "cracked"]))
    assert [one.value for one in scores] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("high", "the metric 'high' returned 3.5 for the answer 'Three.'; it must be from 0 to 1"),
        ("lost", "the metric 'lost' returned nan"),
        ("silent", "the metric 'silent' returned None"),
        (
            "cracked",
            "the metric 'cracked' failed on the answer 'Three.': ZeroDivisionError: division by zero",
        ),
        (
            "constant",
            "the metric 'constant' failed on the answer 'Three.': TypeError: 'int' object is not callable",
        ),
    ],
)
def test_a_broken_metric_is_told_with_its_name_and_the_answer(plug_ins: None, name: str, words: str) -> None:
    with pytest.raises(EvaluationError) as told:
        list(score([TEXT], [said(TEXT, "Three.")], metrics=[name]))
    assert words in str(told.value)
    assert "evaluation.metrics" in told.value.hint


def test_a_metric_that_is_not_there_is_told_before_anything_is_scored(plug_ins: None) -> None:
    with pytest.raises(ConfigError, match="'gone'"):
        load_metric("gone")
    with pytest.raises(ConfigError, match=r"There is no metric named 'token_f2'\.") as told:
        list(score([TEXT], [], metrics=["token_f2"]))
    assert "token_f1" in told.value.hint
