"""What a judge sees of an example, and what becomes of it by its score."""

import pytest

from lorewright.core.assessments import Judgement
from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Metadata, Passage, Place, Rejection
from lorewright.curation.judged import by_score, can_be_judged, subject_of
from lorewright.curation.reviewing import ACCEPTED
from lorewright.llm.retrieval_template import RETRIEVAL

PASSAGE = "Retries are off. Set `retries` to a number from 1 to 10."
JUDGEMENT = Judgement(
    example_id="e", model="m", rubric="r", scores={"faithfulness": 2}, score=0.25, explanation="Not said."
)


def example(*said: str, task: str = "qa", metadata: Metadata | None = None) -> Example:
    return make_example(
        task=task,
        messages=tuple(
            Message(role="user" if number % 2 == 0 else "assistant", content=text)
            for number, text in enumerate(said)
        ),
        evidence=(Evidence(chunk_id="c", start=0, end=16, quote=PASSAGE[:16]),),
        origin="test",
        metadata=metadata,
    )


def plain(text: str) -> str:
    return text


def test_question_answer_passage_and_quote_are_shown_masked() -> None:
    one = example("Is it off, secret?", "Yes, secret.")
    seen = subject_of(one, passages=[PASSAGE], mask=lambda text: text.replace("secret", "[masked]"))
    assert (seen.question, seen.answer) == ("Is it off, [masked]?", "Yes, [masked].")
    assert seen.passages == (PASSAGE,)
    assert seen.quotes == ("Retries are off.",)


def test_a_conversation_is_shown_whole_up_to_its_last_answer() -> None:
    seen = subject_of(example("Is it off?", "Yes.", "And on?", "Set it."), passages=[PASSAGE], mask=plain)
    assert seen.question == "User: Is it off?\n\nAssistant: Yes.\n\nUser: And on?"
    assert seen.answer == "Set it."


def test_passages_that_a_prompt_shows_take_the_place_of_the_evidence() -> None:
    shown = Passage(
        chunk_id="d",
        document_id="d",
        text="Backups run at night.",
        score=0,
        source="s",
        path="p",
        kind="text",
        title="Backups",
        place=Place(unit="line", first=1, last=1),
        start=0,
        end=1,
    )
    prompt = RETRIEVAL.render("Are retries on?", [shown], max_chars=4000)
    one = example(prompt, RETRIEVAL.refusal, metadata={"question": "Are retries on?", "refusal": True})
    seen = subject_of(one, passages=[PASSAGE], mask=plain)
    assert seen.question == "Are retries on?"
    (passage,) = seen.passages
    assert "Backups run at night." in passage
    assert PASSAGE not in passage
    assert RETRIEVAL.instruction not in passage
    assert "Question:" not in passage


@pytest.mark.parametrize(
    ("one", "can"),
    [
        (example("Is it off?", "Yes."), True),
        (example("log", "{}", task="log_analysis"), False),
        (example("fn f(", ") {}", task="code_completion"), False),
        (example("Is it off?"), False),
        (example("Is it off?", " "), False),
        (example(" ", "Yes."), False),
        (example(), False),
    ],
)
def test_only_a_question_with_an_answer_in_prose_can_be_judged(one: Example, can: bool) -> None:
    assert can_be_judged(one) is can


def test_a_score_below_the_limit_rejects_with_score_and_explanation() -> None:
    one = example("Is it off?", "Yes.")
    out = by_score(one, JUDGEMENT, min_score=0.5)
    assert isinstance(out, Rejection)
    assert (out.filter, out.record_id) == ("judge", one.id)
    assert out.reason == "the score is 0.25, wanted 0.50 (faithfulness 2 of 5): Not said."


@pytest.mark.parametrize(
    ("metadata", "judgement", "limit"),
    [
        ({}, JUDGEMENT, 0.25),
        ({}, JUDGEMENT, 0.0),
        ({}, None, 1.0),
        ({}, JUDGEMENT.model_copy(update={"score": None, "problem": "cut"}), 1.0),
        ({ACCEPTED: True}, JUDGEMENT, 1.0),
    ],
)
def test_what_scores_enough_has_no_score_or_was_accepted_by_a_person_is_kept(
    metadata: Metadata, judgement: Judgement | None, limit: float
) -> None:
    one = example("Is it off?", "Yes.", metadata=metadata)
    assert by_score(one, judgement, min_score=limit) is one
