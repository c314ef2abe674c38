import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.evaluation import text_metrics as metrics
from lorewright.evaluation.json_answers import exact_match
from lorewright.evaluation.tokenizing import spaced, tokens

ALL = [
    metrics.token_f1,
    metrics.rouge_1,
    metrics.rouge_2,
    metrics.rouge_l,
    metrics.bleu,
    metrics.chrf,
    exact_match,
]
TEXT = (
    "the a task's retries pool_slots don't DAG Airflow 3.5 1,000 e.g. max_active_runs=16 --force [default] "
    "never; (see) well-known `retry_delay` café naïve Straße señor — “quoted” it is run & again, after: “it” 50%"
)
WORDS = TEXT.split()
ASCII_WORDS = [word for word in WORDS if word.isascii()]


def pairs(vocabulary: list[str], seed: int) -> list[tuple[str, str]]:
    """Return 1,000 pairs that share some words; every tenth prediction is empty, equal, or says something else."""
    generator = random.Random(seed)
    found = []
    for number in range(1000):
        reference = generator.choices(vocabulary, k=generator.randint(1, 30))
        kept = [word for word in reference if generator.random() < 0.7]
        other = generator.choices(vocabulary, k=generator.randint(0, 10))
        prediction = {0: [], 1: reference, 2: other}.get(number % 30, kept + other)
        if number % 2:
            generator.shuffle(prediction)
        found.append((" ".join(reference), " ".join(prediction)))
    return found


@pytest.mark.parametrize(
    ("metric", "name"),
    [(metrics.rouge_1, "rouge1"), (metrics.rouge_2, "rouge2"), (metrics.rouge_l, "rougeL")],
)
def test_rouge_equals_the_library_on_a_thousand_pairs(metric: Any, name: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    library = RougeScorer([name])
    for reference, prediction in pairs(ASCII_WORDS, seed=1):
        expected = library.score(reference, prediction)[name].fmeasure
        assert metric(reference, prediction) == pytest.approx(expected, abs=1e-9), (reference, prediction)


def test_bleu_and_chrf_equal_the_library_on_a_thousand_pairs() -> None:
    import sacrebleu

    for reference, prediction in pairs(WORDS, seed=2):
        bleu = sacrebleu.sentence_bleu(prediction, [reference]).score / 100
        chrf = sacrebleu.sentence_chrf(prediction, [reference]).score / 100
        assert metrics.bleu(reference, prediction) == pytest.approx(bleu, abs=1e-9), (reference, prediction)
        assert metrics.chrf(reference, prediction) == pytest.approx(chrf, abs=1e-9), (reference, prediction)


def test_bleu_and_chrf_of_a_corpus_equal_the_library() -> None:
    import sacrebleu

    references, predictions = map(list, zip(*pairs(WORDS, seed=3), strict=True))
    bleu = sacrebleu.corpus_bleu(predictions, [references]).score / 100
    chrf = sacrebleu.corpus_chrf(predictions, [references]).score / 100
    assert metrics.corpus_bleu(references, predictions) == pytest.approx(bleu, abs=1e-9)
    assert metrics.corpus_chrf(references, predictions) == pytest.approx(chrf, abs=1e-9)


@pytest.mark.parametrize("corpus", [metrics.corpus_bleu, metrics.corpus_chrf])
@pytest.mark.parametrize(("references", "predictions"), [([], []), (["a"], []), (["a"], ["a", "b"])])
def test_a_corpus_wants_an_answer_for_each_reference(corpus: Any, references: Any, predictions: Any) -> None:
    with pytest.raises(ValueError, match="cannot be compared with"):
        corpus(references, predictions)


@pytest.mark.parametrize(
    ("reference", "prediction", "f1", "rouge_1", "rouge_2", "rouge_l", "bleu"),
    [
        # 6 signs against 5, 4 in common (重 试 任 务), the pairs 重试 试任 任务; BLEU: 4/5 3/4 2/3 1/2, exp(1 - 6/5).
        ("重试任务次数", "重试任务吗", 8 / 11, 8 / 11, 6 / 9, 8 / 11, 0.2**0.25 * 2.718281828459045**-0.2),
        # 4 words against 3, 3 in common, 2 pairs; BLEU: 3/3, 2/2, 1/1, exp(1 - 4/3).
        (
            "Задача повторяется три раза",
            "задача повторяется три",
            6 / 7,
            6 / 7,
            4 / 5,
            6 / 7,
            # BLEU minds case: 2/3, 1/2, and no run of three, smoothed to half a one.
            (2 / 3 * 1 / 2 * 1 / 2) ** (1 / 3) * 2.718281828459045 ** (-1 / 3),
        ),
        # 4 words against 4, 3 in common: 2 pairs; the question mark is a token of BLEU: 4/5, 2/4, 1/3, none of 2.
        (
            "كم مرة تعاد المهمة؟",
            "كم مرة تعاد العملية؟",
            3 / 4,
            3 / 4,
            2 / 3,
            3 / 4,
            (4 / 5 * 2 / 4 * 1 / 3 * 1 / (2 * 2)) ** 0.25,
        ),
        # 3 pictures against 2, 2 in common, one pair; BLEU: 2/2, 1/1, exp(1 - 3/2).
        ("😀🚀🎉", "😀 🚀", 4 / 5, 4 / 5, 2 / 3, 4 / 5, 2.718281828459045**-0.5),
    ],
    ids=["chinese", "cyrillic", "arabic", "emoji"],
)
def test_scripts_other_than_latin_score_as_counted_by_hand(
    reference: str, prediction: str, f1: float, rouge_1: float, rouge_2: float, rouge_l: float, bleu: float
) -> None:
    assert metrics.token_f1(reference, prediction) == pytest.approx(f1, abs=1e-9)
    assert metrics.rouge_1(reference, prediction) == pytest.approx(rouge_1, abs=1e-9)
    assert metrics.rouge_2(reference, prediction) == pytest.approx(rouge_2, abs=1e-9)
    assert metrics.rouge_l(reference, prediction) == pytest.approx(rouge_l, abs=1e-9)
    assert metrics.bleu(reference, prediction) == pytest.approx(bleu, abs=1e-9)


@pytest.mark.parametrize(
    ("reference", "prediction"), [("重试", "重做"), ("да", "до"), ("ما", "مع"), ("😀🚀", "😀🎉")]
)
def test_chrf_counts_the_characters_of_any_script(reference: str, prediction: str) -> None:
    # One of two characters, none of one pair: precision and recall are (1/2 + 0) / 2.
    assert metrics.chrf(reference, prediction) == pytest.approx(0.25, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "重试任务的次数",
        "Повторить задачу три раза",
        "أعد المهمة ثلاث مرات",
        "😀 🚀",
        "タスクを再試行する",
        "작업을 다시 시도",
        "👩🏽‍💻🇩🇪 ok",
        "कार्य दोहराएँ",
    ],
)
@pytest.mark.parametrize("metric", ALL)
def test_identical_text_of_any_script_scores_one(metric: Any, text: str) -> None:
    assert metric(text, text) == pytest.approx(1.0)
    assert metric(text, "¿?") == 0.0


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_answer_fails_whatever_the_reference(metric: Any, empty: str) -> None:
    assert metric("Set retries.", empty) == 0.0
    assert metric("", empty) == 0.0


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_metric_stays_between_zero_and_one(reference: str, prediction: str) -> None:
    for metric in ALL:
        assert 0.0 <= metric(reference, prediction) <= 1.0


def test_token_f1_counts_repeated_words() -> None:
    # shared: a, b; precision 2/3, recall 2/2
    assert metrics.token_f1("a b", "a a b") == pytest.approx(0.8)


def test_answers_without_words_are_compared_by_their_signs() -> None:
    assert metrics.token_f1("+=", " += ") == 1.0
    assert metrics.token_f1("+=", "-=") == 0.0
    assert metrics.token_f1("+=", "plus") == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run it 🚀 now", ["run", "it", "🚀", "now"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("👩‍💻👨‍👩‍👧", ["👩‍💻", "👨‍👩‍👧"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        ("❤️❤", ["❤", "❤"]),
        ("│ ├── café", ["café"]),
    ],
)
def test_tokens_are_words_and_emoji_in_order(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=80))
def test_latin_text_is_left_to_the_library(text: str) -> None:
    assert spaced(text) == text


@given(st.text(max_size=80))
def test_spacing_changes_no_token(text: str) -> None:
    assert tokens(spaced(text)) == tokens(text)
