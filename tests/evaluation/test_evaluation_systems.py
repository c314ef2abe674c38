import json
from collections.abc import Sequence

import pytest

from lorewright.core.errors import EvaluationError
from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Passage, Place, Prediction
from lorewright.evaluation.baselines import majority, nearest_neighbour
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.scoring import nll_scores, score
from lorewright.evaluation.systems import (
    Found,
    computed,
    conversation,
    model_of,
    models_of,
    uses_passages,
)


def example(question: str, answer: str, *, task: str = "qa", system: str = "") -> Example:
    before = (Message(role="system", content=system),) if system else ()
    return make_example(
        task=task,
        messages=(*before, Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(),
        origin="extractive",
    )


def log(text: str, **fields: str) -> Example:
    return example(text, json.dumps(fields), task="log_analysis", system="Answer with JSON.")


def passage(text: str, score: float) -> Passage:
    return Passage(
        chunk_id=f"chunk-{text[:4]}",
        document_id="d",
        text=text,
        score=score,
        source="docs",
        path="a.md",
        kind="markdown",
        title="A",
        place=Place(unit="line", first=1, last=2),
        start=0,
        end=len(text),
    )


QUESTIONS = [example("How to retry?", "Set retries."), example("How to stop?", "Press q.")]


def shown(question: str, passages: Sequence[Passage]) -> str:
    return f"{passages[0].text} {question}" if passages else f"[{question}]"


@pytest.mark.parametrize(
    ("system", "model", "needs_passages"),
    [
        ("base", "base", False),
        ("tuned+rag", "tuned", True),
        ("retrieval", "", True),
        ("majority", "", False),
        ("office/qwen3:8b", "office/qwen3:8b", False),
        ("own/models/pumps/production+rag", "own/models/pumps/production", True),
    ],
)
def test_a_name_says_who_answers_and_from_what(system: str, model: str, needs_passages: bool) -> None:
    assert (model_of(system), uses_passages(system)) == (model, needs_passages)


def test_a_model_of_several_systems_is_one() -> None:
    systems = ("base", "tuned", "base+rag", "retrieval", "a/b+rag", "a/b", "pattern")
    assert models_of(systems) == ("base", "tuned", "a/b")


def test_a_model_never_sees_the_reference() -> None:
    turns = [turn.content for one in QUESTIONS for turn in conversation(one, None, with_passages=shown)]
    assert turns == ["How to retry?", "How to stop?"]


def test_instructions_and_earlier_turns_stay_before_a_prompt_with_passages() -> None:
    found = Found((passage("Second best.", 1.0),), 0.0)
    turns = conversation(log("boom", category="x"), found, with_passages=shown)
    assert [(turn.role, turn.content) for turn in turns] == [
        ("system", "Answer with JSON."),
        ("user", "Second best. boom"),
    ]


def test_a_question_without_passages_is_shown_as_one_with_none() -> None:
    (turn,) = conversation(QUESTIONS[0], Found((), 0.0), with_passages=shown)
    assert turn.content == "[How to retry?]"


def test_what_asks_no_model_answers_from_its_passages_and_its_time_has_that_of_finding_them() -> None:
    found = {QUESTIONS[0].id: Found((passage("Retries are set.", 2.0),), 0.5)}
    times = iter([1.0, 3.0])
    (answer,) = computed(
        "retrieval",
        QUESTIONS[:1],
        lambda example, passages: f"{example.prompt} {passages[0].text}",
        found=found,
        clock=lambda: next(times),
    )
    assert (answer.text, answer.passages) == ("How to retry? Retries are set.", ("chunk-Retr",))
    assert answer.latency_s == 2.5


def test_retrieval_without_an_index_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="retrieval answers from an index, and there is none"):
        list(computed("retrieval", QUESTIONS, lambda *_: "", found={}, clock=lambda: 0.0))


def test_majority_takes_the_commonest_value_of_each_field() -> None:
    train = [
        log("a", category="x", severity="low"),
        log("b", category="y", severity="low"),
        log("c", category="y", severity="high"),
    ]
    assert json.loads(majority(train)) == {"category": "y", "severity": "low"}


def test_majority_of_text_answers_and_of_nothing() -> None:
    assert majority([example("a", "Yes."), example("b", "No."), example("c", "No.")]) == "No."
    assert majority([]) == ""


def test_the_nearest_neighbour_is_found_by_rare_words_and_ties_go_to_the_first() -> None:
    train = [
        log("ERROR task failed disk full", category="disk"),
        log("ERROR task failed access denied", category="access"),
        log("ERROR task failed access denied", category="twin"),
    ]
    answer = nearest_neighbour(train)
    assert json.loads(answer(log("ERROR task failed: denied", category="?"))) == {"category": "access"}
    assert answer(log("nothing in common", category="?")) == ""


def test_instructions_do_not_count_as_prompt() -> None:
    assert log("boom", category="x").prompt == "boom"


def test_scores_of_text_and_structured_answers() -> None:
    text, structured = QUESTIONS[0], log("boom", category="x", severity="low")
    scores = score(
        [text, structured],
        [
            Prediction(example_id=text.id, system="base", text="Set retries."),
            Prediction(example_id=structured.id, system="base", text='{"category": "x"}'),
        ],
    )
    values = {(s.example_id == text.id, s.metric): s.value for s in scores}
    assert values[True, "token_f1"] == 1.0
    assert values[False, "field_accuracy"] == 0.5
    assert values[False, "field:category"] == 1.0
    assert values[False, "field:severity"] == 0.0
    assert values[False, "json_valid"] == 1.0
    assert (False, "token_f1") not in values


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (" ", "empty answer"),
        ("Error: 500", "an error in place of an answer: 'Error: 500'"),
        ("It boomed.", "not one JSON object"),
    ],
)
def test_a_failed_answer_scores_zero_and_says_why(answer: str, why: str) -> None:
    structured = log("boom", category="x")
    scores = list(score([structured], [Prediction(example_id=structured.id, system="base", text=answer)]))
    assert {s.value for s in scores} == {0.0}
    assert {s.explanation for s in scores} == {why}


def test_a_prediction_of_another_test_set_is_refused() -> None:
    with pytest.raises(EvaluationError, match="answers elsewhere, which is not in the test set"):
        list(score(QUESTIONS, [Prediction(example_id="elsewhere", system="base", text="x")]))


def test_likelihoods_become_nats_a_token() -> None:
    scores = list(nll_scores(QUESTIONS, system="base", likelihoods=[(6.0, 3), (0.0, 0)]))
    assert [(s.metric, s.value, s.explanation) for s in scores] == [("answer_nll", 2.0, "3 tokens")]


def test_the_headline_metric_follows_the_references() -> None:
    assert headline_metric(QUESTIONS) == "token_f1"
    assert headline_metric([log("boom", category="x")]) == "field_accuracy"
    assert headline_metric([*QUESTIONS, log("boom", category="x")]) == "token_f1"
