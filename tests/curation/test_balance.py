from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Rejection
from lorewright.curation.balance import REPEATS, cap_groups, largest_size, repeat_small_groups
from lorewright.curation.reviewing import ACCEPTED


def example(number: int, task: str, **metadata: object) -> Example:
    return make_example(
        task=task,
        messages=(
            Message(role="user", content=f"What is {number}?"),
            Message(role="assistant", content=f"It is {task}."),
        ),
        evidence=(),
        origin="import",
        metadata=dict(metadata),
    )


def group(one: Example) -> str:
    return one.task


def several(sizes: dict[str, int]) -> list[Example]:
    return [example(number, task) for task, size in sizes.items() for number in range(size)]


def kept(outcomes: list[Example | Rejection]) -> list[Example]:
    return [one for one in outcomes if isinstance(one, Example)]


sizes = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 30), min_size=1)
shares = st.floats(0.05, 1.0)


@given(sizes, shares)
def test_no_group_has_more_than_its_share_and_every_example_comes_out_once(
    drawn: dict[str, int], share: float
) -> None:
    examples = several(drawn)
    outcomes = cap_groups(examples, group_of=group, max_share=share, seed=0)
    ids = [one.id if isinstance(one, Example) else one.record_id for one in outcomes]
    assert ids == [one.id for one in examples]
    counts = Counter(one.task for one in kept(outcomes))
    assert counts.keys() == drawn.keys()
    total = counts.total()
    possible = max(share, 1 / len(drawn))
    smallest = min(drawn.values())
    assert max(counts.values()) <= max(possible * total + 1e-9, smallest)


@given(sizes, shares)
def test_as_many_stay_as_the_share_allows(drawn: dict[str, int], share: float) -> None:
    most = largest_size(list(drawn.values()), max_share=share)
    bigger = [min(size, most + 1) for size in drawn.values()]
    assert most == max(drawn.values()) or max(bigger) > share * sum(bigger)


def test_which_stay_does_not_depend_on_the_order_and_a_reason_counts() -> None:
    examples = several({"qa": 30, "log": 10})
    outcomes = cap_groups(examples, group_of=group, max_share=0.5, seed=0)
    again = cap_groups(examples[::-1], group_of=group, max_share=0.5, seed=0)
    assert {one.id for one in kept(outcomes)} == {one.id for one in kept(again)}
    rejected = next(one for one in outcomes if isinstance(one, Rejection))
    assert rejected.reason == "qa has 30 examples, 10 are at most 50% of all"
    assert len(kept(outcomes)) == 20


def test_what_a_person_accepted_stays_first() -> None:
    accepted = [example(number, "qa", **{ACCEPTED: True}) for number in range(100, 105)]
    outcomes = cap_groups([*several({"qa": 30, "log": 5}), *accepted], group_of=group, max_share=0.5, seed=0)
    assert [one for one in kept(outcomes) if one.task == "qa"] == accepted


@given(sizes, st.integers(1, 5))
def test_small_groups_are_repeated_up_to_the_largest_and_no_further(
    drawn: dict[str, int], max_repeats: int
) -> None:
    marked = repeat_small_groups(several(drawn), group_of=group, max_repeats=max_repeats)
    seen: Counter[str] = Counter()
    for one in marked:
        seen[one.task] += one.metadata.get(REPEATS, 1)
    largest = max(drawn.values())
    for task, size in drawn.items():
        assert size <= seen[task] <= largest
        assert seen[task] == size * max_repeats or seen[task] + size > largest
