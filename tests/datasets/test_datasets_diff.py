from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.datasets.diff import differences, differing_settings


def example(question: str, answer: str, task: str = "qa") -> Example:
    return make_example(
        task=task,
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(),
        origin="import",
    )


A, B, C = example("a?", "one"), example("b?", "two"), example("c?", "three")


def test_added_removed_moved_and_changed_are_told_apart() -> None:
    now = example("c?", "four")
    found = differences({"train": [A, C], "test": [B]}, {"train": [B, now], "test": [example("d?", "five")]})
    assert [(one.question, one.before, one.after) for one in found.moved] == [("b?", "test", "train")]
    assert [(one.answer_before, one.answer) for one in found.changed] == [("three", "four")]
    assert [(one.question, one.after) for one in found.added] == [("d?", "test")]
    assert [(one.question, one.before) for one in found.removed] == [("a?", "train")]
    assert (found.same, found.equal) == (0, False)
    assert found.counts["set"] == {}


def test_equal_versions_have_no_difference_and_copies_count_once() -> None:
    found = differences({"train": [A, A, B]}, {"train": [B, A]})
    assert (found.equal, found.same) == (True, 2)
    assert found.counts == {"set": {}, "task": {}, "source": {}}


def test_counts_are_told_where_they_differ() -> None:
    found = differences(
        {"train": [A]},
        {"train": [A, B, example("x", "y", task="summary")]},
        source_of=lambda one: one.task[:1],
    )
    assert found.counts == {
        "set": {"train": (1, 3)},
        "task": {"qa": (1, 2), "summary": (0, 1)},
        "source": {"q": (1, 2), "s": (0, 1)},
    }


pools = st.dictionaries(st.sampled_from(["train", "validation", "test"]), st.sets(st.integers(0, 12)))


@given(pools, pools)
def test_every_example_of_both_is_in_one_part(
    before: dict[str, set[int]], after: dict[str, set[int]]
) -> None:
    def sets(numbers: dict[str, set[int]]) -> dict[str, list[Example]]:
        seen: set[int] = set()
        found = {}
        for name, own in numbers.items():
            found[name] = [example(f"q{n % 5}", f"a{n}") for n in sorted(own - seen)]
            seen |= own
        return found

    was, now = sets(before), sets(after)
    found = differences(was, now)
    assert found.same + len(found.moved) + len(found.removed) + len(found.changed) == sum(
        map(len, was.values())
    )
    assert found.same + len(found.moved) + len(found.added) + len(found.changed) == sum(
        map(len, now.values())
    )
    assert differences(now, now).equal


def test_settings_that_differ_are_named_with_both_values() -> None:
    assert differing_settings({"a": {"b": 1, "c": 2}, "d": []}, {"a": {"b": 1, "c": 3}, "e": True}) == {
        "a.c": (2, 3),
        "d": ([], None),
        "e": (None, True),
    }
