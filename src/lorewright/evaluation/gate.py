"""The gate: may this model be used? Conditions that a project sets, checked on the scores of a finished evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lorewright.core.errors import ConfigError, EvaluationError
from lorewright.evaluation.baseline_values import Baseline, Baselines
from lorewright.evaluation.comparing import CANDIDATES, Compared, Values, compare, is_sure_gain, simplicity
from lorewright.evaluation.gate_wording import (
    baseline_words,
    gain_words,
    general_loss_words,
    no_model_words,
    nothing_to_compare_words,
    production_words,
)
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference
from lorewright.evaluation.report_parts import Gate, GateCheck
from lorewright.evaluation.scoring import ANSWER_NLL
from lorewright.evaluation.systems import RAG_SUFFIX
from lorewright.evaluation.verdict import TEST_SETS

# Sums of hundredths are not exact, and baselines are written with six decimals: 0.52 - 0.50 is a hair more than 0.02.
_HAIR = 1e-6


@dataclass(frozen=True)
class Scored:
    """What systems scored on one task and test set.

    Attributes:
        headline: The metric that decides the verdict.
        scores: Values by metric, system and example id.
        clusters: Cluster by example id.
        examples: Digest of the examples.
    """

    task: str
    test_set: str
    headline: str
    scores: Mapping[str, Values]
    clusters: Mapping[str, str]
    examples: str


@dataclass(frozen=True)
class Conditions:
    """What is asked of a model; None is not asked.

    Attributes:
        metric: The one that counts, where a task has it; empty, or where not, the one that decides the verdict.
        system: `tuned` or `tuned+rag`; empty is the better of them.
        min_gain: The least lead over the best alternative; the lead must be certain, too.
        max_drop: The most that may be lost against production and against the baselines.
        tolerance: What a drop may exceed that by.
        test_sets: Those that count; empty is the first of each task: questions, unseen-docs, seen-docs.
        max_general_loss_increase: How much worse general text may be known, in nats a token.
    """

    metric: str = ""
    system: str = ""
    min_gain: float | None = None
    max_drop: float | None = None
    tolerance: float = 0.0
    test_sets: tuple[str, ...] = ()
    max_general_loss_increase: float | None = None


def gate(
    scored: Sequence[Scored],
    asked: Conditions,
    *,
    baselines: Baselines,
    production: str = "",
    general_loss: Interval | None = None,
) -> Gate:
    """Return each condition with what was found, and whether it holds.

    A gain holds where it is large enough and certain: its interval, and that of the lead over each other alternative,
    lies above zero. A drop counts where it exceeds `max_drop + tolerance`, whatever its interval, which is told. Where
    a drop is asked about and there is neither production nor a baseline to compare with, the check fails and says so.

    Args:
        scored: Every task and test set.
        asked: What is asked of the model.
        baselines: Earlier values.
        production: The system that is in production, `own/RUN`; empty where there is none. It is no alternative.
        general_loss: How much higher the tuned model's loss is on general text; None where it was not measured.

    Raises:
        ConfigError: No task has the metric, or it is one of which less is better.
        EvaluationError: Nothing but tuned models was evaluated.
    """
    _require_metric(scored, asked.metric)
    checks: list[GateCheck] = []
    if asked.min_gain is not None or asked.max_drop is not None:
        for one in counting(scored, asked.test_sets):
            checks += _checks_of(one, asked, baselines, production)
    if asked.max_general_loss_increase is not None:
        checks.append(_general_loss(general_loss, asked.max_general_loss_increase))
    return Gate(tuple(checks))


def counting(scored: Sequence[Scored], test_sets: Sequence[str]) -> list[Scored]:
    """Return those that count, in the order of their tasks.

    Raises:
        ConfigError: A test set is asked for that has no examples.
    """
    lacking = [name for name in test_sets if name not in {one.test_set for one in scored}]
    if lacking:
        there = ", ".join(name for name in TEST_SETS if name in {one.test_set for one in scored})
        raise ConfigError(
            f"evaluation.gate.test_sets names {lacking[0]!r}, which has no examples.", f"there are: {there}"
        )
    ordered = sorted(scored, key=lambda one: (one.task, TEST_SETS.index(one.test_set)))
    if test_sets:
        return [one for one in ordered if one.test_set in test_sets]
    first: dict[str, Scored] = {}
    for one in ordered:
        first.setdefault(one.task, one)
    return list(first.values())


def candidate(one: Scored, metric: str, system: str) -> str:
    """Return the tuned system that is held to the conditions, empty where none was evaluated."""
    values = one.scores[metric]
    wanted = [name for name in CANDIDATES if name in values and system in {"", name}]
    # Of two that are equally good the one that is simpler to run.
    return min(wanted, key=lambda name: (-_mean(values[name]), simplicity(name)), default="")


def metric_of(one: Scored, metric: str) -> str:
    """Return the metric that counts for a task: the one that is named if it has it, else the one that decides."""
    return metric if metric in one.scores else one.headline


def baseline_of(one: Scored, system: str, *, run: str, date: str) -> Baseline:
    """Return what a system scored, as it is written to the baselines file."""
    means = {metric: _mean(values[system]) for metric, values in one.scores.items() if system in values}
    rounded = {metric: round(mean, 6) for metric, mean in sorted(means.items())}
    return Baseline(system=system, run=run, date=date, examples=one.examples, metrics=rounded)


def _checks_of(one: Scored, asked: Conditions, baselines: Baselines, production: str) -> Iterator[GateCheck]:
    metric = metric_of(one, asked.metric)
    system = candidate(one, metric, asked.system)
    if not system:
        words = no_model_words(one.task, one.test_set, asked.system)
        yield GateCheck(words, passed=False, name="system", task=one.task, test_set=one.test_set)
        return
    if asked.min_gain is not None:
        yield _gain(one, metric, system, asked.min_gain, production)
    if asked.max_drop is None:
        return
    running = production + RAG_SUFFIX * system.endswith(RAG_SUFFIX)
    is_running = running in one.scores[metric]
    before = baselines.get(one.task, {}).get(one.test_set)
    if is_running:
        yield _drop_from_production(one, metric, system, running, asked)
    if before is not None and metric in before.metrics:
        yield _drop_from_baseline(one, metric, system, before, asked)
    elif not is_running:
        words = nothing_to_compare_words(one.task, one.test_set, metric, production)
        yield _check(one, "max_drop", None, asked.max_drop, words, passed=False)


def _gain(one: Scored, metric: str, system: str, min_gain: float, production: str) -> GateCheck:
    left_out = {*CANDIDATES, production, production + RAG_SUFFIX} - {system}
    values = {name: of for name, of in one.scores[metric].items() if name not in left_out}
    if len(values) < 2:
        raise EvaluationError(
            f"only {system} answered {one.test_set} of {one.task}: there is nothing to be better than",
            hint='add "base" or "retrieval" to evaluation.systems in lore.toml',
        )
    means = {name: _mean(of) for name, of in values.items()}
    found = compare(values, means, one.clusters, min_gain=min_gain)
    lead = found.gaps[system]
    words = gain_words(
        one.task,
        one.test_set,
        metric,
        system=system,
        against=found.best_other,
        lead=lead,
        min_gain=min_gain,
        unsure_of=_unsure_of(found, system, min_gain),
    )
    return _check(one, "min_gain", lead.mean, min_gain, words, passed=system in found.winners)


def _unsure_of(found: Compared, system: str, min_gain: float) -> str:
    """Return an alternative that is not the best and that is not surely beaten, where the best one is."""
    if system in found.winners or not is_sure_gain(found.gaps[system], min_gain):
        return ""
    unsure = (
        pair.against
        for pair in found.comparisons
        if pair.decisive and pair.system == system and pair.against != found.best_other
    )
    return next(unsure, "")


def _drop_from_production(
    one: Scored, metric: str, system: str, production: str, asked: Conditions
) -> GateCheck:
    values, most = one.scores[metric], asked.max_drop or 0.0
    change = paired_difference(values[system], values[production], one.clusters)
    words = production_words(
        one.task,
        one.test_set,
        metric,
        system=system,
        production=production,
        change=change,
        max_drop=most,
        tolerance=asked.tolerance,
    )
    return _check(
        one, "max_drop", change.mean, -most, words, passed=-change.mean <= most + asked.tolerance + _HAIR
    )


def _drop_from_baseline(
    one: Scored, metric: str, system: str, before: Baseline, asked: Conditions
) -> GateCheck:
    now, most = mean_interval(one.scores[metric][system], one.clusters), asked.max_drop or 0.0
    change = now.mean - before.metrics[metric]
    words = baseline_words(
        one.task,
        one.test_set,
        metric,
        system=system,
        now=now,
        before=before,
        same_examples=before.examples == one.examples,
        max_drop=most,
        tolerance=asked.tolerance,
    )
    return _check(one, "max_drop", change, -most, words, passed=-change <= most + asked.tolerance + _HAIR)


def _general_loss(found: Interval | None, most: float) -> GateCheck:
    return GateCheck(
        general_loss_words(found, most),
        passed=found is not None and found.mean <= most + _HAIR,
        name="max_general_loss_increase",
        value=None if found is None else found.mean,
        limit=most,
    )


def _check(
    one: Scored, name: str, value: float | None, limit: float, words: str, *, passed: bool
) -> GateCheck:
    return GateCheck(words, passed, name, one.task, one.test_set, value, limit)


def _require_metric(scored: Sequence[Scored], metric: str) -> None:
    if metric == ANSWER_NLL:
        raise ConfigError(
            f"evaluation.gate.metric is {metric!r}, of which less is better.",
            "name one of which more is better, or leave it out for the one that decides the verdict",
        )
    known = sorted({name for one in scored for name in one.scores} - {ANSWER_NLL})
    if metric and metric not in known:
        raise ConfigError(f"No task has the metric {metric!r}.", f"there are: {', '.join(known)}")


def _mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / len(values)
