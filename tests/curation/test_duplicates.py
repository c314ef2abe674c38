"""Copies, near copies, repeated questions and answers: found, with the kept twin; and what only looks like one."""

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.curate import curate
from lorewright.curation.duplicates import drop_exact, drop_near
from lorewright.curation.sameness import said, similarity
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings
from lorewright.text.wordings import Wordings

SETTINGS = CurationSettings()
RETRIES = "By default a failed task is tried five times, and the wait doubles after each attempt."
WORDS = ["retry", "queue", "task", "worker", "limit", "cache", "the", "of", "start", "stop", "when", "log"]


def example(*turns: str, passage: str = "p", task: str = "qa", **metadata: object) -> Example:
    return make_example(
        task=task,
        messages=tuple(
            Message(role="assistant" if number % 2 else "user", content=turn)
            for number, turn in enumerate(turns)
        ),
        evidence=(Evidence(chunk_id=passage, start=0, end=1, quote="q"),),
        origin="office/m",
        metadata=metadata,
    )


def filtered(*examples: Example, settings: CurationSettings = SETTINGS) -> list[tuple[str, int]]:
    """Return for each example in order the filter that leaves it out and its twin's place; ("", -1) for a kept one."""
    outcomes: list[Example | Rejection] = list(examples)
    for drop in together(settings):
        places = [place for place, one in enumerate(outcomes) if isinstance(one, Example)]
        left = [one for one in outcomes if isinstance(one, Example)]
        for place, outcome in zip(places, drop(left), strict=True):
            outcomes[place] = outcome
    ids = [one.id for one in examples]
    return [
        (one.filter, ids.index(one.twin) if one.twin else -1) if isinstance(one, Rejection) else ("", -1)
        for one in outcomes
    ]


def by(*names: str) -> list[tuple[str, int]]:
    """Return what `filtered` says where each name is the filter that found the first example again."""
    return [(name, 0 if name else -1) for name in names]


@pytest.mark.parametrize(
    "answer",
    [
        f"  {RETRIES}\n",
        RETRIES.upper(),
        RETRIES.replace("five times,", "**five** times;").replace(".", ""),
        f"- {RETRIES}",
        RETRIES.replace("failed task", "_failed_ task").replace("attempt.", "“attempt”!"),
    ],
)
def test_copies_differ_in_space_case_punctuation_and_emphasis(answer: str) -> None:
    question = "How often is a failed task tried?"
    copy = example(question.lower().rstrip("?"), answer)
    assert filtered(example(question, RETRIES), copy) == by("", "exact_duplicate")


def test_code_that_differs_in_an_operator_is_no_copy() -> None:
    one = example("How do I compare two rows in code?", "Write `a == b` in the filter.")
    other = example("How do I compare two rows in code?", "Write `a != b` in the filter.")
    assert drop_exact([one, other], wordings=Wordings()) == [one, other]
    flags = [example(f"What does the option `-{flag}` of the tool do?", "It prints more.") for flag in "vV"]
    assert filtered(*flags)[1][0] in {"", "exact_duplicate"}
    assert filtered(
        flags[0], example("What does the option `-V` of the tool do?", "It names the release.")
    ) == by("", "")


def test_every_character_of_a_log_counts() -> None:
    logs = [
        example(line, json.dumps({"level": "error"}), task="log_analysis")
        for line in ("A: b", "a: b", "A: b ")
    ]
    assert filtered(*logs) == by("", "", "exact_duplicate")


def test_draws_of_one_log_template_are_no_near_copies() -> None:
    logs = [
        example(
            f"task {number} failed on host alpha after many retries",
            json.dumps({"n": number}),
            task="log_analysis",
        )
        for number in range(20)
    ]
    assert {name for name, _ in filtered(*logs)} == {""}


def test_a_few_changed_words_make_a_near_copy_whatever_the_passage() -> None:
    first = example("How often does the queue try a failing task by default?", RETRIES)
    near = example(
        "How often will the queue by default try a failing task?",
        "By default a task that failed is tried five times; the wait is doubled after every attempt.",
        passage="elsewhere",
    )
    assert filtered(first, near) == by("", "near_duplicate")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("`--dry-run`", "`--json`"),
        ("`retry.base_delay`", "`retry.max_delay`"),
        ("port 8080", "port 9090"),
        ("version 2.4", "version 2.5"),
        ("max_workers", "min_workers"),
        ("`->`", "`->>`"),
    ],
)
def test_other_names_and_numbers_make_another_question(one: str, other: str) -> None:
    asked = "What does {} mean for a task that is tried again by the scheduler of the project?"
    answer = "It decides how the scheduler of the project treats a task that is tried again."
    assert filtered(example(asked.format(one), answer), example(asked.format(other), answer)) == by("", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [("before", "after"), ("with", "without"), ("above", "below"), ("CSV to JSON", "JSON to CSV")],
)
def test_words_that_turn_a_question_make_another_one(one: str, other: str) -> None:
    asked = "What becomes of a table of the project when it is read {} a conversion?"
    answers = ["The columns are renamed first.", "Nothing changes; types stay as they were."]
    assert filtered(example(asked.format(one), answers[0]), example(asked.format(other), answers[1])) == by(
        "", ""
    )


def test_short_answers_fit_many_questions() -> None:
    asked = [
        "Is the dead-letter queue sorted?",
        "Are backups encrypted by default?",
        "Which port does the broker listen on?",
        "Which port has the dashboard?",
        "Can a worker serve two queues?",
    ]
    answers = ["No.", "No.", "`8192`", "`8192`", "Yes, it can."]
    assert {name for name, _ in filtered(*map(example, asked, answers))} == {""}


def test_one_answer_in_two_wordings_is_a_repeated_question() -> None:
    question = "How often does the queue try a failing task?"
    assert filtered(
        example(question, RETRIES),
        example(question, "Five attempts are made, at growing intervals."),
        example("How often does a queue try the failing task?", "It makes five attempts."),
    ) == by("", "repeated_question", "repeated_question")


def test_a_question_that_passages_answer_differently_is_ambiguous_with_all_its_answers() -> None:
    question = "Which port does it use?"
    ambiguous = filtered(
        example(question, "The broker listens on 8080."),
        example(question, "Metrics are served on 9464 by each worker.", passage="elsewhere"),
        example(question, "It is 8080, as long as nothing else is configured.", passage="p"),
    )
    assert ambiguous == [("ambiguous_question", -1)] * 3


def test_the_same_answer_to_a_reworded_question_is_a_repetition() -> None:
    first = example("How often is a failing task tried?", RETRIES)
    again = example("After how many attempts does the scheduler give up on a job?", RETRIES)
    assert filtered(first, again) == by("", "repeated_answer")


def test_a_phrase_that_other_passages_answer_other_questions_with_is_no_repetition() -> None:
    phrase = "This is described in the reference of the project, please look there."
    asked = ["How is a backup restored?", "Which metrics are exposed?", "Where do logs of workers go?"]
    examples = [example(one, phrase, passage=one) for one in asked]
    assert {name for name, _ in filtered(*examples)} == {""}


def test_refusals_of_many_questions_stay_and_never_repeat_an_answer() -> None:
    refusal = "The documentation does not say."
    asked = ["How much memory does a worker need?", "How many workers may one broker have?"]
    examples = [example(one, refusal, task="refusal", refusal=True) for one in asked]
    assert filtered(*examples, example(asked[0], "A worker needs 2 GB.", task="qa")) == [("", -1)] * 3


def test_what_is_asked_with_passages_and_without_is_no_twin() -> None:
    question = "How often does the queue try a failing task by default?"
    shown = example(f"[1] {RETRIES}\n\nQuestion: {question}", RETRIES, task="grounded_qa", question=question)
    assert filtered(example(question, RETRIES), shown) == by("", "")
    elsewhere = example(f"[1] Other.\n\nQuestion: {question}", RETRIES, task="grounded_qa", question=question)
    assert filtered(shown, elsewhere) == by("", "repeated_question")


def test_conversations_are_compared_whole() -> None:
    first = ("How often is a failing task tried?", RETRIES)
    talk = example(*first, "And where do dead tasks go?", "Into the dead-letter queue.", task="conversation")
    other = example(*first, "Can I turn that off?", "Set `retries` to zero.", task="conversation")
    assert filtered(talk, other, talk.model_copy(update={"id": "again"})) == by("", "", "exact_duplicate")


def test_a_filter_that_is_off_rejects_nothing() -> None:
    question = "How often does the queue try a failing task?"
    off = CurationSettings(
        off=(
            "exact_duplicate",
            "ambiguous_question",
            "repeated_question",
            "near_duplicate",
            "repeated_answer",
        )
    )
    assert filtered(example(question, RETRIES), example(question, RETRIES), settings=off) == by("", "")


TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
EXAMPLES = st.lists(st.builds(example, TEXTS, TEXTS, passage=st.sampled_from("pq")), max_size=16)


@settings(max_examples=80, deadline=None)
@given(EXAMPLES)
def test_a_twin_comes_earlier_and_every_example_has_one_outcome(examples: Sequence[Example]) -> None:
    outcomes = list(curate(examples, alone={}, together=together(SETTINGS)))
    assert len(outcomes) == len(examples)
    ids = [one.id for one in examples]
    for one in outcomes:
        if isinstance(one, Rejection) and one.twin:
            assert ids.index(one.twin) <= ids.index(one.record_id)


@settings(max_examples=80, deadline=None)
@given(EXAMPLES)
def test_no_two_near_copies_are_kept(examples: Sequence[Example]) -> None:
    wordings = Wordings()
    content = wordings.content
    outcomes = drop_near(examples, threshold=0.6, seed=0, wordings=wordings)
    kept = [one for one in outcomes if isinstance(one, Example)]
    for place, one in enumerate(kept):
        for other in kept[:place]:
            asked = similarity(content(one.prompt), content(other.prompt))
            assert asked < 0.5 or similarity(content(said(one)), content(said(other))) < 0.6


def test_who_comes_first_decides_who_stays_but_not_how_many() -> None:
    rng = random.Random(5)
    groups = [
        [
            example(
                f"How does part {number} of the engine react to frost in winter {extra}?",
                f"Part {number} slows down.",
            )
            for extra in ("", "nights")
        ]
        for number in range(30)
    ]
    for _ in range(3):
        rng.shuffle(groups)
        flat = [one for group in groups for one in group]
        assert sum(name == "" for name, _ in filtered(*flat)) == 30
