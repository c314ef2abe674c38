import json

import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.curation.evidence import bad_evidence
from lorewright.curation.filters import bad_json, bad_length, bad_roles

CHUNK = "Set `retries` on the operator. It defaults to 3 and is counted per task."


def qa(question: str, answer: str, quote: str = CHUNK, start: int = 0) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(Evidence(chunk_id="c1", start=start, end=start + len(quote), quote=quote),),
        origin="extractive",
    )


def log(prompt: str, answer: str) -> Example:
    return make_example(
        task="log_analysis",
        messages=(
            Message(role="system", content="Answer with JSON."),
            Message(role="user", content=prompt),
            Message(role="assistant", content=answer),
        ),
        evidence=(Evidence(chunk_id="c1", start=0, end=3, quote=CHUNK[:3]),),
        origin="import",
    )


def turns(*roles: str) -> Example:
    messages = tuple(Message.model_validate({"role": role, "content": "text"}) for role in roles)
    return make_example(task="qa", messages=messages, evidence=(), origin="import")


@pytest.mark.parametrize(
    "roles",
    [("user", "assistant"), ("system", "user", "assistant"), ("user", "assistant", "user", "assistant")],
)
def test_conversations_that_end_with_an_answer_pass(roles: tuple[str, ...]) -> None:
    assert bad_roles(turns(*roles)) is None


@pytest.mark.parametrize(
    "roles",
    [
        (),
        ("system",),
        ("assistant",),
        ("user",),
        ("user", "user", "assistant"),
        ("user", "system", "assistant"),
    ],
)
def test_conversations_in_another_order_are_rejected_by_their_roles(roles: tuple[str, ...]) -> None:
    reason = bad_roles(turns(*roles))
    assert reason is not None
    assert (", ".join(roles) or "missing") in reason


def test_an_empty_turn_is_rejected_by_its_role() -> None:
    assert bad_roles(qa("How?", " \n")) == "the assistant's turn is empty"


def test_structured_answers_must_be_objects_of_texts() -> None:
    assert bad_json(log("x", json.dumps({"category": "unknown"}))) is None
    assert "no JSON object" in str(bad_json(log("x", '{"category": "unknown"')))
    assert "no JSON object" in str(bad_json(log("x", "[1]")))
    assert "'category'" in str(bad_json(log("x", json.dumps({"category": " "}))))
    assert "'severity'" in str(bad_json(log("x", json.dumps({"category": "a", "severity": None}))))
    assert "no fields" in str(bad_json(log("x", "{}")))


def test_prose_answers_need_not_be_json() -> None:
    assert bad_json(qa("How?", "By hand.")) is None


def test_lengths_name_the_value_and_the_limit() -> None:
    limits = {"max_answer_chars": 10, "min_answer_chars": 3, "max_prompt_chars": 5}
    assert bad_length(qa("How?", "By hand."), **limits) is None
    assert bad_length(qa("How?", "By"), **limits) == "the answer has 2 characters, fewer than 3"
    assert bad_length(qa("How?", "x" * 11), **limits) == "the answer has 11 characters, more than 10"
    assert bad_length(qa("How so?", "By hand."), **limits) == "the prompt has 7 characters, more than 5"


def test_an_error_message_must_stand_in_the_prompt() -> None:
    answer = json.dumps({"error_message": "disk  full"})
    assert bad_evidence(log("12:00 disk full\n", answer), chunk_texts={"c1": CHUNK}) is None
    assert "'disk full'" in str(bad_evidence(log("12:00 disk fine", answer), chunk_texts={"c1": CHUNK}))
