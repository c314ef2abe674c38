from typing import Any

import numpy as np
import pytest

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
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
    return judge(
        scores, task="qa", test_set=test_set, metric="token_f1", clusters={}, seed=0, resamples=400, **changes
    )


@pytest.mark.parametrize(
    ("means", "choice", "use"),
    [
        ({"base": 0.2, "tuned": 0.6, "retrieval": 0.4}, "tuned", "tuned"),
        ({"base": 0.2, "tuned": 0.3, "tuned+rag": 0.7, "retrieval": 0.4}, "tuned+rag", "tuned+rag"),
        ({"base": 0.2, "tuned": 0.7, "tuned+rag": 0.701, "retrieval": 0.4}, "tuned", "tuned"),
        ({"base": 0.1, "tuned": 0.2, "retrieval": 0.6}, "retrieval", "retrieval"),
        ({"base": 0.6, "tuned": 0.5, "retrieval": 0.3}, "base", "base"),
        ({"base+rag": 0.6, "tuned+rag": 0.5, "retrieval": 0.3}, "base+rag", "base+rag"),
        ({"base": 0.1, "tuned": 0.4, "pattern": 0.7}, "not-better", "pattern"),
        ({"base": 0.1, "retrieval": 0.5}, "retrieval", "retrieval"),
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
    verdict = judge(scores, task="qa", test_set="unseen-docs", metric="token_f1", clusters={}, seed=0)
    assert (verdict.choice, verdict.use) == ("more-data", "base")
    assert "may be chance" in verdict.reason
    assert verdict.warnings[0].startswith("Only 8 independent groups of examples")
    assert "would be certain with about" in verdict.warnings[-1]


def test_a_sure_gain_too_small_to_matter_is_not_better() -> None:
    verdict = verdict_of({"base": 0.5, "tuned": 0.51}, noise=0.001)
    assert verdict.choice == "base"
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


def test_noise_is_seldom_called_better() -> None:
    claims = [
        judge(
            scores_of(
                {"base": 0.4, "retrieval": 0.35, "tuned": 0.4, "tuned+rag": 0.4}, examples=60, seed=seed
            ),
            task="qa",
            test_set="seen-docs",
            metric="token_f1",
            clusters={},
            seed=seed,
            resamples=300,
        ).better
        for seed in range(60)
    ]
    assert sum(claims) <= 5


def test_one_group_decides_nothing() -> None:
    scores = scores_of({"base": 0.1, "tuned": 0.9}, examples=5)
    clusters = {f"e{number:03}": "same" for number in range(5)}
    verdict = judge(scores, task="qa", test_set="seen-docs", metric="token_f1", clusters=clusters, seed=0)
    assert verdict.choice == "more-data"
    assert "no interval: one group only" in verdict.reason


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
        judge([], task="qa", test_set="unseen-docs", metric="token_f1", clusters={}, seed=0)


def test_the_same_scores_give_the_same_verdict() -> None:
    means = {"base": 0.2, "tuned": 0.3, "retrieval": 0.4}
    assert verdict_of(means) == verdict_of(means)
