"""Examples of one passage in changed words: found; and what is asked and said nearly alike of two things: kept."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.curate import curate
from lorewright.curation.one_passage import alike, drop_reworded
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings
from lorewright.text.wordings import Wordings

TWINS = Path(__file__).parent / "labelled" / "twins.jsonl"
ASKED = "How long may a TLS connection stay idle before it is closed?"
SAID = "An idle connection is closed after ten minutes; `pool.idle` changes the limit."


def example(asked: str, said: str, passage: str = "p", task: str = "qa", **metadata: object) -> Example:
    return make_example(
        task=task,
        messages=(Message(role="user", content=asked), Message(role="assistant", content=said)),
        evidence=(Evidence(chunk_id=passage, start=0, end=1, quote="q"),),
        origin="office/m",
        metadata=metadata,
    )


def twins(*examples: Example) -> list[int]:
    """Return for each example the place of its twin; -1 for a kept one."""
    ids = [one.id for one in examples]
    outcomes = drop_reworded(examples, wordings=Wordings())
    return [ids.index(one.twin) if isinstance(one, Rejection) else -1 for one in outcomes]


def left_out(kind: str) -> float:
    """Return the share of the rows of a kind that curation leaves out, where they stand beside the first and the alike.

    All rows of a product are of one passage, as hard as it can be.
    """
    groups: list[dict[str, Any]] = list(map(json.loads, TWINS.read_text(encoding="utf-8").splitlines()))
    examples, asked = [], set()
    for group in groups:
        rows = [("", group["first"]), *(("alike", row) for row in group["alike"])]
        rows += [(kind, group[kind])] if kind != "alike" else []
        for own, (question, answer) in rows:
            examples.append(example(question, answer, group["id"].partition("-")[0]))
            if own == kind:
                asked.add(examples[-1].id)
    outcomes = curate(examples, alone={}, together=together(CurationSettings()))
    return sum(isinstance(one, Rejection) and one.record_id in asked for one in outcomes) / len(asked)


@pytest.mark.parametrize("kind", ["near_copy", "same_answer"])
def test_rewordings_are_found(kind: str) -> None:
    assert left_out(kind) >= 0.95


def test_what_only_looks_like_a_rewording_is_kept() -> None:
    assert left_out("alike") <= 0.04


def test_small_changes_all_over_make_no_new_example() -> None:
    near = example(
        "For how long can TLS connections stay idle before they get closed?",
        "Idle connections are closed after 10 minutes. The limit is changed with `pool.idle`.",
    )
    assert twins(example(ASKED, SAID), near) == [-1, 0]


def test_one_answer_to_another_wording_of_the_question_is_found() -> None:
    other = example("When does the pool drop a link that nobody uses?", SAID.replace("changes", "sets"))
    assert twins(example(ASKED, SAID), other) == [-1, 0]


def test_other_passages_are_not_compared() -> None:
    again = example("When does the pool drop a link that nobody uses?", SAID, "elsewhere")
    assert twins(example(ASKED, SAID), again) == [-1, -1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ASKED, SAID.replace("ten", "twenty")),
        (ASKED, SAID.replace("pool.idle", "pool.spare")),
        (ASKED, SAID.replace("is closed", "is never closed")),
        (ASKED.replace("closed", "opened"), SAID.replace("closed", "opened")),
        (ASKED.replace("TLS", "SSH"), SAID),
        (ASKED.replace("before", "after"), SAID),
    ],
)
def test_what_speaks_against_it_keeps_two_apart(asked: str, said: str) -> None:
    assert twins(example(ASKED, SAID), example(asked, said)) == [-1, -1]


def test_settings_that_are_described_together_are_asked_about_apart() -> None:
    answer = "Both `cache.rows` and `cache.bytes` limit the cache; whichever is reached first counts."
    asked = "What does the setting `cache.{}` mean?"
    rows, size = example(asked.format("rows"), answer), example(asked.format("bytes"), answer)
    assert twins(rows, size) == [-1, -1]
    assert twins(rows, example("What keeps the cache from growing without end?", answer)) == [-1, 0]


def test_an_argument_is_not_asked_about_with_its_function() -> None:
    function = example("What does `element_at` do?", "Extracts the element with the index n from the array.")
    argument = example(
        "What is the `index` of `element_at` for?", "Index to extract the element from the array."
    )
    assert alike(*(one.messages[-1].content for one in (function, argument))) > 0.75
    assert twins(function, argument) == [-1, -1]


def test_refusals_logs_and_shown_questions_are_not_compared() -> None:
    assert (
        twins(
            example(ASKED, SAID, task="refusal", refusal=True),
            example(ASKED + " Please?", SAID, task="refusal", refusal=True),
            example("line", SAID, task="log_analysis"),
            example("lines", SAID, task="log_analysis"),
            example(ASKED, SAID),
            example(f"[1] text\n\n{ASKED}", SAID, task="grounded_qa", question=ASKED),
        )
        == [-1] * 6
    )


def test_what_was_left_out_is_nobodys_twin() -> None:
    said = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    answers = [" ".join(said), " ".join([*said[1:], "india"]), " ".join([*said[2:], "india", "juliet"])]
    assert alike(answers[0], answers[2]) < 0.75 < alike(answers[0], answers[1])
    asked = ["Who counts?", "Which names follow?", "What is spelled?"]
    assert twins(*map(example, asked, answers)) == [-1, 0, -1]


TEXTS = st.lists(
    st.sampled_from(["retries", "retry", "queue", "two", "2", "the", "deep", "deeply", "not"]), max_size=9
).map(" ".join)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_likeness_is_a_share_and_whole_for_equal_texts(one: str, other: str) -> None:
    assert 0 <= alike(one, other) <= 1
    assert alike(one, one) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from("pq")), max_size=10))
def test_a_twin_is_earlier_kept_and_of_the_same_passage(drawn: Sequence[tuple[str, str, str]]) -> None:
    examples = [example(*row).model_copy(update={"id": str(place)}) for place, row in enumerate(drawn)]
    found = twins(*examples)
    for later, earlier in enumerate(found):
        if earlier >= 0:
            assert earlier < later
            assert found[earlier] == -1
            assert drawn[earlier][2] == drawn[later][2]
