"""Real questions answered from passages: serving's prompt, citations that exist, refusals that stay refusals."""

import pytest
from task_materials import PATH_WORDS, TEXT, chunk_of, evidence_stands, passage_of, plain_piece  # type: ignore[import-not-found]

from lorewright.core.records import Example, Rejection
from lorewright.generation.queries import query_request, read_query
from lorewright.llm.asking import Finish
from lorewright.llm.retrieval_template import RETRIEVAL

QUESTION = "how to turn on retries"
CHUNKS = [chunk_of(TEXT), chunk_of("The pool limits how many tasks run.", headings=("Pools",))]
PASSAGES = [passage_of(one) for one in CHUNKS]
PIECES = {one.id: plain_piece(one) for one in CHUNKS}


def read(text: str, *, finish: Finish = "stop", max_chars: int = 2000) -> Example | Rejection:
    return read_query(
        QUESTION,
        PASSAGES,
        text,
        finish=finish,
        origin="a/b",
        max_chars=max_chars,
        piece_of=PIECES.get,
        sample=1,
    )


def test_the_request_is_serving_s_prompt_without_paths() -> None:
    request = query_request(QUESTION, PASSAGES, max_chars=2000)
    assert request.messages[0].content == RETRIEVAL.render(QUESTION, PASSAGES, max_chars=len(QUESTION) + 2000)
    assert request.answer_schema is None
    bare = [one.model_copy(update={"title": "sugarbowl", "headings": ()}) for one in PASSAGES]
    hidden = query_request(QUESTION, bare, max_chars=2000, untitled=lambda _id: True).model_dump_json()
    assert not [word for word in PATH_WORDS if word in hidden]


def test_an_answer_that_cites_becomes_an_example_with_the_cited_chunks() -> None:
    example = read("Set `retries` to a number from 1 to 10 [1].")
    assert isinstance(example, Example)
    assert example.messages[0].content == RETRIEVAL.render(QUESTION, PASSAGES, max_chars=len(QUESTION) + 2000)
    assert [one.chunk_id for one in example.evidence] == [CHUNKS[0].id]
    assert evidence_stands(example, tuple(PIECES.values()))
    assert example.metadata == {
        "question": QUESTION,
        "passages": [one.chunk_id for one in PASSAGES],
        "sample": 1,
    }


def test_a_refusal_becomes_the_template_s_own() -> None:
    example = read("**The documentation does not say.** Sorry!")
    assert isinstance(example, Example)
    assert example.messages[1].content == RETRIEVAL.refusal
    assert example.metadata["refusal"] is True
    assert {piece.chunk_id for piece in example.evidence} == {PASSAGES[0].chunk_id}
    assert evidence_stands(example, tuple(PIECES.values()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Set `retries`.", "cites no passage"),
        ("Set `retries` [3].", "cites passage 3, and 2 are shown"),
        ("Set `retries` [0].", "cites passage 0"),
        ("Set `retries` to 7777 [1].", "do not hold '7777'"),
        ("Set `retries` to 2 [2].", "do not hold '2'"),
        ("I'm sorry, I cannot say [1].", "a refusal"),
        ("Error: overloaded [1]", "an error"),
        ("Set `retries` [1]. <|im_end|>", "marks of a prompt"),
        ("", "no answer"),
    ],
)
def test_an_answer_without_a_sound_citation_is_rejected(text: str, reason: str) -> None:
    record = read(text)
    assert isinstance(record, Rejection)
    assert reason in record.reason
    assert record.name == QUESTION


def test_a_cut_answer_is_rejected() -> None:
    record = read("Set `retries` to a number [1].", finish="length")
    assert isinstance(record, Rejection)
    assert "length" in record.reason


def test_a_passage_that_did_not_fit_cannot_be_cited() -> None:
    record = read("The pool limits how many tasks run [2].", max_chars=500)
    assert isinstance(record, Rejection)
    assert "1 are shown" in record.reason
