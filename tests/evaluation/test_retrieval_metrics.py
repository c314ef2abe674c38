import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Prediction
from lorewright.evaluation.retrieval_metrics import evidence_rank, retrieval_scores
from lorewright.text.ranks import first_rank, mean_reciprocal_rank, recall_at

QUOTE = "A failed task is  retried three times."


def example(*chunk_ids: str, answer: str = "Three times.", refusal: bool = False) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content="How often?"), Message(role="assistant", content=answer)),
        evidence=tuple(Evidence(chunk_id=one, start=0, end=len(QUOTE), quote=QUOTE) for one in chunk_ids),
        origin="extractive",
        metadata={"refusal": True} if refusal else None,
    )


def shown(to: Example, *passages: str, system: str = "base+rag") -> Prediction:
    return Prediction(example_id=to.id, system=system, text="Three.", passages=passages)


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        (("gold", "b", "c"), {"recall_at_1": 1, "recall_at_3": 1, "recall_at_5": 1, "mrr": 1}),
        (("a", "b", "gold"), {"recall_at_1": 0, "recall_at_3": 1, "recall_at_5": 1, "mrr": 1 / 3}),
        (("a", "b", "c", "gold"), {"recall_at_1": 0, "recall_at_3": 0, "recall_at_5": 1, "mrr": 1 / 4}),
        (("a", "b"), {"recall_at_1": 0, "recall_at_3": 0, "recall_at_5": 0, "mrr": 0}),
        ((), {"recall_at_1": 0, "recall_at_3": 0, "recall_at_5": 0, "mrr": 0}),
    ],
)
@pytest.mark.parametrize("system", ["retrieval", "tuned+rag", "office/qwen+rag"])
def test_recall_and_reciprocal_rank_follow_the_first_passage_of_the_evidence(
    passages: tuple[str, ...], expected: dict[str, float], system: str
) -> None:
    asked = example("gold")
    scores = list(retrieval_scores([asked], [shown(asked, *passages, system=system)]))
    assert {one.metric: one.value for one in scores} == expected


def test_systems_without_passages_and_questions_without_evidence_are_left_out() -> None:
    asked, bare = example("gold"), example()
    refused, structured = example("gold", refusal=True), example("gold", answer='{"a": 1}')
    predictions = [shown(asked, system="tuned"), *(shown(one, "gold") for one in (bare, refused, structured))]
    assert list(retrieval_scores([asked, bare, refused, structured], predictions)) == []


def test_a_passage_that_says_the_quote_answers_under_another_id() -> None:
    asked = example("gold")
    texts = ["Nothing.", "It says: A failed task\nis retried three times. Then it fails."]
    assert evidence_rank(asked, shown(asked, "a", "joined"), texts) == 2
    assert evidence_rank(asked, shown(asked, "a", "joined")) is None
    found = retrieval_scores([asked], [shown(asked, "a", "joined")], shown={asked.id: texts})
    assert {one.explanation for one in found} == {"found at rank 2"}


def test_any_chunk_of_the_evidence_answers() -> None:
    asked = example("one", "two")
    assert evidence_rank(asked, shown(asked, "x", "two", "one")) == 2


@given(st.lists(st.lists(st.booleans(), max_size=8), max_size=8), st.integers(1, 8))
def test_recall_grows_with_k_and_the_reciprocal_rank_lies_between(results: list[list[bool]], k: int) -> None:
    ranks = [first_rank(one) for one in results]
    assert 0 <= recall_at(ranks, 1) <= recall_at(ranks, k) <= recall_at(ranks, k + 1) <= 1
    assert recall_at(ranks, 1) <= mean_reciprocal_rank(ranks) <= recall_at(ranks, 8) + 1e-12
