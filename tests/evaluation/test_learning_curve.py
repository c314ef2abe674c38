"""The learning curve: fractions that hold each other, and what the last step says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.evaluation.learning_curve import Trained, learning_curve, nested_fraction
from lorewright.evaluation.report_parts import LearningCurve


def example(number: int, task: str, group: str) -> Example:
    turns = (
        Message(role="user", content=f"question {number}"),
        Message(role="assistant", content=f"answer {number}"),
    )
    made = make_example(task=task, messages=turns, evidence=(), origin="import")
    return made.model_copy(update={"group": group})


def examples(groups: list[int], tasks: int = 2) -> list[Example]:
    return [example(number, f"task{number % tasks}", f"g{group}") for number, group in enumerate(groups)]


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=60),
    st.floats(0.01, 1.0),
    st.floats(0.01, 1.0),
)
def test_a_larger_fraction_holds_all_of_a_smaller_one_and_whole_groups(
    groups: list[int], one: float, other: float
) -> None:
    rows = examples(groups)
    small, large = (nested_fraction(rows, fraction) for fraction in sorted((one, other)))
    assert {row.id for row in small} <= {row.id for row in large}
    kept = {(row.task, row.group) for row in small}
    assert [row for row in rows if (row.task, row.group) in kept] == small
    assert {row.task for row in small} == {row.task for row in rows}, "every task is there"


def test_a_fraction_has_about_its_share_of_each_task() -> None:
    rows = examples(list(range(400)))
    for fraction in (0.1, 0.25, 0.5):
        found = nested_fraction(rows, fraction)
        for task in ("task0", "task1"):
            assert sum(row.task == task for row in found) == pytest.approx(200 * fraction, abs=1)
    assert nested_fraction(rows, 1.0) == rows


def test_an_example_more_moves_none_of_the_others() -> None:
    rows = examples(list(range(100)))
    before = {row.id for row in nested_fraction(rows, 0.3)}
    after = {row.id for row in nested_fraction([*rows, example(1000, "task0", "g1000")], 0.3)}
    assert len(before - after) <= 1


def curve_of(*means: float, spread: float = 0.3, n: int = 80) -> LearningCurve:
    trained = [
        Trained(
            fraction=2.0**-place,
            examples=int(1000 * 2.0**-place),
            values={f"e{i}": mean + spread * ((i * (place + 3)) % 7 - 3) / 10 for i in range(n)},
        )
        for place, mean in enumerate(reversed(means))
    ]
    return learning_curve(trained, {}, task="qa", test_set="seen-docs", system="tuned", metric="token_f1")


@pytest.mark.parametrize(
    ("means", "spread", "said"),
    [
        ((0.1, 0.3, 0.5), 0.3, "More data would probably help: about +0.20 for twice as much"),
        ((0.3, 0.5, 0.502), 0.01, "would hardly help"),
        ((0.3, 0.5, 0.52), 2.0, "That may be chance"),
        ((0.3, 0.5, 0.3), 0.1, "made it worse beyond chance"),
    ],
)
def test_the_last_step_says_whether_more_would_help(
    means: tuple[float, ...], spread: float, said: str
) -> None:
    found = curve_of(*means, spread=spread)
    assert said in found.words
    assert "From 500 to 1,000 examples" in found.words
    assert [point.fraction for point in found.points] == [0.25, 0.5, 1.0]
    assert all(point.score.low is not None for point in found.points)


def test_few_groups_decide_nothing_and_one_point_says_nothing() -> None:
    assert "decides nothing" in curve_of(0.1, 0.5, n=2).words
    assert "says nothing" in curve_of(0.5).words
    same = [Trained(fraction, 10, {"a": 0.1, "b": 0.2}) for fraction in (0.5, 1.0)]
    found = learning_curve(same, {}, task="qa", test_set="seen-docs", system="tuned", metric="token_f1")
    assert "adds no example" in found.words
