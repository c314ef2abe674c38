"""evaluate: what each system answers to each test question, scores, verdicts, and the report."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from lorewright.core.context import Context
from lorewright.core.records import Call, Example, Metadata, Passage, Prediction, Run, Score
from lorewright.core.stage import Stage
from lorewright.core.workspace import Workspace
from lorewright.evaluation.baselines import majority, nearest_neighbour
from lorewright.evaluation.failures import failure_counts
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.scoring import nll_scores, score
from lorewright.evaluation.summary import verdict_text
from lorewright.evaluation.systems import RETRIEVAL, Found, computed, model_of
from lorewright.evaluation.verdict import Verdict, judge
from lorewright.retrieval.answer import best_text
from lorewright.retrieval.search import Index
from lorewright.stages import base, chunk, dataset, index, ingest, train
from lorewright.stages.asked_models import known_model, runs_elsewhere
from lorewright.stages.evaluate_models import CALLS, ModelAnswers, ask_models
from lorewright.stages.evaluate_part import Part, other_models, select, with_production
from lorewright.stages.evaluate_prepare import prepare
from lorewright.stages.evaluate_suites import RULES, Suite
from lorewright.stages.evaluation_settings import EvaluationSettings

__all__ = ["PREDICTIONS", "SCORES", "STAGE", "VERDICTS", "Judged", "select", "summary"]
PREDICTIONS = "predictions.parquet"
SCORES = "scores.parquet"
VERDICTS = "verdicts.json"


@dataclass(frozen=True)
class Judged:
    """A suite with what came of it, and how many of its examples the report shows."""

    suite: Suite
    predictions: tuple[Prediction, ...]
    scores: tuple[Score, ...]
    verdict: Verdict
    shown: int


def run(part: Part, context: Context) -> Metadata:
    """Ask every system, score, judge, and write the report."""
    from lorewright.stages.evaluate_report import write_report

    compared = frozenset(part.evaluation.systems)
    part = with_production(part, context.workspace)
    prepared = prepare(part, context.workspace, context.inputs, context.reporter)
    asked, found, opened = prepared.suites, prepared.found, prepared.opened
    answered = ask_models(part, prepared, context)
    shown = part.evaluation.report_examples // len({suite.test_set for suite in asked})
    judged = [_judge(suite, answered, found, opened, part.evaluation, compared, shown) for suite in asked]
    _account(judged, context)
    context.write(PREDICTIONS, (row for one in judged for row in one.predictions), Prediction)
    context.write(SCORES, (row for one in judged for row in one.scores), Score)
    context.write(CALLS, answered.calls, Call)
    context.write_json(VERDICTS, [asdict(verdict_text(one.verdict)) for one in judged])
    write_report(part.project, part.evaluation.note, judged, context)
    return {
        "test_examples": sum(len(suite.examples) for suite in asked),
        "answers": sum(len(one.predictions) for one in judged),
        "failed_answers": sum(bool(row.error) for one in judged for row in one.predictions),
        "verdicts": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.label for one in judged},
        "choices": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.choice for one in judged},
    }


def _judge(
    suite: Suite,
    answered: ModelAnswers,
    found: Mapping[str, Found],
    opened: Index,
    evaluation: EvaluationSettings,
    compared: frozenset[str],
    shown: int,
) -> Judged:
    """Return a suite with its scores and its verdict, for which only the systems that the settings name count."""
    order = {name: place for place, name in enumerate(evaluation.systems)}
    predictions = [*answered.predictions[suite.key], *_computed(suite, found, opened)]
    predictions.sort(key=lambda row: (order[row.system], row.example_id))
    scores = [*score(suite.examples, predictions), *_likelihoods(suite, answered)]
    verdict = judge(
        [row for row in scores if row.system in compared],
        task=suite.task,
        test_set=suite.test_set,
        metric=headline_metric(suite.examples),
        clusters={example.id: example.group for example in suite.examples},
        min_gain=evaluation.min_gain,
        latencies=_means((row.system, row.latency_s) for row in predictions),
        costs=_means((row.system, row.usd) for row in predictions),
        failures=failure_counts(suite.examples, predictions),
    )
    return Judged(suite, tuple(predictions), tuple(scores), verdict, shown)


def _computed(suite: Suite, found: Mapping[str, Found], opened: Index) -> Iterator[Prediction]:
    """Yield the answers of the systems that ask no model."""
    common, answers = majority(suite.train), partial(best_text, stemming=opened.stemming)
    ways: dict[str, Callable[[Example, Sequence[Passage]], str]] = {
        RETRIEVAL: lambda example, passages: answers(example.prompt, passages),
        "majority": lambda _example, _passages: common,
    }
    if "neighbour" in suite.systems:
        nearest = nearest_neighbour(suite.train)
        ways["neighbour"] = lambda example, _passages: nearest(example)
    if "pattern" in suite.systems:
        rules = RULES.load(suite.task)
        ways["pattern"] = lambda example, _passages: json.dumps(rules(example.prompt), ensure_ascii=False)
    for system in suite.systems:
        if not model_of(system):
            yield from computed(system, suite.examples, ways[system], found=found, clock=time.perf_counter)


def _likelihoods(suite: Suite, answered: ModelAnswers) -> Iterator[Score]:
    for name, found in answered.likelihoods.items():
        if suite.key in found:
            yield from nll_scores(suite.examples, system=name, likelihoods=found[suite.key])


def _means(values: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Return the mean by name of those that are known."""
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, value in values:
        if value is not None:
            by_name[name].append(value)
    return {name: sum(known) / len(known) for name, known in by_name.items()}


def _account(judged: Sequence[Judged], context: Context) -> None:
    """Note which of the answers that were wanted there are, and which failed."""
    rows = [(one.suite.key, row) for one in judged for row in one.predictions]
    context.account(
        "answers",
        (
            f"{one.suite.key} {system} {example.id}"
            for one in judged
            for system in one.suite.systems
            for example in one.suite.examples
        ),
        kept=(f"{key} {row.system} {row.example_id}" for key, row in rows if not row.error),
        failed=(f"{key} {row.system} {row.example_id}" for key, row in rows if row.error),
    )


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return what stands behind the names of other models; None where only the project's own are compared."""
    full = with_production(part, workspace)
    added = full.evaluation.systems[len(part.evaluation.systems) :]
    known = [known_model(asked, workspace) for asked in other_models(full)]
    return [*known, *added] or None


def summary(run: Run) -> str:
    """Return one line for people."""
    return "; ".join(f"{name}: {label}" for name, label in run.metrics["verdicts"].items())


STAGE = Stage(
    name="evaluate",
    version=4,
    settings=Part,
    run=run,
    accounts=("answers",),
    fingerprint=fingerprint,
    costly=lambda part: any(map(runs_elsewhere, other_models(part))),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk.CHUNKS,),
        "index": (index.VERSION,),
        "dataset": (dataset.TRAIN, *dataset.TESTS.values(), dataset.LEAKAGE),
        "base": (base.MODEL,),
        "train": (train.ADAPTER, train.HISTORY),
    },
)
