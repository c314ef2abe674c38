"""Leaks that are planted: after the split the proof finds them, before it they are left out with the reason."""

from collections.abc import Mapping, Sequence

import pytest

from lorewright.core.making import chunk_id, make_example
from lorewright.core.records import Assignment, Evidence, Example, Message
from lorewright.datasets.leakage import leaks, measure
from lorewright.datasets.split import Division, divide

PLACES = {chunk_id("text", (), name): [(name, 0)] for name in ("trained", "watched", "other", "unseen")}
SIDES = {"trained": "train", "other": "train", "watched": "validation", "unseen": "test"}
LONG = "the valve opens slowly so that no pressure wave runs through the long pipe"


def words(stem: str) -> str:
    return " ".join(f"{stem}{number}" for number in range(14))


def ask(question: str, answer: str, document: str, start: int = 0, group: str = "") -> Example:
    evidence = Evidence(chunk_id=chunk_id("text", (), document), start=start, end=start + 10, quote="q" * 10)
    turns = (Message(role="user", content=question), Message(role="assistant", content=answer))
    made = make_example(task="qa", messages=turns, evidence=(evidence,), origin="x")
    return made.model_copy(update={"group": group or document})


TRAIN = [ask(f"What of {words(f't{one}')}?", words(f"u{one}"), "trained", 20 * one) for one in range(4)]
SEEN = ask(f"What of {words('s')}?", words("r"), "trained", 200)
UNSEEN = ask(f"What of {words('n')}?", words("m"), "unseen")
YOURS = ask("How do I stop the third pump at night?", words("y"), "trained", 300)


def proof(*planted: Example, validation: Sequence[Example] = ()) -> Mapping[str, Mapping[str, int]]:
    tests = {"seen-docs": [SEEN], "unseen-docs": [UNSEEN], "questions": [YOURS]}
    return leaks(measure([*TRAIN, *validation, *planted], tests, PLACES))


def test_clean_sets_leak_nothing() -> None:
    assert proof() == {}


PLANTED = {
    "word run of seen": (
        ask("Why so?", f"Because {SEEN.messages[-1].content} indeed.", "other"),
        {"seen-docs": {"leaking_examples": 1}},
    ),
    "word run of unseen": (
        ask(f"Is it so that {UNSEEN.messages[-1].content}", "Yes.", "other"),
        {"unseen-docs": {"leaking_examples": 1}},
    ),
    "word run of yours": (
        ask("Why so?", f"Because {YOURS.messages[-1].content} indeed.", "other"),
        {"questions": {"leaking_examples": 1}},
    ),
    "overlapping evidence": (
        ask("What else is said there?", words("z"), "trained", 205),
        {"seen-docs": {"shared_spans": 1}},
    ),
    "evidence of an unseen document": (
        ask("What else is said there?", words("z"), "unseen", 5),
        {"unseen-docs": {"shared_spans": 1, "shared_groups": 1}},
    ),
    "group of an unseen document": (
        ask("What else is said there?", words("z"), "other", group="unseen"),
        {"unseen-docs": {"shared_groups": 1}},
    ),
    "your question": (
        ask("How can I stop the third pump in the night?", words("z"), "other"),
        {"questions": {"same_questions": 1}},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_leak_planted_after_the_split_is_found(name: str) -> None:
    planted, found = PLANTED[name]
    assert proof(planted) == found
    assert proof(validation=[planted]) == found


def split(*planted: Example, questions: Sequence[Example] = ()) -> Division:
    return divide(
        [*TRAIN, UNSEEN, *planted],
        [Assignment(document_id=key, group=key, split=side) for key, side in SIDES.items()],
        PLACES,
        seen_ratio=0.0,
        near_duplicate_threshold=0.8,
        seed=0,
        questions=questions,
    )


def clean(division: Division) -> bool:
    tests = {
        "seen-docs": division.test_seen_docs,
        "unseen-docs": division.test_unseen_docs,
        "questions": division.test_yours,
    }
    return not leaks(measure([*division.train, *division.validation], tests, PLACES))


@pytest.mark.parametrize("document", ["other", "watched"])
def test_a_word_run_of_a_test_is_left_out_of_training_and_validation(document: str) -> None:
    planted = ask("Why so?", f"Because {UNSEEN.messages[-1].content} indeed.", document)
    division = split(planted)
    assert [(one.record_id, one.filter, one.twin) for one in division.rejections] == [
        (planted.id, "leakage", UNSEEN.id)
    ]
    assert "with a test example" in division.rejections[0].reason
    assert clean(division)


@pytest.mark.parametrize("document", ["other", "watched"])
@pytest.mark.parametrize(
    ("question", "answer", "does"),
    [
        ("How can I stop the third pump in the night?", words("z"), "asks nearly the same as"),
        ("What happens then?", f"Then {words('y')} happens.", "shares 'y0 y1 y2 y3 y4 y5 y6 y7 y8 y9' with"),
    ],
)
def test_nothing_like_your_question_is_fitted_to(
    document: str, question: str, answer: str, does: str
) -> None:
    planted = ask(question, answer, document)
    division = split(planted, questions=[YOURS])
    assert [(one.record_id, one.filter, one.twin) for one in division.rejections] == [
        (planted.id, "leakage", YOURS.id)
    ]
    assert division.rejections[0].reason == f"{does} your question {YOURS.prompt!r}"
    assert division.test_yours == [YOURS]
    assert clean(division)


def test_a_question_of_yours_takes_no_example_from_the_tests() -> None:
    twin = ask("How can I stop the third pump in the night?", words("z"), "unseen")
    assert twin.id in {one.id for one in split(twin, questions=[YOURS]).test_unseen_docs}


def test_evidence_that_overlaps_is_tested_or_trained_on_together() -> None:
    pairs = [
        ask(f"What of {words(f'{stem}{one}')}?", words(f"{stem}{one}x"), "other", 40 * one + shift)
        for one in range(30)
        for stem, shift in (("a", 0), ("b", 5))
    ]
    division = divide(
        pairs,
        [Assignment(document_id="other", group="other", split="train")],
        PLACES,
        seen_ratio=0.3,
        near_duplicate_threshold=0.8,
        seed=0,
    )
    assert 4 <= len(division.test_seen_docs) <= 30
    assert clean(division)


def test_a_document_of_another_side_with_the_same_words_gives_no_example() -> None:
    both = {**PLACES, chunk_id("text", (), "twice"): [("trained", 900), ("unseen", 900)]}
    division = divide(
        [*TRAIN, ask("What stands in both?", words("z"), "twice")],
        [Assignment(document_id=key, group=key, split=side) for key, side in SIDES.items()],
        both,
        seen_ratio=0.0,
        near_duplicate_threshold=0.8,
        seed=0,
    )
    assert [one.reason for one in division.rejections] == [
        "its evidence stands in documents of test and train"
    ]


def test_refusals_may_say_the_same_words() -> None:
    refusal = LONG.replace("valve", "documentation")
    trained = [ask(f"Who is {one}?", refusal, "trained", 20 * one) for one in range(4)]
    yours = ask("Who bakes the bread?", refusal, "none")
    others = [Assignment(document_id=f"d{one}", group=f"d{one}", split="train") for one in range(6)]
    many = {**PLACES, **{chunk_id("text", (), f"d{one}"): [(f"d{one}", 0)] for one in range(6)}}
    common = [ask(f"Where is {one}?", refusal, f"d{one}") for one in range(6)]
    sides = [Assignment(document_id="trained", group="trained", split="train"), *others]
    division = divide(
        [*trained, *common],
        sides,
        many,
        seen_ratio=0.0,
        near_duplicate_threshold=0.8,
        seed=0,
        questions=[yours],
    )
    assert not division.rejections
