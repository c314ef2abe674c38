"""Questions with passages: the proof among distractors or left out, rendered as serving renders, and cited."""

import re
from collections.abc import Sequence

import pytest
from task_materials import TEXT, chunk_of, passage_of  # type: ignore[import-not-found]

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Passage, Rejection
from lorewright.generation.grounded import ground, shows, supports
from lorewright.llm.citing import is_refusal, marks
from lorewright.llm.retrieval_template import RETRIEVAL

QUOTE = "Set `retries` to a number from 1 to 10 to turn them on."
ANSWER = "Set `retries` to a number from 1 to 10."
OTHERS = [
    passage_of(chunk_of(text, headings=(text.split()[1],))).model_copy(update={"document_id": f"d{text[4]}"})
    for text in (
        "The pool limits how many tasks run side by side on a worker.",
        "The executor hands tasks to workers and reports their state.",
        "The calendar says when the next run of a plan is due.",
        "The web page lists all plans and their owners.",
    )
]
GOLD = passage_of(chunk_of(TEXT))
KNOWN = {one.chunk_id: one for one in [GOLD, *OTHERS]}


def qa(number: int = 0, *, answer: str = ANSWER, quote: str = QUOTE) -> Example:
    start = GOLD.text.index(quote)
    return make_example(
        task="qa",
        messages=(
            Message(role="user", content=f"How do I turn on retries in queue {number}?"),
            Message(role="assistant", content=answer),
        ),
        evidence=(Evidence(chunk_id=GOLD.chunk_id, start=start, end=start + len(quote), quote=quote),),
        origin="a/b",
        metadata={"document_id": "d1", "heading": "Retries"},
    )


def grounded(
    examples: Sequence[Example],
    found: Sequence[Passage] = (GOLD, *OTHERS),
    *,
    share: float = 0.0,
    seed: int = 0,
    max_chars: int = 3000,
    passages: int = 3,
) -> list[Example | Rejection]:
    return list(
        ground(
            examples,
            lambda _question: found,
            KNOWN.get,
            passages=passages,
            max_chars=max_chars,
            unanswerable_share=share,
            seed=seed,
        )
    )


def only(records: Sequence[Example | Rejection]) -> Example:
    (record,) = records
    assert isinstance(record, Example), record
    return record


def shown_gold(example: Example) -> list[int]:
    blocks = re.findall(r"^\[(\d+)\]\n<passage>\n(.*?)\n</passage>", example.messages[0].content, re.M | re.S)
    return [int(number) for number, text in blocks if QUOTE in text]


def test_the_answer_cites_the_passage_that_proves_it() -> None:
    example = only(grounded([qa()]))
    (number,) = shown_gold(example)
    assert example.messages[1].content == f"{ANSWER} [{number}]"
    assert example.task == "grounded_qa"
    assert example.evidence == qa().evidence
    assert example.metadata["question"] == example.prompt == "How do I turn on retries in queue 0?"
    assert example.metadata["of"] == qa().id
    assert len(example.metadata["passages"]) == 3
    assert "refusal" not in example.metadata


def test_the_prompt_is_serving_s_own() -> None:
    example = only(grounded([qa()]))
    shown = [KNOWN[one] for one in example.metadata["passages"]]
    question = example.metadata["question"]
    assert example.messages[0].content == RETRIEVAL.render(question, shown, max_chars=len(question) + 3000)


def test_the_proof_stands_at_every_place_over_many_questions() -> None:
    places = [shown_gold(only(grounded([qa(number)])))[0] for number in range(60)]
    assert {places.count(place) > 8 for place in (1, 2, 3)} == {True}


def test_the_proof_is_shown_where_retrieval_missed_it() -> None:
    assert shown_gold(only(grounded([qa()], OTHERS)))


def test_a_share_of_questions_is_left_without_the_proof_and_refused() -> None:
    examples = [qa(number) for number in range(200)]
    records = [one for one in grounded(examples, share=0.3) if isinstance(one, Example)]
    refused = [one for one in records if one.metadata.get("refusal")]
    assert len(records) == 200
    assert 40 < len(refused) < 80
    for one in refused:
        assert one.messages[1].content == RETRIEVAL.refusal
        assert not shown_gold(one)
        assert one.task == "grounded_qa"
        assert one.evidence == qa().evidence


def test_the_choice_depends_on_the_example_and_the_seed_alone() -> None:
    examples = [qa(number) for number in range(20)]
    together = grounded(examples, share=0.5)
    assert [record for one in examples for record in grounded([one], share=0.5)] == together
    assert grounded(examples, share=0.5, seed=1) != together


def test_no_question_is_refused_where_another_passage_answers_it() -> None:
    twin = passage_of(
        chunk_of("To turn it on, retries is set to a number between 1 and 10.", headings=("B",))
    )
    example = only(grounded([qa()], [GOLD, twin], share=1.0))
    assert example.messages[1].content.startswith(ANSWER)
    refused = only(grounded([qa()], [GOLD, twin, *OTHERS], share=1.0))
    assert refused.metadata["refusal"] is True
    assert twin.chunk_id not in refused.metadata["passages"]


def test_what_supports_an_answer_is_told_by_words_and_figures() -> None:
    question = "How long is the wait?"
    supporting = GOLD.model_copy(update={"text": "It is 300 units."})
    other = GOLD.model_copy(update={"text": "It is long, as a wait."})
    assert supports(supporting, question, "At most 300 seconds.")
    assert not supports(other, question, "At most 300 seconds.")
    assert supports(other, question, "Long.")


@pytest.mark.parametrize("max_chars", [60, 150])
def test_a_proof_that_does_not_fit_is_a_rejection(max_chars: int) -> None:
    (record,) = grounded([qa()], max_chars=max_chars)
    assert isinstance(record, Rejection)
    assert str(max_chars) in record.reason


def test_a_small_budget_brings_the_proof_to_the_front() -> None:
    for number in range(10):
        example = only(grounded([qa(number)], max_chars=600))
        assert shown_gold(example)
        assert marks(example.messages[1].content) == shown_gold(example)


def test_a_chunk_that_is_gone_is_a_rejection() -> None:
    gone = qa().model_copy(update={"evidence": (Evidence(chunk_id="gone", start=0, end=4, quote="Gone"),)})
    (record,) = grounded([gone])
    assert isinstance(record, Rejection)
    assert "not in the index" in record.reason


def test_a_mark_never_stands_in_a_block_of_code() -> None:
    example = only(grounded([qa(answer="Set it:\n\n```toml\nretries = 10\n```")]))
    assert marks(example.messages[1].content) == shown_gold(example)


def test_two_proofs_are_both_shown_and_cited() -> None:
    one = qa()
    second = OTHERS[0]
    both = one.model_copy(
        update={
            "evidence": (
                *one.evidence,
                Evidence(chunk_id=second.chunk_id, start=0, end=15, quote=second.text[:15]),
            )
        }
    )
    example = only(grounded([both]))
    assert len(marks(example.messages[1].content)) == 2


def test_a_refusal_shows_what_it_was_made_from_and_nothing_that_may_answer() -> None:
    question = "How long are finished tasks of the scheduler kept?"
    near = make_example(
        task="refusal",
        messages=(
            Message(role="user", content=question),
            Message(role="assistant", content=RETRIEVAL.refusal),
        ),
        evidence=(Evidence(chunk_id=GOLD.chunk_id, start=0, end=len(TEXT), quote=TEXT),),
        origin="a/b",
        metadata={"refusal": True},
    )
    answering = passage_of(
        chunk_of("Finished tasks of the scheduler are kept long: ninety days.", headings=("C",))
    )
    example = only(grounded([near], [answering, *OTHERS]))
    assert example.task == "refusal"
    assert GOLD.chunk_id in example.metadata["passages"]
    assert answering.chunk_id not in example.metadata["passages"]
    assert is_refusal(example.messages[1].content)
    assert example.metadata["question"] == question
    assert example.metadata["refusal"] is True


def test_a_passage_without_room_is_not_shown() -> None:
    prompt = RETRIEVAL.render("Why?", [GOLD, *OTHERS], max_chars=620)
    assert shows(prompt, 1)
    assert not shows(prompt, 5)
