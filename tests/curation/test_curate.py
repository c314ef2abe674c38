import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.curate import curate
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings

WORDS = [
    "set",
    "the",
    "retries",
    "of",
    "a",
    "task",
    "to",
    "three",
    "before",
    "it",
    "runs",
    "again",
    "after",
    "an",
    "error",
]
CHUNKS = {f"c{number}": " ".join(WORDS[number:] + WORDS[:number]) for number in range(6)}


def example(question: str, answer: str, chunk: str = "c0", task: str = "qa") -> Example:
    quote = CHUNKS[chunk]
    return make_example(
        task=task,
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(Evidence(chunk_id=chunk, start=0, end=len(quote), quote=quote),),
        origin="extractive",
    )


def run(examples: list[Example], threshold: float = 0.8) -> tuple[list[Example], list[Rejection]]:
    chosen = CurationSettings(
        max_answer_chars=200, min_answer_chars=3, max_prompt_chars=400, near_duplicate_threshold=threshold
    )
    results = list(
        curate(
            examples,
            alone=alone(chosen, chunk_texts=CHUNKS),
            together=together(chosen),
        )
    )
    kept = [result for result in results if isinstance(result, Example)]
    return kept, [result for result in results if isinstance(result, Rejection)]


TEXTS = st.lists(st.sampled_from([*WORDS, "?", "7", "invented"]), max_size=8).map(" ".join)
QA = st.builds(example, TEXTS, TEXTS, st.sampled_from(sorted(CHUNKS)))
LOG = st.builds(
    lambda prompt, message: example(prompt, json.dumps({"error_message": message}), task="log_analysis"),
    TEXTS,
    TEXTS,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(QA, LOG), max_size=25))
def test_in_is_kept_plus_rejected(examples: list[Example]) -> None:
    kept, rejected = run(examples)
    assert Counter(item.id for item in examples) == Counter(
        [item.id for item in kept] + [item.record_id for item in rejected]
    )
    assert all(item.reason and item.filter for item in rejected)
    positions = [examples.index(item) for item in kept]
    assert positions == sorted(positions)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(QA, LOG), max_size=25))
def test_a_twin_is_kept_or_itself_rejected_for_a_later_reason(examples: list[Example]) -> None:
    kept, rejected = run(examples)
    known = {item.id for item in kept} | {item.record_id for item in rejected}
    kept_ids = {item.id for item in kept}
    assert all(item.twin in known for item in rejected if item.twin)
    assert all(item.twin in kept_ids for item in rejected if item.filter == "near_duplicate")


@settings(max_examples=60, deadline=None)
@given(st.lists(QA, max_size=20))
def test_curating_what_was_kept_keeps_it(examples: list[Example]) -> None:
    kept, _ = run(examples)
    again, rejected = run(kept)
    assert again == kept
    assert not rejected


def test_exact_copies_name_the_first() -> None:
    first = example("How are retries set?", "set the retries of a task")
    copy = example("How are  retries set?\n", "set the retries of a task", "c1")
    kept, rejected = run([first, copy])
    assert kept == [first]
    assert [(item.filter, item.twin, item.name) for item in rejected] == [
        ("exact_duplicate", first.id, "How are  retries set?\n")
    ]


def test_questions_that_differ_in_case_are_two() -> None:
    one = example("What is task.Final set to?", "the retries of a task", "c0")
    other = example("What is task.final set to?", "three before it runs again", "c1")
    assert run([one, other])[0] == [one, other]


def test_a_question_with_unlike_answers_is_dropped_with_all_of_them() -> None:
    one = example("What is set for each task?", "the retries of a task", "c0")
    other = example("What is set for each task?", "three before it runs again", "c1")
    kept, rejected = run([one, other])
    assert kept == []
    assert {item.filter for item in rejected} == {"ambiguous_question"}


def test_a_repeated_question_with_a_like_answer_keeps_the_first() -> None:
    one = example("What is set for each task?", "the retries of a task", "c0")
    other = example("What is set for each task?", "retries of the task", "c1")
    kept, rejected = run([one, other])
    assert kept == [one]
    assert [(item.filter, item.twin) for item in rejected] == [("repeated_question", one.id)]


def test_draws_of_one_log_template_all_stay() -> None:
    prompts = [f"task failed after an error on host {number} again and again" for number in range(20)]
    draws = [
        example(prompt, json.dumps({"error_message": prompt}), task="log_analysis") for prompt in prompts
    ]
    kept, rejected = run([*draws, draws[0]], threshold=0.5)
    assert kept == draws
    assert [(item.filter, item.twin) for item in rejected] == [("exact_duplicate", draws[0].id)]
