import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.datasets.leakage import leaking, measure
from lorewright.datasets.taught import Taught, taught_words

PLANTED = "set the number of retries on the operator and not on the whole graph"


def qa(question: str, answer: str, group: str, chunk: str = "") -> Example:
    evidence = (Evidence(chunk_id=chunk, start=0, end=10, quote=answer[:10]),) if chunk else ()
    example = make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=evidence,
        origin="extractive",
    )
    return example.model_copy(update={"group": group})


def log(prompt: str, message: str, template: str) -> Example:
    example = make_example(
        task="log_analysis",
        messages=(
            Message(role="user", content=prompt),
            Message(role="assistant", content=json.dumps({"error_message": message})),
        ),
        evidence=(),
        origin="import",
        metadata={"template": template},
    )
    return example.model_copy(update={"group": f"template={template}"})


def numbered(prefix: str, count: int = 14) -> str:
    return " ".join(f"{prefix}{number}" for number in range(count))


def test_a_planted_answer_is_found_in_every_test() -> None:
    train = [qa("How?", f"Before this {PLANTED}.", "a"), qa("Else?", numbered("x"), "b")]
    tests = {"seen-docs": [qa("Where?", numbered("y"), "a")], "unseen-docs": [qa("What?", PLANTED, "c")]}
    figures = measure(train, tests, {})["tests"]
    assert figures["unseen-docs"]["leaking_examples"] == 1
    assert figures["unseen-docs"]["shared_ngrams"] == 5
    assert figures["seen-docs"]["leaking_examples"] == 0


def test_a_planted_question_is_found() -> None:
    train = [qa(f"Does one {PLANTED}?", numbered("x"), "a")]
    assert (
        measure(train, {"t": [qa(f"Why {PLANTED}?", numbered("y"), "b")]}, {})["tests"]["t"][
            "leaking_examples"
        ]
        == 1
    )


def test_a_copied_short_example_is_found() -> None:
    short = qa("How many?", "Three.", "a")
    copy = short.model_copy(update={"group": "b"})
    assert measure([short], {"t": [copy]}, {})["tests"]["t"]["leaking_examples"] == 1
    assert leaking([short], [copy], split_by="") == {0: ("how many three", copy.id)}


def test_runs_in_many_groups_are_left_out_and_listed() -> None:
    everywhere = "this page is part of the manual and may be out of date"
    train = [qa(f"{numbered(f'q{number}x')}?", everywhere, f"g{number}") for number in range(6)]
    tests = {"t": [qa(f"{numbered('z')}?", everywhere, "other")]}
    report = measure(train, tests, {}, common_groups=5)
    assert report["tests"]["t"]["leaking_examples"] == 0
    assert report["common_ngrams"]["count"] == 4
    assert ["this page is part of the manual and may be", 7] in report["common_ngrams"]["most"]
    assert measure(train, tests, {}, common_groups=7)["tests"]["t"]["leaking_examples"] == 1


def test_repeats_inside_one_group_are_not_common() -> None:
    nine = [qa("one two", "three", "") for _ in range(9)]
    taught = Taught(nine, split_by="", ngram_words=3)
    assert taught.common(["g"] * 9, more_than=5, listed=3) == (0, [])
    groups = [str(number) for number in range(9)]
    assert taught.common(groups, more_than=5, listed=3) == (1, [("one two three", 9)])


def test_leaking_names_the_run_and_the_test_example() -> None:
    test = qa("Why?", PLANTED, "b")
    clean, leak = qa("Clean?", numbered("x"), "a"), qa("Leak?", f"Here {PLANTED}", "a")
    found = leaking([clean, leak], [test], split_by="")
    assert found == {1: ("number of retries on the operator and not on the", test.id)}


def test_runs_that_stop_being_common_by_a_removal_are_counted_again() -> None:
    common = "one two three four five six seven eight nine ten"
    test = qa("Test?", f"{common}. {PLANTED}", "t")
    removed_first = qa("First?", f"{common}. {PLANTED}", "g0")
    others = [
        qa(f"Q{number}?", f"{numbered(f'a{number}x')} {common}", f"g{number}") for number in range(1, 5)
    ]
    train = [removed_first, *others]
    found = leaking(train, [test], split_by="", common_groups=5)
    assert set(found) == {0, 1, 2, 3, 4}
    left = [example for position, example in enumerate(train) if position not in found]
    assert measure(left, {"t": [test]}, {}, common_groups=5)["tests"]["t"]["leaking_examples"] == 0


def test_prompts_of_structured_examples_are_given_data_not_supervised() -> None:
    shared = numbered("line")
    train, test = log(shared, numbered("a"), "one"), log(shared, numbered("b"), "two")
    assert measure([train], {"t": [test]}, {}, split_by="template")["tests"]["t"]["leaking_examples"] == 0
    assert "line0" not in taught_words(train, split_by="template")


def test_answers_shared_between_templates_leak_and_draws_of_one_template_are_counted_apart() -> None:
    train = [log("p1", PLANTED, "one")]
    figures = measure(
        train,
        {"same": [log("p2", PLANTED, "one")], "other": [log("p3", PLANTED, "two")]},
        {},
        split_by="template",
    )["tests"]
    assert (figures["same"]["leaking_examples"], figures["same"]["same_value_examples"]) == (0, 1)
    assert (figures["other"]["leaking_examples"], figures["other"]["same_value_examples"]) == (1, 0)


@pytest.mark.parametrize(("offset", "shared"), [(0, 1), (9, 1), (10, 0), (500, 0)])
def test_overlapping_evidence_in_other_chunks_of_the_document_is_counted(offset: int, shared: int) -> None:
    train, test = qa("A?", numbered("x"), "g", "c1"), qa("B?", numbered("y"), "g", "c2")
    places = {"c1": [("doc", 0), ("elsewhere", 90)], "c2": [("doc", offset)]}
    figures = measure([train], {"seen-docs": [test]}, places)["tests"]["seen-docs"]
    assert (figures["shared_spans"], figures["shared_groups"]) == (shared, 1)


def test_empty_sets_leak_nothing() -> None:
    report = measure([], {"t": []}, {})
    assert report["tests"]["t"]["examples"] == 0
    assert report["common_ngrams"]["count"] == 0


def test_examples_without_a_word_share_nothing() -> None:
    train, test = qa("?", "!", "a"), qa("…", "—", "b")
    assert measure([train], {"t": [test]}, {})["tests"]["t"]["leaking_examples"] == 0
    assert leaking([train], [test], split_by="") == {}


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=7).map(" ".join)
SOME = st.lists(st.tuples(WORDS, WORDS, st.sampled_from("xyz")), max_size=6)


@settings(max_examples=150, deadline=None)
@given(SOME, SOME, st.integers(1, 4), st.integers(0, 3))
def test_shared_runs_are_those_that_a_plain_comparison_finds(
    ones: list[tuple[str, str, str]], others: list[tuple[str, str, str]], length: int, common_groups: int
) -> None:
    train, tests = ([qa(*one) for one in members] for members in (ones, others))

    def runs(example: Example) -> set[tuple[str, ...]]:
        found = f"{example.messages[0].content} {example.messages[1].content}".split()
        return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)} or {tuple(found)}

    every = [*train, *tests]
    groups = {run: {one.group for one in every if run in runs(one)} for one in every for run in runs(one)}
    common = {run for run, standing in groups.items() if len(standing) > common_groups}
    trained = {run for one in train for run in runs(one)} - common
    figures = measure(train, {"t": tests}, {}, ngram_words=length, common_groups=common_groups)
    assert figures["common_ngrams"]["count"] == len(common)
    assert figures["tests"]["t"]["leaking_examples"] == sum(bool(runs(one) & trained) for one in tests)
    assert figures["tests"]["t"]["shared_ngrams"] == len(
        {run for one in tests for run in runs(one) & trained}
    )
    gone = leaking(train, tests, split_by="", ngram_words=length, common_groups=common_groups)
    for position, (text, test_id) in gone.items():
        assert tuple(text.split()) in runs(train[position])
        assert any(tuple(text.split()) in runs(one) for one in tests if one.id == test_id)
    left = [one for position, one in enumerate(train) if position not in gone]
    clean = measure(left, {"t": tests}, {}, ngram_words=length, common_groups=common_groups)
    assert clean["tests"]["t"]["leaking_examples"] == 0
