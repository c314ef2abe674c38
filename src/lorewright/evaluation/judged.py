"""What a judge's replies say of answers, as scores beside the others; a judge decides nothing unless it is asked to."""

from collections.abc import Iterator, Mapping, Sequence

from lorewright.core.records import Score
from lorewright.llm.judging import Preference, Scored

JUDGE = "judge"
"""The metric: how right the judge finds an answer, from 0 (1 of 5 points) to 1 (5 of 5)."""
CRITERION_PREFIX = "judge:"
OVER_PREFIX = "judge_over:"
_WORTH: Mapping[Preference, float] = {"one": 1.0, "tie": 0.5, "other": 0.0}


def rubric_scores(example_id: str, system: str, scored: Scored) -> Iterator[Score]:
    """Yield `judge`, and with several criteria `judge:NAME` for each, as shares of the points that can be had."""
    yield Score(
        example_id=example_id,
        system=system,
        metric=JUDGE,
        value=scored.score,
        explanation=scored.explanation,
    )
    if len(scored.scores) > 1:
        for name, points in scored.scores.items():
            yield Score(
                example_id=example_id,
                system=system,
                metric=f"{CRITERION_PREFIX}{name}",
                value=(points - 1) / 4,
            )


def failed_score(example_id: str, system: str, why: str) -> Score:
    """Return the score of a prediction that is no answer: 0, and no judge is asked."""
    return Score(example_id=example_id, system=system, metric=JUDGE, value=0.0, explanation=why)


def preference_score(example_id: str, system: str, against: str, preferred: Preference, why: str) -> Score:
    """Return `judge_over:AGAINST` of a system: 1 where the judge prefers it in both orders, 0.5 for a tie, else 0."""
    return Score(
        example_id=example_id,
        system=system,
        metric=f"{OVER_PREFIX}{against}",
        value=_WORTH[preferred],
        explanation=why,
    )


def without_call(failed: bool, against_failed: bool) -> Preference | None:
    """Return what needs no judge: an answer is better than none, and two that are none tie; None where one is asked."""
    if failed and against_failed:
        return "tie"
    if failed or against_failed:
        return "other" if failed else "one"
    return None


def sampled(example_ids: Sequence[str], count: int) -> frozenset[str]:
    """Return the examples that are judged: the first by id, which is a hash, so that more include the fewer."""
    return frozenset(sorted(example_ids)[:count])
