import json
from typing import Any

import pytest

from lorewright.core.errors import EvaluationError
from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Passage, Place, Prediction
from lorewright.evaluation.baselines import best_passage, majority, nearest_neighbour
from lorewright.evaluation.scoring import headline_metric, nll_scores, score
from lorewright.evaluation.systems import predict


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


def run(examples: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "systems": ["base"],
        "models": {"base": lambda conversations, max_new_tokens: [c[-1].content for c in conversations]},
        "baselines": {},
        "max_new_tokens": 8,
    }
    return list(predict(examples, **(arguments | changes)))


QUESTIONS = [example("How to retry?", "Set retries."), example("How to stop?", "Press q.")]


def test_a_model_never_sees_the_reference() -> None:
    seen = []

    def ask(conversations: Any, max_new_tokens: Any) -> Any:
        seen.extend(conversations)
        return ["?"] * len(conversations)

    run(QUESTIONS, models={"base": ask})
    assert [turn.content for turns in seen for turn in turns] == ["How to retry?", "How to stop?"]


def test_retrieval_is_asked_once_a_question_and_shown_before_it() -> None:
    asked = []

    def retrieve(question: Any) -> Any:
        asked.append(question)
        return [passage("Second best.", 1.0), passage("Retries are set.", 2.0)]

    predictions = run(
        QUESTIONS,
        systems=["base", "base+rag", "retrieval"],
        retrieve=retrieve,
        with_passages=lambda question, passages: f"{passages[0].text} {question}",
    )
    assert asked == ["How to retry?", "How to stop?"]
    by_system = {p.system: p for p in predictions if p.example_id == QUESTIONS[0].id}
    assert by_system["base"].passages == ()
    assert by_system["base+rag"].text == "Second best. How to retry?"
    assert by_system["base+rag"].passages == ("chunk-Seco", "chunk-Retr")
    assert by_system["retrieval"].text == "Retries are set."


def test_instructions_stay_before_a_prompt_with_passages() -> None:
    shown = []

    def ask(conversations: Any, max_new_tokens: Any) -> Any:
        shown.extend(conversations)
        return [""]

    run(
        [log("boom", category="x")],
        systems=["m+rag"],
        models={"m": ask},
        retrieve=lambda question: [],
        with_passages=lambda question, passages: f"[{question}]",
    )
    assert [(turn.role, turn.content) for turn in shown[0]] == [
        ("system", "Answer with JSON."),
        ("user", "[boom]"),
    ]


def test_latency_is_recorded_only_with_a_clock() -> None:
    times = iter([0.0, 3.0])
    assert [p.latency_s for p in run(QUESTIONS, clock=lambda: next(times))] == [1.5, 1.5]
    assert [p.latency_s for p in run(QUESTIONS)] == [None, None]


def test_progress_counts_every_answer() -> None:
    counts: list[int] = []
    run(QUESTIONS, systems=["base", "majority"], baselines={"majority": lambda e: "x"}, tick=counts.append)
    assert sum(counts) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"systems": ["bsae"]}, r"no system 'bsae'; known here: base, base\+rag, retrieval"),
        ({"systems": ["retrieval"]}, "there is no index"),
        ({"systems": ["base+rag"]}, r"no system 'base\+rag'"),
        ({"models": {"base": lambda conversations, max_new_tokens: ["one"]}}, "1 answers to 2 questions"),
    ],
)
def test_what_cannot_be_asked_is_an_error_with_its_name(changes: Any, message: Any) -> None:
    with pytest.raises(EvaluationError, match=message):
        run(QUESTIONS, **changes)


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


def test_instructions_do_not_count_as_prompt_and_no_passage_is_no_answer() -> None:
    assert log("boom", category="x").prompt == "boom"
    assert best_passage("?", []) == ""


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


@pytest.mark.parametrize(("answer", "why"), [(" ", "empty answer"), ("Error: 500", "not one JSON object")])
def test_a_failed_answer_scores_zero_and_says_why(answer: Any, why: Any) -> None:
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
