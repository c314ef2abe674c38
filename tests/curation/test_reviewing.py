"""What people decided holds for the same words whenever they are made, and edits of edits are followed."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.assessments import Decision, Review
from lorewright.core.making import make_example, review_key
from lorewright.core.records import Evidence, Example, Message, Passage, Place, Rejection
from lorewright.curation.curate import curate
from lorewright.curation.duplicates import drop_ambiguous, drop_exact, drop_repeated_questions
from lorewright.curation.editing import asked, bad_edit, rewritten
from lorewright.curation.filters import bad_roles
from lorewright.curation.rejecting import made_id
from lorewright.curation.reviewing import ACCEPTED, REPLACED, reviewed, settled, standing
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.store.decided import Decided, Seen, make_decided
from lorewright.text.wordings import Wordings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def words(question: str, answer: str) -> tuple[Message, ...]:
    return Message(role="user", content=question), Message(role="assistant", content=answer)


def example(question: str = "How?", answer: str = "So.", task: str = "qa", **metadata: Any) -> Example:
    return make_example(
        task=task, messages=words(question, answer), evidence=(), origin="extractive", metadata=metadata
    )


def decided(
    of: tuple[Message, ...],
    decision: Decision = "accept",
    to: tuple[Message, ...] = (),
    minute: int = 0,
    note: str = "",
) -> Decided:
    return make_decided(
        key=review_key(of),
        decision=decision,
        messages=to,
        note=note,
        reviewer="ada",
        reviewed_at=NOON + timedelta(minutes=minute),
        seen=Seen(),
    ).model_copy(update={"number": minute + 1})


def after(one: Example, *decisions: Decided) -> Example | Rejection:
    return reviewed(one, settled(decisions))


def kept_after(one: Example, *decisions: Decided) -> Example:
    outcome = after(one, *decisions)
    assert isinstance(outcome, Example)
    return outcome


A, B, C = words("How?", "So."), words("How is it done?", "Like so."), words("How is it done now?", "Just so.")


def test_nothing_happens_without_a_decision_or_after_a_note() -> None:
    assert after(example()) == example()
    assert after(example(), decided(A, "note", note="odd")) == example()


def test_a_note_leaves_the_decision_before_it() -> None:
    assert isinstance(after(example(), decided(A, "reject"), decided(A, "note", minute=1)), Rejection)


def test_an_accepted_example_says_so_and_keeps_its_id() -> None:
    kept = kept_after(example(), decided(A))
    assert kept.id == example().id
    assert kept.metadata[ACCEPTED] is True


def test_a_rejected_example_is_out_with_the_reviewers_words() -> None:
    outcome = after(example(), decided(A, "reject", note="outdated"))
    assert isinstance(outcome, Rejection)
    assert (outcome.filter, outcome.reason) == ("review", "a person rejected it: outdated")


def test_an_edit_replaces_the_words_and_remembers_what_was_there() -> None:
    kept = kept_after(example(), decided(A, "edit", B))
    assert kept.messages == B
    assert kept.id != example().id
    assert made_id(kept) == example().id
    assert kept.metadata[REPLACED] == "So."


def test_an_edit_of_the_question_alone_replaces_no_answer() -> None:
    kept = kept_after(example(), decided(A, "edit", words("How is it?", "So.")))
    assert REPLACED not in kept.metadata


def test_the_same_words_made_by_another_task_from_another_passage_keep_the_decision() -> None:
    again = make_example(
        task="faq",
        messages=A,
        evidence=(Evidence(chunk_id="c9", start=0, end=1, quote="x"),),
        origin="office/large",
    )
    assert isinstance(after(again, decided(A, "reject")), Rejection)


def test_the_newest_decision_counts_and_one_taken_back_does_not() -> None:
    rejected, accepted = decided(A, "reject", minute=1), decided(A, "accept", minute=2)
    assert kept_after(example(), accepted, rejected).metadata[ACCEPTED]
    assert isinstance(after(example(), accepted.model_copy(update={"undone": True}), rejected), Rejection)


def test_an_edit_of_an_edit_is_followed_to_its_end() -> None:
    kept = kept_after(example(), decided(A, "edit", B), decided(B, "edit", C, minute=1))
    assert kept.messages == C
    assert made_id(kept) == example().id
    assert kept.metadata[REPLACED] == "So."


def test_an_edit_that_is_rejected_later_takes_its_candidate_with_it() -> None:
    assert isinstance(after(example(), decided(A, "edit", B), decided(B, "reject", minute=1)), Rejection)


def test_an_edit_into_words_that_were_rejected_before_stays() -> None:
    assert kept_after(example(), decided(B, "reject"), decided(A, "edit", B, minute=1)).messages == B


def test_accepting_an_edit_keeps_it() -> None:
    assert kept_after(example(), decided(A, "edit", B), decided(B, "accept", minute=1)).messages == B


def test_an_edit_that_is_edited_back_is_as_it_was() -> None:
    there_and_back = decided(A, "edit", B), decided(B, "edit", A, minute=1)
    kept = kept_after(example(), *there_and_back)
    assert (kept.messages, kept.metadata) == (A, {ACCEPTED: True})
    assert kept_after(example(*(turn.content for turn in B)), *there_and_back).messages == A


WORDS = st.sampled_from([A, B, C, words("Why?", "Because.")])
DECISIONS = st.lists(
    st.builds(
        lambda of, decision, to: (of, decision, to if decision == "edit" else ()),
        WORDS,
        st.sampled_from(["accept", "edit", "reject", "note"]),
        WORDS,
    ),
    max_size=12,
)


@settings(max_examples=200)
@given(DECISIONS)
def test_every_chain_ends_and_the_last_word_said_about_words_shown_holds(drawn: list[Any]) -> None:
    history = [decided(of, what, to, minute) for minute, (of, what, to) in enumerate(drawn)]
    outcomes = settled(history)
    assert set(outcomes) == set(standing(history))
    for review in outcomes.values():
        assert bool(review.messages) == (review.decision == "edit")
    if history and history[-1].decision != "note":
        last = history[-1]
        becomes = outcomes[last.key]
        if last.decision == "edit":
            assert becomes.messages == last.messages or review_key(last.messages) == last.key
        else:
            assert becomes.decision == last.decision


@settings(max_examples=100)
@given(DECISIONS)
def test_the_order_in_which_decisions_are_read_changes_nothing(drawn: list[Any]) -> None:
    history = [decided(of, what, to, minute) for minute, (of, what, to) in enumerate(drawn)]
    assert settled(reversed(history)) == settled(history)


def shown(question: str, answer: str, **metadata: Any) -> Example:
    prompt = RETRIEVAL.render(question, [PASSAGE], max_chars=2000)
    return make_example(
        task="grounded_qa",
        messages=words(prompt, answer),
        evidence=(),
        origin="extractive",
        metadata={"question": question, **metadata},
    )


PASSAGE = Passage(
    chunk_id="c1",
    document_id="d1",
    text="The valve is closed by hand.",
    score=1.0,
    source="docs",
    path="valves.md",
    kind="markdown",
    title="Valves",
    place=Place(unit="line", first=1, last=1),
    start=0,
    end=28,
)


def test_a_question_asked_below_passages_is_edited_alone_and_its_copy_follows() -> None:
    one = shown("How?", "So. [1]")
    to = rewritten(one, question="How is the valve closed?")
    assert to[0].content == RETRIEVAL.render("How is the valve closed?", [PASSAGE], max_chars=2000)
    kept = kept_after(one, decided(one.messages, "edit", to))
    assert kept.prompt == "How is the valve closed?" == asked(kept)
    assert kept.metadata["question"] == kept.prompt


def test_the_question_is_found_though_its_passages_were_edited_too() -> None:
    one = shown("How?", "So. [1]")
    prompt = RETRIEVAL.render("Where?", [PASSAGE.model_copy(update={"text": "Other"})], max_chars=2000)
    assert kept_after(one, decided(one.messages, "edit", words(prompt, "So."))).prompt == "Where?"


def test_a_prompt_without_its_passages_is_all_question() -> None:
    one = shown("How?", "So. [1]")
    kept = kept_after(one, decided(one.messages, "edit", words("Where does it stand?", "There.")))
    assert kept.prompt == "Where does it stand?"


def test_a_refusal_that_becomes_an_answer_is_none_and_the_other_way_round() -> None:
    refusal = shown("How?", RETRIEVAL.refusal, refusal=True)
    assert (
        "refusal"
        not in kept_after(
            refusal, decided(refusal.messages, "edit", rewritten(refusal, answer="So."))
        ).metadata
    )
    answered = shown("How?", "So. [1]")
    edit = decided(answered.messages, "edit", rewritten(answered, answer=RETRIEVAL.refusal))
    assert kept_after(answered, edit).metadata["refusal"] is True


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (A, "nothing was changed"),
        (A[:1], "roles are user; wanted"),
        ((A[1], A[0]), "roles are assistant, user; wanted"),
        (words("How?", "  "), "the assistant's turn is empty"),
        ((), "roles are missing"),
    ],
)
def test_an_edit_that_is_no_conversation_is_refused(to: tuple[Message, ...], fault: str) -> None:
    reason = bad_edit(example(), to)
    assert reason is not None
    assert fault in reason


def test_a_structured_answer_stays_a_json_object_and_a_question_below_passages_stays_there() -> None:
    log = example("log", '{"error_message": "x"}', task="log_analysis")
    assert "no JSON object" in str(bad_edit(log, rewritten(log, answer="x went wrong")))
    assert bad_edit(log, rewritten(log, answer='{"error_message": "y"}')) is None
    one = shown("How?", "So. [1]")
    assert bad_edit(one, rewritten(one, question=" ")) == "the question is empty"


def objecting(reason: str) -> Any:
    return lambda _example: reason


def run(examples: list[Example], reviews: dict[str, Review]) -> list[Example | Rejection]:
    alone = {"schema": bad_roles, "generic": objecting("never good enough")}
    repeated = partial(drop_repeated_questions, threshold=0.4, seed=0, wordings=Wordings())
    return list(
        curate(examples, alone=alone, together=[drop_exact, drop_ambiguous, repeated], reviews=reviews)
    )


def test_accepted_examples_pass_every_filter_but_the_schema() -> None:
    broken = make_example(task="qa", messages=A[:1], evidence=(), origin="x")
    outcomes = run([example(), broken], settled([decided(A), decided(A[:1])]))
    assert [getattr(one, "filter", "kept") for one in outcomes] == ["schema", "kept"]


def test_accepted_examples_outrank_their_twins_and_ambiguous_questions_whatever_their_place() -> None:
    early, late = example("How?", "It is quite different there."), example()
    outcomes = run([early, late], settled([decided(A)]))
    assert [one for one in outcomes if isinstance(one, Example)] == [
        late.model_copy(update={"metadata": {ACCEPTED: True}})
    ]


def test_two_candidates_edited_into_the_same_words_are_kept_once_and_accounted_for() -> None:
    one, other = example(), example("Why?", "Because.")
    history = [decided(one.messages, "edit", B), decided(other.messages, "edit", B, minute=1)]
    outcomes = run([one, other], settled(history))
    ids = [made_id(got) if isinstance(got, Example) else got.record_id for got in outcomes]
    assert sorted(ids) == sorted([one.id, other.id])
    assert sum(isinstance(got, Example) for got in outcomes) == 1
