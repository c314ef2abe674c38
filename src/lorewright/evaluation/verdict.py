"""Which system to use, decided from paired differences, and why, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Score
from lorewright.evaluation.comparing import (
    CANDIDATES,
    Compared,
    Comparison,
    compare,
    find,
    is_sure_gain,
)
from lorewright.evaluation.means import SystemRow, by_metric_and_system, means_of
from lorewright.evaluation.reasons import reason, warnings_of
from lorewright.evaluation.systems import RETRIEVAL
from lorewright.evaluation.wording import label_words

Choice = Literal["tuned", "tuned+rag", "retrieval", "other", "more-data", "not-better"]

TEST_SETS = ("questions", "unseen-docs", "seen-docs")


@dataclass(frozen=True)
class Verdict:
    """What to use for a task, judged on one test set.

    Attributes:
        metric: The one that decides; higher is better.
        rows: Every system, best first.
        comparisons: The decisive ones first: each tuned system against the best alternative. Then those that people
            ask about.
        better: Whether a tuned system is better than every alternative, beyond chance.
        choice: What to do; `other` is to use the system in `use` because the tuned ones are worse beyond chance.
        use: The system to use now.
        label: The choice as a short sentence.
        reason: Why, with the figures.
        warnings: What limits the verdict.
    """

    task: str
    test_set: str
    metric: str
    rows: tuple[SystemRow, ...]
    comparisons: tuple[Comparison, ...]
    better: bool
    choice: Choice
    use: str
    label: str
    reason: str
    warnings: tuple[str, ...] = ()


def judge(
    scores: Iterable[Score],
    *,
    task: str,
    test_set: str,
    metric: str,
    clusters: Mapping[str, str],
    min_gain: float = 0.02,
    latencies: Mapping[str, float] | None = None,
    costs: Mapping[str, float] | None = None,
    memories: Mapping[str, int] | None = None,
    failures: Mapping[str, int] | None = None,
) -> Verdict:
    """Return the verdict on one task and one test set; it does not depend on the order of the scores.

    A tuned system must lead the best alternative by at least `min_gain`, with the interval of its lead over each
    alternative above zero. A lead that is not certain asks for more data while there are fewer than 50 clusters;
    beyond, it counts as not better. `docs/evaluation.md` says how often that is wrong.

    Args:
        scores: Of this task and test set only, every system on every example.
        task: Name of the task.
        test_set: `questions`, `unseen-docs` or `seen-docs`.
        metric: The metric that decides, from 0 to 1.
        clusters: Cluster by example id, normally `Example.group`.
        min_gain: The least difference worth having, in units of the metric.
        latencies: Seconds an answer by system, where measured.
        costs: Dollars an answer by system, where known.
        memories: Bytes that were used at most, by system, where measured.
        failures: How many answers are errors, empty or cut, by system.

    Raises:
        EvaluationError: There are no scores of the metric, the systems were scored on different examples, or only
            tuned systems were scored.
    """
    by_metric = by_metric_and_system(scores)
    values = by_metric.get(metric)
    if not values:
        raise EvaluationError(f"task {task} has no {metric} scores on {test_set}", hint="lore evaluate")
    if not values.keys() - set(CANDIDATES):
        raise EvaluationError(
            f"only {' and '.join(sorted(values))} answered {test_set} of {task}: there is nothing to be better than",
            hint='add "base" or "retrieval" to evaluation.systems in lore.toml',
        )
    means = means_of(by_metric, metric, clusters)
    scored = {system: of[metric] for system, of in means.items()}
    found = compare(values, {name: one.mean for name, one in scored.items()}, clusters, min_gain=min_gain)
    choice, use = decide(found, min_gain=min_gain)
    failed = (failures or {}).get(use, 0)
    return Verdict(
        task=task,
        test_set=test_set,
        metric=metric,
        rows=tuple(
            SystemRow(
                system=system,
                means=of,
                gap=found.gaps.get(system),
                latency_s=(latencies or {}).get(system),
                cost_usd=(costs or {}).get(system),
                memory_bytes=(memories or {}).get(system),
                failures=(failures or {}).get(system),
            )
            for system, of in means.items()
        ),
        comparisons=found.comparisons,
        better=choice in CANDIDATES,
        choice=choice,
        use=use,
        label=label_words(choice, use),
        reason=reason(found, choice, use, scored, test_set=test_set, metric=metric, min_gain=min_gain),
        warnings=warnings_of(found, use, scored[use], failed=failed, min_gain=min_gain),
    )


def decide(found: Compared, *, min_gain: float) -> tuple[Choice, str]:
    """Return what to do and the system to use now."""
    best = found.best_other
    leads = [found.gaps[name] for name in CANDIDATES if name in found.gaps]
    if found.winners:
        plain, with_retrieval = (name in found.winners for name in CANDIDATES)
        pair = find(found.comparisons, *CANDIDATES[::-1])
        helps = pair is not None and is_sure_gain(pair.difference, min_gain)
        # Without a sure gain from retrieval the plain model is the simpler thing to run.
        chosen: Choice = "tuned+rag" if with_retrieval and (helps or not plain) else "tuned"
        return chosen, chosen
    if any(lead.few and lead.mean >= max(min_gain, 1e-9) for lead in leads):
        return "more-data", best
    if all(lead.high is not None and lead.high < 0 for lead in leads):
        return ("retrieval" if best == RETRIEVAL else "other"), best
    return "not-better", best


def headline(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that counts: on the user's own questions, else on unseen documents, else on seen ones.

    Raises:
        EvaluationError: There is none.
    """
    for test_set in TEST_SETS:
        for verdict in verdicts:
            if verdict.test_set == test_set:
                return verdict
    raise EvaluationError("no test set was evaluated", hint="lore evaluate")
