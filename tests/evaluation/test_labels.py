import json
import random

import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Prediction
from lorewright.evaluation.labels import (
    Labels,
    category_table,
    confusion,
    label_fields,
    label_figures,
    label_rows,
    labels,
    macro_f1,
)
from lorewright.evaluation.reliability import calibration, calibration_error, reliability
from lorewright.evaluation.scoring import score

CATEGORIES = ["timeout", "resource", "permission", "network", "数据质量"]


def log(number: int, **fields: object) -> Example:
    return make_example(
        task="log_analysis",
        messages=(
            Message(role="user", content=f"log {number}"),
            Message(role="assistant", content=json.dumps(fields)),
        ),
        evidence=(),
        origin="import",
    )


def answered(examples: list[Example], texts: list[str], system: str = "tuned") -> list[Prediction]:
    return [
        Prediction(example_id=example.id, system=system, text=text)
        for example, text in zip(examples, texts, strict=True)
    ]


def known(pairs: list[tuple[str, str | None]]) -> Labels:
    return Labels(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), (None,) * len(pairs))


def drawn(seed: int, *, outside: bool) -> Labels:
    """Return 1,000 labels, some rare; with `outside` also unknown, invented and missing ones."""
    generator = random.Random(seed)
    expected = generator.choices(CATEGORIES, weights=[50, 30, 15, 4, 1], k=1000)
    wrong = [*CATEGORIES, *(["unknown", "invented", None] if outside else [])]
    given = [one if generator.random() < 0.6 else generator.choice(wrong) for one in expected]
    return known(list(zip(expected, given, strict=True)))


@pytest.mark.parametrize("seed", range(5))
def test_macro_f1_equals_scikit_learn(seed: int) -> None:
    from sklearn.metrics import f1_score

    found = drawn(seed, outside=False)
    assert macro_f1(found) == pytest.approx(
        f1_score(found.expected, found.given, average="macro", zero_division=0), abs=1e-9
    )


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_are_never_right_count_as_scikit_learn_counts_them(seed: int) -> None:
    from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

    found = drawn(seed, outside=True)
    given = ["nothing" if one is None else one for one in found.given]
    right = sorted(set(found.expected))
    expected = f1_score(found.expected, given, labels=right, average="macro", zero_division=0)
    assert macro_f1(found) == pytest.approx(expected, abs=1e-9)
    rows = label_rows(found)
    precision, recall, f1, support = precision_recall_fscore_support(
        found.expected, given, labels=[row.label for row in rows], zero_division=0
    )
    assert [row.precision for row in rows] == pytest.approx(list(precision), abs=1e-9)
    assert [row.recall for row in rows] == pytest.approx(list(recall), abs=1e-9)
    assert [row.f1 for row in rows] == pytest.approx(list(f1), abs=1e-9)
    assert [row.n for row in rows] == list(support)
    matrix = confusion(found, test_set="unseen-docs", system="tuned", field="category")
    names = [*matrix.given[:-1], "nothing"]
    library = confusion_matrix(found.expected, given, labels=names)
    assert matrix.counts == tuple(map(tuple, library.tolist()[: len(matrix.expected)]))


def test_what_has_no_label_is_an_outcome_of_its_own() -> None:
    examples = [log(number, category="timeout", severity="high") for number in range(7)]
    texts = [
        '{"category": " timeout "}',
        '{"category": "unknown"}',
        '{"category": "resource"}',
        '{"severity": "high"}',
        '{"category": ""}',
        "no JSON",
        '{"category": null}',
    ]
    found = labels(examples, answered(examples, texts), field="category")["tuned"]
    assert found.given == ("timeout", "unknown", "resource", None, None, None, None)
    figures = label_figures(found)
    assert (figures.n, figures.accuracy, figures.unknown, figures.invalid) == (7, 1 / 7, 1 / 7, 4 / 7)
    matrix = confusion(found, test_set="seen-docs", system="tuned", field="category")
    assert matrix.expected == ("timeout",)
    assert matrix.given == ("timeout", "resource", "unknown", "invalid")
    assert matrix.counts == ((1, 1, 1, 4),)


def test_a_cut_answer_has_no_label() -> None:
    examples = [log(1, category="timeout")]
    cut = Prediction(
        example_id=examples[0].id, system="tuned", text='{"category": "timeout"}', finish="length"
    )
    assert labels(examples, [cut], field="category")["tuned"].given == (None,)


def test_a_number_is_not_the_label_that_is_written_like_it() -> None:
    examples = [log(1, level="1"), log(2, level=1), log(3, level=1)]
    found = labels(
        examples, answered(examples, ['{"level": 1}', '{"level": "1"}', '{"level": 1.0}']), field="level"
    )
    assert found["tuned"].given == (None, None, "1")


def test_labels_stand_in_the_order_that_they_have() -> None:
    found = known(
        [("high", "low"), ("high", "high"), ("low", "low"), ("other", "new"), ("unknown", "unknown")]
    )
    matrix = confusion(found, test_set="t", system="s", field="severity", order=("low", "medium", "high"))
    assert matrix.expected == ("low", "high", "other", "unknown")
    assert matrix.given == ("low", "high", "other", "unknown", "new", "invalid")


def test_a_label_that_is_called_invalid_is_not_taken_for_none() -> None:
    found = known([("invalid", "invalid"), ("invalid", None)])
    matrix = confusion(found, test_set="t", system="s", field="category")
    assert matrix.given == ("invalid", "unknown", "no label")
    assert matrix.counts == ((1, 0, 1),)


def test_label_fields_are_those_with_few_different_texts() -> None:
    examples = [
        log(n, message=f"error {n}", category=CATEGORIES[n % 3], confidence=0.5, line=n % 2)
        for n in range(12)
    ]
    assert label_fields(examples) == ("category",)
    assert label_fields([log(1, category="a")]) == ()
    assert label_fields([]) == ()


def test_examples_without_the_field_are_left_out() -> None:
    examples = [log(1, category="a"), log(2, other="b")]
    found = labels(examples, answered(examples, ['{"category": "a"}'] * 2), field="category")
    assert found["tuned"].expected == ("a",)


def test_a_category_table_has_means_and_n_by_label() -> None:
    examples = [log(n, category=name) for n, name in enumerate(["a", "a", "a", "b"])]
    right, wrong = '{"category": "a"}', '{"category": "c"}'
    predictions = answered(examples, [right, wrong, wrong, wrong]) + answered(examples, [right] * 4, "base")
    scores = list(score(examples, predictions))
    table = category_table(examples, scores, test_set="t", field="category", metric="field_accuracy")
    assert [(row.label, row.n, row.means) for row in table.rows] == [
        ("a", 3, {"tuned": pytest.approx(1 / 3), "base": 1.0}),
        ("b", 1, {"tuned": 0.0, "base": 0.0}),
    ]
    ordered = category_table(
        examples, scores, test_set="t", field="category", metric="field_accuracy", order=("b", "a")
    )
    assert [row.label for row in ordered.rows] == ["b", "a"]


def test_bins_reach_from_above_their_lower_end_to_their_upper_end() -> None:
    table = reliability([(0.0, True), (0.1, True), (0.3, False), (0.30001, True), (1.0, True)])
    assert [(one.low, one.high, one.n, one.accuracy) for one in table] == [
        (0.0, 0.1, 2, 1.0),
        (0.2, 0.3, 1, 0.0),
        (0.3, 0.4, 1, 1.0),
        (0.9, 1.0, 1, 1.0),
    ]


def test_calibration_error_is_the_weighted_gap() -> None:
    # Bin 0.9: sure 0.9, right 1/2, 4 answers; bin 0.6: sure 0.55, right 1, 1 answer: (4 * 0.4 + 1 * 0.45) / 5.
    pairs = [(0.9, True), (0.9, False), (0.9, True), (0.9, False), (0.55, True)]
    assert calibration_error(reliability(pairs)) == pytest.approx(0.41)
    assert calibration_error(reliability([(1.0, True), (0.0, False)])) == 0.0
    assert calibration_error(()) == 0.0


def test_calibration_rests_on_the_answers_that_state_a_confidence() -> None:
    examples = [log(n, category="a") for n in range(4)]
    texts = [
        '{"category": "a", "confidence": 0.8}',
        '{"category": "b", "confidence": 0.6}',
        '{"category": "a"}',
        '{"category": "a", "confidence": 80}',
    ]
    found = labels(examples, answered(examples, texts), field="category")["tuned"]
    told = calibration(found, test_set="t", system="tuned")
    assert told is not None
    assert told.n == 2
    assert told.mean_confidence == pytest.approx(0.7)
    assert told.error == pytest.approx(0.4)
    assert label_figures(found).mean_confidence == pytest.approx(0.7)
    assert calibration(known([("a", "a")]), test_set="t", system="tuned") is None
    assert label_figures(known([("a", "a")])).mean_confidence is None
