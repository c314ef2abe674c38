"""Broken answers, errors, leftovers of prompts, and refusals in place of an answer."""

import pytest
from filtered import QUESTION, answered, example, objection, talk  # type: ignore[import-not-found]

BROKEN = [
    "Set it:\n```toml\nattempts = 5",
    "Set `retry.delay to 30 seconds.",
    "It is tried again.}",
    "It is tried again.]}",
    "It is tried again (after 30 seconds.",
    "```python\nworker.run(\n```",
    "It is tried again until the",
    "It is tried again after 30 seconds, and",
    "<|im_start|>It is tried again.",
    "It is tried again.<|eot_id|>",
    "[INST] It is tried again. [/INST]",
    "### Response:\nIt is tried again.",
    "### Instruction\nIt is tried again.",
    "It is tried after {{ delay }}.",
    "It is tried after {delay}.",
    "{% if retries %}It is tried again.",
    "Answer: It is tried again.",
    "**Answer:** It is tried again.",
    "A: It is tried again.",
    "Question: How?\nAnswer: It is tried again.",
    "Sure! Here is the answer: it is tried again.",
    "It is tried again.\nUser: Thanks!",
    "It is tried again. [INSERT EXAMPLE HERE]",
    "It is tried again. TODO: say when.",
    '{"question": "How?", "answer": "It is tried again."}',
    "N/A",
    "None",
    "Error: connection refused",
    "Traceback (most recent call last):\n  File",
    "HTTP 503 Service Unavailable",
    "openai.RateLimitError: Error code: 429",
    '{"error": {"message": "overloaded"}}',
    "The request timed out after 60 seconds.",
    "CUDA out of memory",
    "Antwort: Er wird wiederholt.",
    "回答：会重试。",
]
WHOLE = [
    "It is tried again after `retry.delay` (30 seconds).",
    "Set it:\n```toml\nattempts = 5\n```",
    "```jinja\n{{ run.date }}\n```",
    "Use `{{ run.date }}` in it.",
    "a) It waits. b) It is tried again.",
    "1) It waits.\n2) It is tried again.",
    "Any number of the interval [0, 1).",
    "`{` opens a table and `}` closes it.",
    "`ValueError` is raised, and errors are logged.",
    "It returns `[]`.",
    "- `--fast`\n- `--safe`",
    "Yes: it is tried again.",
    "It is tried again :-)",
    '`{"a": [1, 2]}` is such a message.',
]


@pytest.mark.parametrize("answer", BROKEN)
def test_what_is_broken_or_left_over_is_told(answer: str) -> None:
    assert answered("form", answer)


@pytest.mark.parametrize("answer", WHOLE)
def test_whole_answers_pass(answer: str) -> None:
    assert answered("form", answer) == ""


def test_what_the_passage_itself_has_is_content() -> None:
    passage = "Error: disk full is written when the volume (see below has no room. Fill in {name} and TODO."
    for answer in (
        "Error: disk full is written.",
        "Fill in {name}.",
        "It is written when the volume (see below has no room.",
    ):
        assert answered("form", answer, "What does Acme write?", passage) == "", answer


@pytest.mark.parametrize("task", ["summary", "code_documentation", "code_explanation", "qa"])
def test_answers_that_go_round_are_rejected_and_sources_that_do_are_not(task: str) -> None:
    said = "It is tried again after the wait of the wait of the wait of the wait of the wait."
    one = example("What does Acme Queue do?", said, task=task)
    assert "a loop: 'the wait of' 4 times" in objection("form", one)
    assert objection("form", one, passage=f"Some say: {said}") == ""


def test_each_turn_of_a_conversation_is_looked_at() -> None:
    turns = (
        ("How does Acme retry?", "It waits (30 seconds."),
        ("And then?", "It goes to the dead-letter queue."),
    )
    assert "unclosed '('" in objection("form", talk(*turns))


def test_questions_may_have_no_leftovers_either() -> None:
    for asked in ("Q: How does Acme retry? A:", "How does {{ product }} retry?", "###"):
        assert objection("form", example(asked)), asked


def test_a_task_of_ones_own_may_answer_with_a_label_or_with_data() -> None:
    for said in ("none", "unknown", '{"answer": "billing"}', "[1, 2]"):
        assert objection("form", example("Which team is this ticket for?", said, task="triage")) == "", said


def test_structured_answers_are_not_prose() -> None:
    log = example("disk full (", '{"error_message": "disk full ("}', task="log_analysis")
    assert objection("form", log) == ""


DECLINING = [
    "I'm sorry, but I can't help with that.",
    "I don't have enough information.",
    "The documentation does not say.",
    "The provided context doesn't mention it.",
    "As an AI language model, I cannot access it.",
    "There is no information about this in the text.",
    "This cannot be determined.",
    "It is not specified whether it is tried again.",
    "Unfortunately, no details are given on this.",
    "Based on the passage alone, it is impossible to say.",
    "I would need more context to answer.",
    "My knowledge does not cover retries.",
    "Please consult the official documentation.",
    "I couldn't find anything on retries.",
    "Not mentioned in the text.",
    "No idea, sorry.",
    "Leider enthält der Text dazu keine Angaben.",
    "Das kann ich nicht beantworten.",
    "Je ne peux pas répondre à cette question.",
    "К сожалению, я не могу ответить.",
    "抱歉，文档中没有提到这一点。",
]
ANSWERING = [
    "No, there is no limit.",
    "It cannot be switched off.",
    "The server does not provide a default; 5 attempts are made and the dead-letter queue keeps it.",
    "It is not supported.",
    "I'm afraid that is not possible: it goes to the dead-letter queue.",
    "If no delay is specified, it is 30 seconds.",
]


@pytest.mark.parametrize("answer", DECLINING)
def test_a_refusal_where_none_is_due_is_told(answer: str) -> None:
    assert answered("refusal", answer).startswith("the answer declines")


@pytest.mark.parametrize("answer", ANSWERING)
def test_answers_that_deny_something_do_not_refuse(answer: str) -> None:
    assert answered("refusal", answer) == ""


def test_what_the_evidence_itself_does_not_know_is_no_refusal() -> None:
    quote = "The order of the results is not specified."
    assert (
        answered(
            "refusal",
            "Their order is not specified.",
            "What order do results of Acme have?",
            f"{quote} It\nis random.",
        )
        == ""
    )


def test_a_refusal_that_is_meant_passes() -> None:
    assert (
        objection(
            "refusal", example(QUESTION, "The documentation does not say.", task="refusal", refusal=True)
        )
        == ""
    )
