"""Recall and mean reciprocal rank, counted by hand; what counts, and which misses are worst."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Passage, Place
from lorewright.retrieval.quality import RECALL_AT, Outcome, ask_all, figures, figures_by, worst
from lorewright.retrieval.questions import Probe


def passage(chunk_id: str, *, page: bool = False) -> Passage:
    return Passage(
        chunk_id=chunk_id,
        document_id="d",
        text="text",
        score=1.0,
        source="docs",
        path=f"{chunk_id}.md",
        kind="markdown",
        title="",
        place=Place(unit="page" if page else "line", first=3, last=5),
        start=0,
        end=4,
    )


def outcome(
    question: str, rank: int | None, *, sort: str = "heading", lost: bool = False, kind: str = "rest"
) -> Outcome:
    return Outcome(
        question=question,
        sort=sort,
        mode="full-text",
        source="docs",
        kind=kind,
        path="a.md",
        rank=rank,
        lost=lost,
    )


def probe(question: str, *chunk_ids: str, lost: bool = False) -> Probe:
    return Probe(question=question, sort="yours", chunk_ids=chunk_ids, where="a.md:1-2", lost=lost)


FOUND = [passage(f"c{n}") for n in range(1, 13)]


def test_what_was_asked_is_found_at_its_first_answering_passage() -> None:
    probes = [probe("both", "c4", "c2"), probe("last", "c10"), probe("beyond", "c11"), probe("nowhere", "x")]
    outcomes = ask_all(probes, lambda _: FOUND, mode="dense")
    assert [one.rank for one in outcomes] == [2, 10, None, None]
    assert {(one.mode, one.sort, one.where, one.found) for one in outcomes} == {
        ("dense", "yours", "a.md:1-2", "c1.md:3-5")
    }


def test_questions_with_an_answer_are_those_asked_and_those_lost_and_others_are_left_out() -> None:
    probes = [probe("placed", "c1"), probe("lost", lost=True), probe("not in the documents")]
    asked: list[str] = []
    ticks: list[int] = []

    def search(question: str) -> Sequence[Passage]:
        asked.append(question)
        return []

    outcomes = ask_all(probes, search, mode="full-text", tick=ticks.append)
    assert asked == ["placed", "lost"]
    assert [(one.question, one.lost, one.found) for one in outcomes] == [
        ("placed", False, ""),
        ("lost", True, ""),
    ]
    assert ticks == [1, 1, 1]


def test_pages_are_told_as_pages() -> None:
    (found,) = ask_all([probe("q", "x")], lambda _: [passage("scan", page=True)], mode="full-text")
    assert found.found == "scan.md p. 3-5"


def test_figures_are_shares_of_all_and_the_mean_of_reciprocal_ranks() -> None:
    told = figures([outcome(str(n), rank) for n, rank in enumerate([1, 2, 4, None])])
    assert told.questions == 4
    assert told.recall == {1: 0.25, 3: 0.5, 5: 0.75, 10: 0.75}
    assert told.mrr == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)


def test_figures_of_nothing_are_zero() -> None:
    told = figures([])
    assert (told.questions, told.mrr, set(told.recall.values())) == (0, 0.0, {0.0})


@given(st.lists(st.one_of(st.none(), st.integers(1, 10)), min_size=1, max_size=30))
def test_recall_grows_with_depth_and_holds_the_reciprocal_rank_between_its_ends(
    ranks: list[int | None],
) -> None:
    told = figures([outcome(str(n), rank) for n, rank in enumerate(ranks)])
    shares = [told.recall[k] for k in RECALL_AT]
    assert shares == sorted(shares)
    assert told.recall[1] - 1e-12 <= told.mrr <= told.recall[10] + 1e-12
    assert told.recall[10] == pytest.approx(sum(rank is not None for rank in ranks) / len(ranks))


def test_groups_are_told_apart_the_largest_first() -> None:
    rows = [outcome("a", 1, kind="html"), outcome("b", None), outcome("c", 2), outcome("d", 1, kind="pdf")]
    told = figures_by(rows, lambda one: one.kind)
    assert {name: (one.questions, one.recall[1]) for name, one in told.items()} == {
        "rest": (2, 0.0),
        "html": (1, 1.0),
        "pdf": (1, 1.0),
    }
    assert list(told) == ["rest", "html", "pdf"]


def test_the_worst_are_the_users_own_then_sections_and_of_each_the_lost_the_unfound_the_late() -> None:
    rows = [
        outcome("section late", 7),
        outcome("section unfound", None),
        outcome("section first", 1),
        outcome("yours late", 3, sort="yours"),
        outcome("yours later", 9, sort="yours"),
        outcome("yours unfound", None, sort="yours"),
        outcome("yours lost", None, sort="yours", lost=True),
        outcome("yours first", 1, sort="yours"),
    ]
    expected = [
        "yours lost",
        "yours unfound",
        "yours later",
        "yours late",
        "section unfound",
        "section late",
    ]
    assert [one.question for one in worst(rows)] == expected
    assert [one.question for one in worst(rows[::-1], 3)] == expected[:3]
