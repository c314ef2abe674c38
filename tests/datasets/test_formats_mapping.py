"""Columns of foreign files: found by themselves, or named with how to say which they are."""

import json
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, DatasetError
from lorewright.core.records import Example
from lorewright.datasets.foreign_rows import example_of, plain
from lorewright.datasets.formats.turns import TurnError
from lorewright.datasets.mapping import find_columns

Q, A = "How do pumps start?", "By the lever."
PAIR = [("user", Q), ("assistant", A)]
USER, ANSWER = {"role": "user", "content": Q}, {"role": "assistant", "content": A}


def read(*rows: dict[str, Any], **given: str) -> list[Example]:
    columns = find_columns(rows, given)
    return [example_of(row, columns, task="qa") for row in rows]


def said(example: Example) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in example.messages]


@pytest.mark.parametrize(
    "row",
    [
        {"question": Q, "answer": A},
        {"Question": Q, "ANSWER ": A},
        {"prompt": Q, "completion": A},
        {"prompt": [USER], "completion": [ANSWER]},
        {"instruction": Q, "input": "", "output": A},
        {"instruction": Q, "input": None, "output": A},
        {"instruction": Q, "response": A, "category": "open_qa"},
        {"input": Q, "output": A},
        {"query": Q, "response": A},
        {"Frage": Q, "Antwort": A},
        {"q": Q, "a": A},
        {"User Prompt": Q, "assistant": A},
        {"messages": [USER, ANSWER]},
        {"messages": json.dumps([USER, ANSWER])},
        {"messages": [USER, {"role": "assistant", "content": [{"type": "text", "text": A}]}]},
        {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]},
        {"conversations": [{"from": "human", "value": Q, "role": None}, {"from": "gpt", "value": A}]},
        {"conversation": [USER, ANSWER], "prompt": Q},
        {"chosen": A, "rejected": "By hand.", "prompt": Q},
        {"chosen": [ANSWER], "rejected": [{"role": "assistant", "content": "x"}], "prompt": [USER]},
        {"chosen": [USER, ANSWER], "rejected": [USER, {"role": "assistant", "content": "x"}]},
        {"chosen": [USER, ANSWER], "rejected": [USER, {"role": "assistant", "content": "x"}], "prompt": Q},
    ],
)
def test_usual_layouts_are_understood_by_themselves(row: dict[str, Any]) -> None:
    (example,) = read(row)
    assert said(example) == PAIR
    assert example.origin == "import"


def test_an_input_follows_its_instruction_and_a_system_column_goes_first() -> None:
    (one,) = read({"instruction": "Translate.", "input": "Pumpe", "output": "pump", "system": "Be brief."})
    assert said(one) == [
        ("system", "Be brief."),
        ("user", "Translate.\n\nPumpe"),
        ("assistant", "pump"),
    ]


def test_what_was_rejected_is_the_replaced_answer() -> None:
    (one,) = read({"prompt": Q, "chosen": A, "rejected": "By hand."})
    assert one.metadata["replaced_answer"] == "By hand."


def test_other_columns_become_metadata_and_empty_ones_nothing() -> None:
    (one,) = read(
        {
            "question": Q,
            "answer": A,
            "id": 7,
            "topic": "start",
            "note": "",
            "task": "faq",
            "score": float("nan"),
        }
    )
    assert one.task == "faq"
    assert one.metadata == {"id": 7, "topic": "start", "score": None}


def test_metadata_of_any_kind_is_kept() -> None:
    row = {"question": Q, "answer": A}
    assert read({**row, "metadata": {"a": 1}})[0].metadata == {"a": 1}
    assert read({**row, "metadata": '{"a": 1}'})[0].metadata == {"a": 1}
    assert read({**row, "metadata": "free words"})[0].metadata == {"metadata": "free words"}


def test_what_a_person_says_goes_before_what_is_found() -> None:
    row = {"question": "short title", "details": Q, "answer": A, "messages": [USER]}
    (one,) = read(row, question="details", answer="answer")
    assert said(one) == PAIR
    assert one.metadata["question"] == "short title"


@pytest.mark.parametrize(
    ("row", "said_of_it", "hint"),
    [
        (
            {"Spalte A": Q, "Spalte B": A + " Then wait."},
            "the question or the answer: not placed: 'Spalte A' (How do pumps start?), 'Spalte B'",
            "--map question='Spalte A' --map answer='Spalte B'",
        ),
        (
            {"question": Q, "wert": A},
            "the answer: 'question' holds the question; not placed: 'wert'",
            "--map answer=wert",
        ),
        ({"text": "A long text."}, "No column is known to hold the question or the answer", "[[sources]]"),
        ({"chosen": A, "prompt": Q, "worse": "x"}, "hold the rejected", "--map rejected=worse"),
        (
            {"Zeile 1": "Sure, it is the red one.", "Z2": "Which of all the levers is it, in the end?"},
            "the question or the answer",
            "--map question=Z2 --map answer='Zeile 1'",
        ),
        (
            {"question": Q, "answer": ""},
            "'question' holds the question; 'answer' empty; not placed: none",
            "",
        ),
        ({"question": "", "answer": None}, "no row with anything in it", "check"),
    ],
)
def test_a_column_that_cannot_be_placed_is_named_with_what_to_type(
    row: dict[str, Any], said_of_it: str, hint: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        find_columns([row], {})
    assert said_of_it in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"question": "Fräge"}, "did you mean 'Frage'?"),
        ({"question": "zzz"}, "there are: 'Frage', 'Antwort'"),
        ({"frage": "Frage"}, "--map takes messages, question, answer"),
    ],
)
def test_a_column_that_a_person_mistypes_is_named(given: dict[str, str], hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_columns([{"Frage": Q, "Antwort": A}], given)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": None, "answer": A}, "its question (column 'question') is None, no text"),
        ({"question": Q, "answer": [A]}, "the turn 'By the lever.' is no object"),
        ({"question": Q, "answer": {"text": A}}, "no text"),
        ({"question": Q, "answer": True}, "is True, no text"),
    ],
)
def test_a_row_that_is_no_conversation_says_why(row: dict[str, Any], reason: str) -> None:
    columns = find_columns([{"question": Q, "answer": A}], {})
    with pytest.raises(TurnError) as caught:
        example_of(row, columns, task="qa")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "None is no list of turns"),
        ([], "[] is no list of turns"),
        ("words", "'words' is no list of turns"),
        ([{"role": "tool", "content": "x"}], "a turn is of 'tool'"),
        ([{"role": "assistant", "content": "", "tool_calls": [{"id": 1}]}], "has tool_calls, for which"),
        ([{"role": "user", "content": None}], "the user's turn is None, no text"),
        (["words"], "the turn 'words' is no object"),
    ],
)
def test_a_conversation_that_is_none_says_why(value: Any, reason: str) -> None:
    columns = find_columns([{"messages": [USER, ANSWER]}], {})
    with pytest.raises(TurnError) as caught:
        example_of({"messages": value}, columns, task="qa")
    assert reason in str(caught.value)


def test_numbers_are_texts_and_values_of_tables_are_json() -> None:
    import datetime

    assert said(read({"question": "1+1", "answer": 2})[0])[-1] == ("assistant", "2")
    value = {"at": datetime.date(2026, 1, 2), "raw": b"\xff", "deep": [(1, float("inf"))]}
    assert json.dumps(plain(value)) == '{"at": "2026-01-02", "raw": "\\ufffd", "deep": [[1, null]]}'
