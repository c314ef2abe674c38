"""evaluate: what each system answers to each test question, scores, verdicts, and the report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches

from lorewright.core.context import Context
from lorewright.core.errors import ConfigError
from lorewright.core.records import Call, Metadata, Prediction, Run, Score
from lorewright.core.stage import Outside, Stage
from lorewright.core.workspace import Workspace
from lorewright.evaluation.failures import Shown, failure_counts
from lorewright.evaluation.judged import JUDGE
from lorewright.evaluation.metrics import METRICS, headline_metric
from lorewright.evaluation.ratings import Agreement, agreements
from lorewright.evaluation.semantic import SEMANTIC_SIMILARITY
from lorewright.evaluation.summary import verdict_text
from lorewright.evaluation.systems import model_of
from lorewright.evaluation.verdict import Verdict, judge
from lorewright.stages import base, chunk, dataset, index, ingest, train
from lorewright.stages.asked_models import known_model, runs_elsewhere
from lorewright.stages.evaluate_functions import computed_answers
from lorewright.stages.evaluate_judge import JudgedAnswers, judge_answers, judge_identity
from lorewright.stages.evaluate_likelihoods import too_long
from lorewright.stages.evaluate_models import CALLS, ModelAnswers, ask_models
from lorewright.stages.evaluate_part import Part, asked_by, other_models, select, with_production
from lorewright.stages.evaluate_prepare import Prepared, prepare
from lorewright.stages.evaluate_ratings import users_ratings
from lorewright.stages.evaluate_scores import scores_of, shown_texts
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.settings import IndexSettings
from lorewright.stages.vector_cache import text_embedder

__all__ = ["PREDICTIONS", "SCORES", "STAGE", "VERDICTS", "Judged", "select", "summary"]
PREDICTIONS = "predictions.parquet"
SCORES = "scores.parquet"
VERDICTS = "verdicts.json"
AGREEMENT = "agreement.json"


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

    _require_metric(part.evaluation)
    compared = frozenset(part.evaluation.systems)
    part = with_production(part, context.workspace)
    prepared = prepare(part, context.workspace, context.inputs, context.reporter)
    answered = ask_models(part, prepared, context)
    rows = [(suite, _predictions(suite, answered, prepared, part)) for suite in prepared.suites]
    texts = {suite.key: shown_texts(suite, prepared) for suite in prepared.suites}
    marked = judge_answers(answered.left, rows, context, shown=texts)
    judged = _judged(part, answered, rows, texts, marked, compared, context)
    for told in too_long(prepared.suites, answered.likelihoods, part.evaluation.max_new_tokens):
        context.say(told)
    _account(judged, context)
    context.write(PREDICTIONS, (row for one in judged for row in one.predictions), Prediction)
    context.write(SCORES, (row for one in judged for row in one.scores), Score)
    context.write(CALLS, [*answered.calls, *marked.calls], Call)
    verdicts = [one.verdict for one in judged]
    # How long answers took, and what they cost, is no part of what was found: made again, it is the same verdict.
    context.write_json(VERDICTS, _texts(verdicts), content=_texts(map(_untimed, verdicts)))
    agreed = _agreed(judged, context)
    write_report(part.project, part.evaluation.note, judged, context, agreed=agreed)
    return {
        "test_examples": sum(len(suite.examples) for suite in prepared.suites),
        "answers": sum(len(one.predictions) for one in judged),
        **marked.counted,
        "failed_answers": sum(bool(row.error) for one in judged for row in one.predictions),
        "agreement": [one.told() for one in agreed],
        "verdicts": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.label for one in judged},
        "choices": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.choice for one in judged},
    }


def _predictions(suite: Suite, answered: ModelAnswers, prepared: Prepared, part: Part) -> list[Prediction]:
    order = {name: place for place, name in enumerate(part.evaluation.systems)}
    rows = [*answered.predictions[suite.key], *computed_answers(suite, prepared)]
    return sorted(rows, key=lambda row: (order[row.system], row.example_id))


def _judged(
    part: Part,
    answered: ModelAnswers,
    rows: Sequence[tuple[Suite, Sequence[Prediction]]],
    texts: Mapping[str, Shown],
    marked: JudgedAnswers,
    compared: frozenset[str],
    context: Context,
) -> list[Judged]:
    """Return each suite with its scores and its verdict, for which only the systems that the settings name count."""
    indexed = IndexSettings.model_validate(context.inputs["index"].settings["index"])
    embed = text_embedder(indexed, part.providers, context.workspace, context.reporter)
    shown = part.evaluation.report_examples // len({suite.test_set for suite, _ in rows})
    judged = []
    with context.task("scores", total=len(rows), unit="suites") as tick:
        for suite, predictions in rows:
            scores = [
                *scores_of(suite, predictions, answered, part, shown=texts[suite.key], embed=embed),
                *marked.scores.get(suite.key, ()),
            ]
            counted = [row for row in scores if row.system in compared]
            metric = _deciding(suite, counted, part.evaluation.metric, context)
            verdict = _verdict(suite, predictions, counted, answered, part, texts[suite.key], metric)
            judged.append(Judged(suite, tuple(predictions), tuple(scores), verdict, shown))
            tick(1)
    return judged


def _verdict(
    suite: Suite,
    predictions: Sequence[Prediction],
    scores: Sequence[Score],
    answered: ModelAnswers,
    part: Part,
    shown: Shown,
    metric: str,
) -> Verdict:
    return judge(
        scores,
        task=suite.task,
        test_set=suite.test_set,
        metric=metric,
        clusters={example.id: example.group for example in suite.examples},
        min_gain=part.evaluation.min_gain,
        latencies=_means((row.system, row.latency_s) for row in predictions),
        costs=_means((row.system, row.usd) for row in predictions),
        memories={
            system: answered.weights_bytes[model]
            for system in suite.systems
            if (model := model_of(system)) in answered.weights_bytes
        },
        failures=failure_counts(suite.examples, predictions, shown=shown),
    )


def _agreed(judged: Sequence[Judged], context: Context) -> list[Agreement]:
    """Return how far metrics and the judge agree with people, where people rated these answers."""
    predictions = [row for one in judged for row in one.predictions]
    found = agreements(context.found or (), predictions, (row for one in judged for row in one.scores))
    context.write_json(AGREEMENT, [one.model_dump(mode="json") for one in found])
    return found


def _texts(verdicts: Iterable[Verdict]) -> list[Metadata]:
    return [asdict(verdict_text(verdict)) for verdict in verdicts]


def _untimed(verdict: Verdict) -> Verdict:
    return replace(verdict, rows=tuple(replace(row, latency_s=None, cost_usd=None) for row in verdict.rows))


def _require_metric(evaluation: EvaluationSettings) -> None:
    """Return if the metric that is to decide may be one.

    Raises:
        ConfigError: It is none, or it is the judge's and nobody judges.
    """
    wanted, known = evaluation.metric, [*METRICS.names(), JUDGE, SEMANTIC_SIMILARITY]
    if wanted == JUDGE and not (evaluation.judge.model and evaluation.judge.scores_points):
        raise ConfigError(
            f"evaluation.metric is {wanted!r}, and no judge gives points.",
            'name one: evaluation.judge.model = "ollama/qwen3:8b", with asks = "points" or "both"',
        )
    if wanted and wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"these may: {', '.join(known)}"
        raise ConfigError(f"evaluation.metric is {wanted!r}, which is no metric that may decide.", hint)


def _deciding(suite: Suite, scores: Sequence[Score], wanted: str, context: Context) -> str:
    """Return the metric that decides a suite: the wanted one where every answer has it; where not, say so."""
    usual = headline_metric(suite.examples)
    counted = sum(row.metric == wanted for row in scores)
    every = len(suite.examples) * len({row.system for row in scores})
    if not wanted or counted == every:
        return wanted or usual
    missing = every - counted
    context.say(
        f"{suite.task} on {suite.test_set}: {usual} decides, for {missing:,} of {every:,} answers have no {wanted}."
    )
    return usual


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


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return what lies outside: other models, the judge, metrics of other packages, and people's ratings (`found`)."""
    full = with_production(part, workspace)
    added = full.evaluation.systems[len(part.evaluation.systems) :]
    ratings = users_ratings(part.evaluation.ratings, workspace)
    outside = {
        "models": [*(known_model(asked, workspace) for asked in other_models(full)), *added],
        "judge": judge_identity(part, workspace),
        "metrics": METRICS.origins(part.evaluation.metrics),
        "ratings": ratings.value,
    }
    return Outside(value=outside if any(outside.values()) else None, found=ratings.found)


def summary(run: Run) -> str:
    """Return one line for people."""
    return "; ".join(f"{name}: {label}" for name, label in run.metrics["verdicts"].items())


STAGE = Stage(
    name="evaluate",
    version=5,
    settings=Part,
    run=run,
    accounts=("answers",),
    fingerprint=fingerprint,
    costly=lambda part: any(map(runs_elsewhere, asked_by(part))),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk.CHUNKS,),
        "index": (index.VERSION,),
        "dataset": (dataset.TRAIN, *dataset.TESTS.values(), dataset.LEAKAGE),
        "base": (base.MODEL,),
        "train": (train.ADAPTER, train.HISTORY),
    },
)
