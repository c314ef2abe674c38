from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
from lorewright.evaluation.summary import verdict_text
from lorewright.evaluation.verdict import headline, judge


def scores_of(means: dict[str, float], *, examples: int, noise: float = 0.1, seed: int = 0) -> list[Score]:
    """Return scores of systems around given means; examples share their difficulty between systems."""
    generator = np.random.default_rng(seed)
    difficulty = generator.normal(0, 0.1, examples)
    return [
        Score(
            example_id=f"e{number:03}",
            system=system,
            metric="token_f1",
            value=float(np.clip(mean + difficulty[number] + generator.normal(0, noise), 0, 1)),
        )
        for system, mean in means.items()
        for number in range(examples)
    ]


def verdict_of(means: Any, *, examples: Any = 80, test_set: Any = "unseen-docs", **changes: Any) -> Any:
    scores = scores_of(means, examples=examples, noise=changes.pop("noise", 0.1))
    return judge(scores, task="qa", test_set=test_set, metric="token_f1", clusters={}, **changes)


@pytest.mark.parametrize(
    ("means", "choice", "use"),
    [
        ({"base": 0.2, "tuned": 0.6, "retrieval": 0.4}, "tuned", "tuned"),
        ({"base": 0.2, "tuned": 0.3, "tuned+rag": 0.7, "retrieval": 0.4}, "tuned+rag", "tuned+rag"),
        ({"base": 0.2, "tuned": 0.7, "tuned+rag": 0.701, "retrieval": 0.4}, "tuned", "tuned"),
        ({"base": 0.1, "tuned": 0.2, "retrieval": 0.6}, "retrieval", "retrieval"),
        ({"base": 0.6, "tuned": 0.5, "retrieval": 0.3}, "other", "base"),
        ({"base+rag": 0.6, "tuned+rag": 0.5, "retrieval": 0.3}, "other", "base+rag"),
        ({"base": 0.1, "tuned": 0.4, "pattern": 0.7}, "other", "pattern"),
        ({"base": 0.1, "tuned": 0.5, "tuned+rag": 0.4, "office/big": 0.8}, "other", "office/big"),
        ({"base": 0.1, "tuned": 0.8, "own/4f2a": 0.5, "office/big+rag": 0.4}, "tuned", "tuned"),
        ({"base": 0.3, "tuned": 0.3, "retrieval": 0.2}, "not-better", "base"),
        ({"base": 0.1, "retrieval": 0.5}, "retrieval", "retrieval"),
        ({"base": 0.1, "office/big": 0.5}, "other", "office/big"),
    ],
)
def test_the_choice_follows_the_scores(means: Any, choice: Any, use: Any) -> None:
    verdict = verdict_of(means)
    assert (verdict.choice, verdict.use) == (choice, use)
    assert verdict.better == (choice in {"tuned", "tuned+rag"})
    assert verdict.rows[0].means["token_f1"].mean == max(row.means["token_f1"].mean for row in verdict.rows)


def test_an_uncertain_lead_asks_for_more_data_while_there_is_little() -> None:
    gains = [0.4, -0.3, 0.5, -0.2, 0.3, -0.1, 0.2, 0.0]
    values = {"base": [0.4] * 8, "tuned": [0.4 + gain for gain in gains]}
    scores = [
        Score(example_id=f"e{number}", system=system, metric="token_f1", value=value)
        for system, row in values.items()
        for number, value in enumerate(row)
    ]
    verdict = judge(scores, task="qa", test_set="unseen-docs", metric="token_f1", clusters={})
    assert (verdict.choice, verdict.use) == ("more-data", "base")
    assert "may be chance" in verdict.reason
    assert verdict.warnings[0].startswith("Only 8 independent groups of examples")
    assert "would be certain with about" in verdict.warnings[-1]


def test_a_sure_gain_too_small_to_matter_is_not_better() -> None:
    verdict = verdict_of({"base": 0.5, "tuned": 0.51}, noise=0.001)
    assert verdict.choice == "not-better"
    assert "less than the 0.02 asked for" in verdict.reason


def test_the_reason_gives_the_figures() -> None:
    verdict = verdict_of({"base": 0.2, "tuned": 0.6, "retrieval": 0.4})
    difference = verdict.comparisons[0].difference
    assert (
        f"+{difference.mean:.2f} (95% interval +{difference.low:.2f} to +{difference.high:.2f})"
        in verdict.reason
    )
    assert "retrieval alone" in verdict.reason
    assert verdict.warnings == ()


def test_a_winner_that_is_mostly_wrong_is_said_to_be() -> None:
    verdict = verdict_of({"base": 0.01, "tuned": 0.15}, noise=0.01)
    assert verdict.choice == "tuned"
    assert "do not rely on its answers unread" in verdict.warnings[0]


@pytest.mark.parametrize("examples", [12, 60])
def test_noise_is_seldom_called_better(examples: Any) -> None:
    means = {"base": 0.4, "retrieval": 0.4, "tuned": 0.4, "tuned+rag": 0.4}
    claims = [
        judge(
            scores_of(means, examples=examples, seed=seed),
            task="qa",
            test_set="seen-docs",
            metric="token_f1",
            clusters={},
            min_gain=0.0,
        ).better
        for seed in range(200)
    ]
    # At most 5% of 200, and three binomial standard deviations.
    assert sum(claims) <= 19


def test_to_beat_the_alternative_that_seems_best_is_not_enough() -> None:
    generator = np.random.default_rng(8)
    base = generator.uniform(0.3, 0.5, 60)
    # Truly better than the tuned model, but so uneven that on these examples it falls behind the base model.
    uneven = np.where(np.arange(60) % 5 < 2, 0.9, 0.0)
    values = {"base": base, "tuned": base + generator.uniform(0.02, 0.08, 60), "office/big": uneven}
    scores = [
        Score(example_id=f"e{number:02}", system=system, metric="token_f1", value=float(value))
        for system, row in values.items()
        for number, value in enumerate(row)
    ]
    verdict = judge(scores, task="qa", test_set="unseen-docs", metric="token_f1", clusters={})
    assert verdict.rows[1].system == "base"
    assert not verdict.better
    assert (verdict.choice, verdict.use) == ("not-better", "base")
    assert "the tuned model scores" in verdict.reason
    assert "office/big" in verdict.reason
    blocked = next(pair for pair in verdict.comparisons if pair.against == "office/big")
    assert blocked.decisive
    assert blocked.difference.mean > 0


@settings(max_examples=25)
@given(st.permutations(range(7)))
def test_the_verdict_does_not_depend_on_the_order_of_scores(order: Any) -> None:
    systems = ("base", "retrieval", "tuned", "tuned+rag", "office/big", "own/4f", "base+rag")
    scores = scores_of(dict.fromkeys(systems, 0.4), examples=20)
    by_system = [one for place in order for one in scores if one.system == systems[place]]
    assert judged(by_system[::-1]) == judged(by_system) == judged(scores)


def test_no_lead_at_all_is_not_better_however_little_is_asked_for() -> None:
    scores = [
        Score(example_id=f"e{number}", system=system, metric="token_f1", value=0.5)
        for system in ("base", "tuned")
        for number in range(8)
    ]
    assert judged(scores, min_gain=0.0).choice == "not-better"


def test_few_groups_that_hide_who_is_best_ask_for_more_data() -> None:
    generator = np.random.default_rng(3)
    base = generator.uniform(0.3, 0.5, 12)
    uneven = np.where(np.arange(12) % 5 < 2, 0.7, 0.0)
    values = {"base": base, "tuned": base + generator.uniform(0.06, 0.1, 12), "office/big": uneven}
    verdict = judged(
        [
            Score(example_id=f"e{number:02}", system=system, metric="token_f1", value=float(value))
            for system, row in values.items()
            for number, value in enumerate(row)
        ]
    )
    assert (verdict.choice, verdict.use) == ("more-data", "base")
    assert "office/big" in verdict.reason


def test_retrieval_is_not_added_to_a_winner_that_does_without() -> None:
    generator = np.random.default_rng(6)
    tuned = generator.uniform(0.5, 0.6, 60)
    values = {
        "base": tuned - generator.uniform(0.2, 0.3, 60),
        "tuned": tuned,
        "tuned+rag": tuned + generator.uniform(-0.1, 0.12, 60),
    }
    verdict = judged(
        [
            Score(example_id=f"e{number:02}", system=system, metric="token_f1", value=float(value))
            for system, row in values.items()
            for number, value in enumerate(row)
        ]
    )
    assert verdict.rows[0].system == "tuned+rag"
    assert verdict.use == "tuned"


def judged(scores: Any, **changes: Any) -> Any:
    return judge(scores, task="qa", test_set="unseen-docs", metric="token_f1", clusters={}, **changes)


def test_of_equally_good_alternatives_the_simplest_to_run_is_named() -> None:
    rows = {"office/big": 0.5, "base+rag": 0.5, "base": 0.5, "retrieval": 0.5, "tuned": 0.4}
    scores = [
        Score(example_id=f"e{number}", system=system, metric="token_f1", value=value)
        for system, value in rows.items()
        for number in range(60)
    ]
    assert judged(scores).use == "retrieval"
    assert judged(scores[::-1]).use == "retrieval"


def test_every_row_tells_its_difference_to_the_best_alternative() -> None:
    verdict = verdict_of({"base": 0.2, "tuned": 0.6, "retrieval": 0.4, "office/big": 0.3})
    gaps = {row.system: row.gap for row in verdict.rows}
    assert gaps["retrieval"] is None
    assert gaps["tuned"] == verdict.comparisons[0].difference
    assert gaps["base"].high < 0
    assert gaps["tuned"].mean == pytest.approx(
        verdict.rows[0].means["token_f1"].mean - verdict.rows[1].means["token_f1"].mean
    )


def test_the_pairs_that_people_ask_about_are_compared_and_the_decisive_ones_come_first() -> None:
    means = {"base": 0.2, "base+rag": 0.4, "tuned": 0.5, "tuned+rag": 0.7, "retrieval": 0.3}
    pairs = [(pair.system, pair.against, pair.decisive) for pair in verdict_of(means).comparisons]
    assert pairs == [
        ("tuned", "base+rag", True),
        ("tuned+rag", "base+rag", True),
        ("tuned+rag", "tuned", True),
        ("tuned", "base", False),
        ("tuned", "retrieval", False),
        ("tuned+rag", "retrieval", False),
    ]


@pytest.mark.parametrize(
    ("means", "label"),
    [
        ({"base": 0.2, "tuned": 0.6}, "Deploy the tuned model"),
        ({"base": 0.2, "tuned+rag": 0.6}, "Deploy the tuned model with retrieval"),
        ({"retrieval": 0.6, "tuned": 0.2}, "Use retrieval alone"),
        ({"base+rag": 0.6, "tuned": 0.2}, "Use the base model with retrieval"),
        ({"office/big+rag": 0.6, "tuned": 0.2}, "Use office/big with retrieval"),
        ({"own/4f2a": 0.6, "tuned": 0.2}, "Use the earlier version 4f2a"),
        ({"neighbour": 0.4, "tuned": 0.4}, "Not better: use the most similar training example's answer"),
    ],
)
def test_the_label_says_what_to_do(means: Any, label: Any) -> None:
    assert verdict_of(means).label == label


def test_what_answers_took_is_shown_where_it_is_known() -> None:
    verdict = verdict_of(
        {"base": 0.2, "tuned": 0.6, "office/big": 0.4},
        latencies={"tuned": 0.25},
        costs={"office/big": 0.00123},
        memories={"tuned": 3 * 2**30, "base": 700 * 2**20},
        failures={"tuned": 4, "base": 0},
    )
    text = verdict_text(verdict)
    assert text.columns == (
        "system",
        "token F1",
        "against office/big",
        "no answer",
        "time an answer",
        "cost an answer",
        "memory",
    )
    cells = {row[0]: row[3:] for row in text.rows}
    assert cells["tuned"] == ("4", "0.25 s", "", "3.0 GiB")
    assert cells["office/big"] == ("", "", "$0.0012", "")
    assert cells["base"] == ("0", "", "", "700 MiB")
    assert text.rows[text.marked][0] == "tuned"
    assert "The tuned model gave no whole answer to 4 of 80 questions; each counts as wrong." in text.lines
    assert verdict_text(verdict_of({"base": 0.2, "tuned": 0.6})).columns == (
        "system",
        "token F1",
        "against base",
    )


def test_one_group_decides_nothing() -> None:
    scores = scores_of({"base": 0.1, "tuned": 0.9}, examples=5)
    clusters = {f"e{number:03}": "same" for number in range(5)}
    verdict = judge(scores, task="qa", test_set="seen-docs", metric="token_f1", clusters=clusters)
    assert verdict.choice == "more-data"
    assert "no interval: too few groups" in verdict.reason
    assert verdict.reason.endswith("So few groups decide nothing.")
    assert verdict.warnings[0].startswith("Only one independent group of examples")


def test_the_headline_is_the_strictest_test_set_there_is() -> None:
    seen, unseen, own = (
        verdict_of({"base": 0.2, "tuned": 0.6}, test_set=name)
        for name in ("seen-docs", "unseen-docs", "questions")
    )
    assert headline([seen, unseen]).test_set == "unseen-docs"
    assert headline([seen, unseen, own]).test_set == "questions"
    with pytest.raises(EvaluationError, match="no test set"):
        headline([])


def test_what_cannot_be_judged_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="only tuned answered unseen-docs of qa"):
        verdict_of({"tuned": 0.5})
    with pytest.raises(EvaluationError, match="task qa has no token_f1 scores"):
        judge([], task="qa", test_set="unseen-docs", metric="token_f1", clusters={})


def test_the_same_scores_give_the_same_verdict() -> None:
    means = {"base": 0.2, "tuned": 0.3, "retrieval": 0.4}
    assert verdict_of(means) == verdict_of(means)
