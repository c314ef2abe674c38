"""Which test examples are asked: of as many groups as there are, for intervals are over groups."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.stages.evaluate_suites import spread


def example(number: int, group: str) -> Example:
    messages = (
        Message(role="user", content=f"Question {number}?"),
        Message(role="assistant", content="An answer."),
    )
    made = make_example(task="qa", messages=messages, evidence=(), origin="test")
    return made.model_copy(update={"group": group})


def test_a_huge_document_leaves_room_for_the_others() -> None:
    examples = [example(n, "huge") for n in range(100)] + [
        example(n, f"small {n % 5}") for n in range(100, 110)
    ]
    counts = Counter(one.group for one in spread(examples, 12))
    assert counts == {"huge": 2, **{f"small {n}": 2 for n in range(5)}}


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 50))
def test_as_many_as_asked_for_as_evenly_as_groups_allow_and_more_include_the_fewer(
    groups: list[str], count: int
) -> None:
    examples = [example(number, group) for number, group in enumerate(groups)]
    chosen = spread(examples, count)
    assert len(chosen) == min(count, len(examples))
    assert [one.id for one in chosen] == sorted(one.id for one in chosen)
    assert {one.id for one in chosen} <= {one.id for one in spread(examples[::-1], count + 1)}
    taken, there = Counter(one.group for one in chosen), Counter(groups)
    most = max(taken.values(), default=0)
    assert all(taken[group] >= min(most - 1, there[group]) for group in there)
