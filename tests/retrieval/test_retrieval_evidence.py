"""What is learned of an index that is asked about itself: a likelihood, a threshold, and what others would do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Place
from lorewright.retrieval.evidence import MIN_QUESTIONS, learn, signals, trades
from lorewright.retrieval.index import update
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import Index, open_index

scores = st.floats(0, 60, allow_nan=False)


def drawn(middle: tuple[float, float], count: int, seed: int) -> list[tuple[float, ...]]:
    generator = np.random.default_rng(seed)
    return [tuple(one) for one in generator.normal(middle, (2.0, 0.05), (count, 2)).tolist()]


def test_signals_that_differ_are_told_apart() -> None:
    learned = learn(drawn((20, 0.7), 100, 1), drawn((8, 0.3), 100, 2))
    assert learned is not None
    assert learned.questions == 100
    fresh_yes, fresh_no = drawn((20, 0.7), 200, 3), drawn((8, 0.3), 200, 4)
    assert np.mean([learned.of(one) for one in fresh_yes]) > 0.9
    assert np.mean([learned.of(one) for one in fresh_no]) < 0.1
    assert np.mean([learned.of(one) < learned.threshold for one in fresh_no]) > 0.95
    assert np.mean([learned.of(one) < learned.threshold for one in fresh_yes]) < 0.1


def test_signals_that_do_not_differ_refuse_hardly_anything() -> None:
    learned = learn(drawn((20, 0.7), 100, 1), drawn((20, 0.7), 100, 2))
    assert learned is not None
    assert np.mean([learned.of(one) < learned.threshold for one in drawn((20, 0.7), 500, 3)]) < 0.1


@given(
    st.lists(scores, min_size=MIN_QUESTIONS, max_size=90),
    st.lists(scores, min_size=1, max_size=90),
    st.sampled_from([0.0, 0.02, 0.1, 0.5]),
)
def test_the_threshold_refuses_no_more_than_the_share_asked_for(
    yes: list[float], no: list[float], share: float
) -> None:
    learned = learn([(one,) for one in yes], [(one,) for one in no], false_refusals=share)
    assert learned is not None
    refused = sum(learned.of((one,)) < learned.threshold for one in yes)
    assert refused <= share * len(yes)
    assert all(0 <= learned.of((one,)) <= 1 for one in [*yes, *no, 1e9, -1e9])


@given(st.lists(scores, min_size=MIN_QUESTIONS, max_size=60), st.lists(scores, min_size=1, max_size=60))
def test_a_higher_threshold_never_refuses_less(yes: list[float], no: list[float]) -> None:
    learned = learn([(one,) for one in yes], [(one,) for one in no])
    assert learned is not None
    for shares in (
        [one.threshold for one in learned.trades],
        [one.false_refusals for one in learned.trades],
        [one.refusals for one in learned.trades],
    ):
        assert shares == sorted(shares)


@given(
    st.lists(st.floats(0, 1), max_size=20),
    st.lists(st.floats(0, 1), max_size=20),
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
)
def test_trades_count_what_lies_below(yes: list[float], no: list[float], thresholds: list[float]) -> None:
    found = trades(yes, no, thresholds)
    assert [one.threshold for one in found] == thresholds
    for one in found:
        assert one.false_refusals * len(yes) == pytest.approx(sum(value < one.threshold for value in yes))
        assert one.refusals * len(no) == pytest.approx(sum(value < one.threshold for value in no))


@pytest.mark.parametrize("count", [0, 1, MIN_QUESTIONS - 1])
def test_of_few_questions_nothing_is_learned(count: int) -> None:
    assert learn([(1.0,)] * count, [(0.0,)] * count) is None


def test_of_answered_questions_alone_nothing_is_learned() -> None:
    assert learn([(1.0,)] * MIN_QUESTIONS, []) is None


def test_equal_signals_are_no_division_by_zero() -> None:
    learned = learn([(3.0,)] * MIN_QUESTIONS, [(3.0,)] * MIN_QUESTIONS)
    assert learned is not None
    assert learned.of((3.0,)) == pytest.approx(0.5)
    assert not learned.of((3.0,)) < learned.threshold


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder: Path = tmp_path_factory.mktemp("index")
    texts = {"a": "The valve opens slowly.", "b": "A valve that leaks.", "c": "The mail is sent at night."}
    rows = [
        IndexRow(
            chunk_id=name,
            document_id=f"document {name}",
            start=0,
            end=len(text),
            text=text,
            source="docs",
            path=name,
            kind="markdown",
            title="",
            place=Place(unit="line", first=1, last=1),
        )
        for name, text in texts.items()
    ]
    state = update(folder, lambda: rows, stemming="english")
    return open_index(folder, state.table, state.version, stemming="english")


def test_a_signal_is_the_score_of_the_best_passage_by_what_the_words_could_reach(index: Index) -> None:
    best, second = index.search("opening a valve", k=2)
    assert (best.document_id, second.document_id) == ("document a", "document b")
    reachable = index.reachable("opening a valve")
    assert best.score <= reachable
    assert signals(index, "opening a valve") == (best.score / reachable**0.5,)
    assert signals(index, "opening a valve", without="document a") == (second.score / reachable**0.5,)


def test_an_unknown_word_raises_what_could_be_reached_and_words_that_nobody_searches_do_not(
    index: Index,
) -> None:
    reached = index.reachable("opening a valve")
    assert index.reachable("what of the opening a valve, valves") == pytest.approx(reached)
    assert index.reachable("opening a valve of flurbs") > reached + index.reachable("valve")
    assert index.reachable("of the") == 0
    assert signals(index, "of the") == (0.0,)


def test_a_signal_of_nothing_is_zero(index: Index) -> None:
    assert signals(index, "zebra") == (0.0,)
    assert signals(index, "mail", without="document c") == (0.0,)
    assert signals(index, "") == (0.0,)
