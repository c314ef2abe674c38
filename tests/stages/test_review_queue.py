"""What a person sees first, and how far others agree with what they decided."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lorewright.core.assessments import Decision
from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.making import make_example, review_key
from lorewright.core.records import Message
from lorewright.stages.review_examples import Reviewable
from lorewright.stages.review_queue import queue
from lorewright.stages.review_stats import Listed, stats
from lorewright.store.decided import Seen, make_decided


def reviewable(name: str, task: str = "qa", accepted: bool = False, **fields: Any) -> Reviewable:
    words = (Message(role="user", content=name), Message(role="assistant", content="So."))
    metadata = {"accepted": True} if accepted else {}
    example = make_example(task=task, messages=words, evidence=(), origin="x", metadata=metadata)
    return Reviewable(example=example, key=review_key(words), **fields)


ALL = [
    reviewable("edge", edge="long answer"),
    reviewable("edge too", edge="short answer"),
    reviewable("worst", score=0.1),
    reviewable("better", score=0.9),
    reviewable("plain"),
    reviewable("settled", accepted=True, edge="rare words"),
    reviewable("near one", filter="near_duplicate"),
    reviewable("near two", filter="near_duplicate"),
    reviewable("generic", filter="generic", task="faq"),
    reviewable("gone", filter="review"),
]


def names(**options: Any) -> list[str]:
    found = queue(ALL, options.pop("decided", ()), **{"limit": 99, **options})
    return [one.example.messages[0].content for one in found]


def test_edge_cases_are_those_set_aside() -> None:
    assert names(sample="edge") == ["edge", "edge too"]


def test_low_scores_come_lowest_first() -> None:
    assert names(sample="low-score") == ["worst", "better"]


def test_rejected_ones_come_one_of_each_filter_in_turn_without_those_a_person_rejected() -> None:
    found = names(sample="rejected")
    assert sorted(found) == ["generic", "near one", "near two"]
    assert "generic" in found[:2]


def test_a_draw_is_stable_and_of_kept_ones() -> None:
    found = names(sample="random")
    assert sorted(found) == ["better", "edge", "edge too", "plain", "worst"]
    assert names(sample="random") == found
    assert names(sample="random", limit=2) == found[:2]
    assert any(names(sample="random", seed=seed) != found for seed in range(1, 4))


def test_mixed_begins_with_one_of_each_and_shows_each_once() -> None:
    found = names()
    assert set(found[:3]) >= {"edge", "worst"}
    assert len(found) == len(set(found)) == 8


def test_what_is_decided_or_settled_is_not_shown_again() -> None:
    found = names(decided={ALL[0].key, ALL[2].key})
    assert not {"edge", "worst", "settled", "gone"} & set(found)


def test_examples_of_the_same_words_are_shown_once() -> None:
    twins = [reviewable("same"), reviewable("same", task="faq"), reviewable("other")]
    assert len(queue(twins, (), limit=9)) == 2


def test_a_filter_or_task_chooses_and_must_exist() -> None:
    assert sorted(names(filter_name="near_duplicate")) == ["near one", "near two"]
    assert names(task="faq") == ["generic"]
    with pytest.raises(ConfigError, match="filter 'nera'") as caught:
        names(filter_name="nera")
    assert caught.value.hint == "there are: generic, near_duplicate, review"
    with pytest.raises(ConfigError, match="task 'nope'"):
        names(task="nope")


@pytest.mark.parametrize("sample", ["edge", "low-score"])
def test_what_nobody_measured_cannot_be_sampled(sample: Any) -> None:
    with pytest.raises(NotFoundError) as caught:
        queue([reviewable("plain")], (), sample=sample, limit=1)
    assert "lore review --sample random" in caught.value.hint


def listed(
    decision: Decision, said: str = "kept", score: float | None = None, state: Any = "stands"
) -> Listed:
    made = make_decided(
        key="k",
        decision=decision,
        reviewer="ada",
        reviewed_at=datetime(2026, 5, 4, tzinfo=UTC),
        seen=Seen(task="qa", said=said, score=score),
    )
    return Listed(decided=made, state=state)


def test_agreement_compares_what_filters_and_judge_said_with_what_people_decided() -> None:
    decisions = [
        *[listed("accept", "kept", 0.9)] * 20,
        *[listed("edit", "kept", 0.2)] * 5,
        *[listed("accept", "generic", 0.6)] * 10,
        *[listed("reject", "generic")] * 15,
        listed("accept", ""),
        listed("reject", "kept", state="replaced"),
        listed("accept", "generic", state="orphan"),
    ]
    found = stats(decisions, min_score=0.5)
    assert (found.decided, found.orphans) == (52, 1)
    assert found.by_decision == {"accept": 32, "reject": 15, "edit": 5}
    assert found.filters.compared == 51
    assert (found.filters.both_good, found.filters.both_bad) == (20, 15)
    assert (found.filters.people_only, found.filters.other_only) == (11, 5)
    assert found.filters.kappa == pytest.approx(0.38, abs=0.01)
    assert found.by_filter["generic"] == {"reject": 15, "accept": 11}
    assert (found.judge.compared, found.judge.kappa) == (35, 1.0)


def test_nothing_decided_is_nothing_compared() -> None:
    found = stats([], min_score=0.5)
    assert (found.decided, found.filters.compared, found.filters.kappa) == (0, 0, None)
