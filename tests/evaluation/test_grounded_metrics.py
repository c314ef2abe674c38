import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Prediction
from lorewright.evaluation.grounded_metrics import (
    Refusals,
    citation_scores,
    refusal_scores,
    refusals,
    uncarried,
)
from lorewright.llm.retrieval_template import RETRIEVAL

PASSAGES = (
    "A pool limits how many tasks run at once. The default pool has 128 slots.",
    "A failed task is retried up to `retries` times, and waits `retry_delay` before each retry.",
)
QUOTE = "The default pool has 128 slots."


def asked(question: str, answer: str, *, refusal: bool = False) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(Evidence(chunk_id="c", start=0, end=len(QUOTE), quote=QUOTE),),
        origin="extractive",
        metadata={"refusal": True} if refusal else None,
    )


ANSWERABLE = asked("How many slots has the default pool?", QUOTE)
UNANSWERABLE = asked("Who wrote the scheduler?", RETRIEVAL.refusal, refusal=True)
LOG = asked("a log", '{"category": "timeout"}')


def said(example: Example, text: str, system: str = "tuned+rag", **fields: str) -> Prediction:
    return Prediction.model_validate({"example_id": example.id, "system": system, "text": text, **fields})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("The default pool has 128 slots [1].", ""),
        ("It has 128 slots [1], and a failed task is retried up to `retries` times [2].", ""),
        ("The default pool has 128 slots [1, 2].", ""),
        ("The default pool has 128 slots.", "cites no passage"),
        ("The default pool has 128 slots [3].", "cites passage 3, and 2 are shown"),
        ("The default pool has 128 slots [0].", "cites passage 0, and 2 are shown"),
        ("The default pool has 128 slots [2].", "the answer's '128' stands neither"),
        ("The default pool has 64 slots [1].", "the answer's '64' stands neither"),
        ("The setting `pool_slots` says so [1].", "the answer's 'pool_slots' stands neither"),
        ("[1]", "cites passages and says nothing"),
        (
            "Elephants wander through savannas while drinking muddy water near villages [1].",
            "the evidence carries",
        ),
    ],
)
def test_a_citation_holds_what_the_cited_passage_says(answer: str, reason: str) -> None:
    found = uncarried(answer, question=ANSWERABLE.prompt, passages=PASSAGES, min_support=0.55)
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("question", "passage", "right", "wrong"),
    [
        (
            "默认池有多少个槽位？",
            "默认池有128个槽位，每个任务占用一个槽位。",
            "默认池有128个槽位 [1]。",
            "默认池有64个槽位 [1]。",
        ),
        (
            "Сколько мест в пуле?",
            "В пуле по умолчанию 128 мест, каждая задача занимает одно место.",
            "В пуле 128 мест [1].",
            "В пуле 64 места [1].",
        ),
        (
            "كم عدد المقاعد في المجموعة؟",
            "تحتوي المجموعة الافتراضية على 128 مقعدا.",
            "تحتوي على 128 مقعدا [1].",
            "تحتوي على 64 مقعدا [1].",
        ),
    ],
    ids=["chinese", "russian", "arabic"],
)
def test_a_citation_holds_in_any_script(question: str, passage: str, right: str, wrong: str) -> None:
    assert uncarried(right, question=question, passages=[passage], min_support=0.55) == ""
    assert "64" in uncarried(wrong, question=question, passages=[passage], min_support=0.55)


def test_citations_are_scored_where_numbered_passages_were_shown() -> None:
    predictions = [
        said(ANSWERABLE, "It has 128 slots [1]."),
        said(ANSWERABLE, "It has 128 slots.", "base+rag"),
        said(ANSWERABLE, RETRIEVAL.refusal, "a/b+rag"),
        said(ANSWERABLE, "It has 128 slots [1].", "c/d+rag", finish="length"),
        said(ANSWERABLE, "It has 128 slots.", "tuned"),
        said(UNANSWERABLE, "Ada wrote it [1]."),
        said(LOG, "{}"),
    ]
    scores = list(
        citation_scores(
            [ANSWERABLE, UNANSWERABLE, LOG],
            predictions,
            numbered=lambda _, prediction: PASSAGES if prediction.system.endswith("+rag") else (),
            min_support=0.55,
        )
    )
    assert [(one.system, one.value, one.explanation) for one in scores] == [
        ("tuned+rag", 1.0, ""),
        ("base+rag", 0.0, "cites no passage"),
        ("a/b+rag", 0.0, f"declines: {RETRIEVAL.refusal!r}"),
        ("c/d+rag", 0.0, "cut at the limit of length"),
    ]
    assert {one.metric for one in scores} == {"citation_holds"}


REFUSING = [RETRIEVAL.refusal, "I don't know.", "文档中没有提到。", "К сожалению, об этом ничего не сказано."]


@pytest.mark.parametrize("text", REFUSING)
def test_a_refusal_is_right_where_nothing_is_known_and_wrong_elsewhere(text: str) -> None:
    scores = list(
        refusal_scores(
            [ANSWERABLE, UNANSWERABLE, LOG],
            [said(UNANSWERABLE, text), said(ANSWERABLE, text), said(LOG, text)],
        )
    )
    assert [(one.metric, one.value) for one in scores] == [("correct_refusal", 1.0), ("answered", 0.0)]
    assert all(one.explanation.startswith("declines: ") for one in scores)


def test_an_answer_is_right_where_something_is_known_and_wrong_elsewhere() -> None:
    text = "The default pool has 128 slots [1]."
    scores = list(
        refusal_scores([ANSWERABLE, UNANSWERABLE], [said(UNANSWERABLE, text), said(ANSWERABLE, text)])
    )
    assert [(one.metric, one.value, one.explanation) for one in scores] == [
        ("correct_refusal", 0.0, "answers where nothing is known"),
        ("answered", 1.0, ""),
    ]


@pytest.mark.parametrize("fields", [{"finish": "length"}, {"error": "HTTP 500"}, {"text": ""}])
def test_a_failure_is_neither_an_answer_nor_a_refusal(fields: dict[str, str]) -> None:
    predictions = [said(one, **{"text": RETRIEVAL.refusal, **fields}) for one in (ANSWERABLE, UNANSWERABLE)]
    assert [one.value for one in refusal_scores([ANSWERABLE, UNANSWERABLE], predictions)] == [0.0, 0.0]
    assert refusals([ANSWERABLE, UNANSWERABLE], predictions) == {
        "tuned+rag": Refusals(unanswerable=1, correct=0, answerable=1, false=0, failed=2)
    }


def test_refusals_are_counted_by_system() -> None:
    predictions = [
        said(ANSWERABLE, "128"),
        said(UNANSWERABLE, RETRIEVAL.refusal),
        said(ANSWERABLE, RETRIEVAL.refusal, "base"),
        said(UNANSWERABLE, "Ada.", "base"),
        said(LOG, "{}", "base"),
    ]
    assert refusals([ANSWERABLE, UNANSWERABLE, LOG], predictions) == {
        "tuned+rag": Refusals(unanswerable=1, correct=1, answerable=1, false=0, failed=0),
        "base": Refusals(unanswerable=1, correct=0, answerable=1, false=1, failed=0),
    }


def test_what_a_shown_passage_says_declines_nothing() -> None:
    text = "The documentation of the vendor does not say more."
    [refused] = refusal_scores([ANSWERABLE], [said(ANSWERABLE, text, "retrieval")])
    [quoting] = refusal_scores(
        [ANSWERABLE], [said(ANSWERABLE, text, "retrieval")], shown={ANSWERABLE.id: [f"Slots: 128. {text}"]}
    )
    assert (refused.value, quoting.value) == (0.0, 1.0)
