"""The report of an evaluation: its records gathered into what the page shows."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lorewright.core.context import Context
from lorewright.core.records import Chunk, Document, Place, Run
from lorewright.evaluation.decisive import deciding_pair
from lorewright.evaluation.markdown_report import render_markdown
from lorewright.evaluation.ratings import Agreement
from lorewright.evaluation.report import render
from lorewright.evaluation.report_data import ReportData, TaskReport, curve, figures
from lorewright.evaluation.report_examples import ExampleView, choose_examples, example_view
from lorewright.evaluation.report_labels import label_parts
from lorewright.evaluation.results_json import evaluation_results
from lorewright.loganalysis.schema import SEVERITIES
from lorewright.stages import base, chunk, dataset, ingest, train
from lorewright.stages.evaluate_retrieval import retrieval_view
from lorewright.stages.funnel import funnel
from lorewright.stages.trace import lineage_of

if TYPE_CHECKING:
    from lorewright.stages.evaluate import Judged

FIGURES = "figures.json"
REPORT = "report.html"
MARKDOWN = "report.md"
RESULTS = "evaluation_results.json"
_DESCRIPTIONS = {
    "qa": "Questions about the documents, answered in their own words.",
    "log_analysis": "A task's log in, a JSON object with error message, category and severity out.",
}


def write_report(
    project: str,
    note: str,
    judged: "Sequence[Judged]",
    context: Context,
    *,
    agreed: Sequence[Agreement] = (),
) -> None:
    """Write report.html, report.md, the same figures as JSON, and the results of the model into the growing run."""
    now = datetime.now(UTC)
    data = _gather(project, note, judged, context, now.strftime("%Y-%m-%d %H:%M UTC"), agreed)
    write_pages(data, context)
    adapter = context.path("train", train.ADAPTER).relative_to(context.workspace.project_dir)
    results = evaluation_results(
        data, model_path=str(adapter), evaluated_at=now.isoformat(timespec="seconds")
    )
    context.write_json(RESULTS, results, content={**results, "evaluated_at": ""})


def write_pages(data: ReportData, context: Context) -> None:
    """Write a report's pages, and its figures as JSON, into the growing run."""
    plain = figures(data)
    # Neither the moment of writing is content, nor what probe found: the evaluation does not depend on it.
    context.write_json(FIGURES, plain, content={**plain, "created_at": "", "retrieval": None})
    context.write_text(REPORT, render(data))
    context.write_text(MARKDOWN, render_markdown(data))


def _gather(
    project: str,
    note: str,
    judged: "Sequence[Judged]",
    context: Context,
    created_at: str,
    agreed: Sequence[Agreement],
) -> ReportData:
    lineage = lineage_of(context.workspace, list(context.inputs.values()))
    base_run, train_run = context.inputs["base"], context.inputs["train"]
    history = json.loads(context.path("train", train.HISTORY).read_bytes())
    leakage = json.loads(context.path("dataset", dataset.LEAKAGE).read_bytes())
    locate = _places(context)
    tasks = sorted({one.suite.task for one in judged})
    return ReportData(
        project=project,
        created_at=created_at,
        tasks=tuple(
            _task(task, [one for one in judged if one.suite.task == task], leakage, locate) for task in tasks
        ),
        curves=tuple(
            one
            for one in (
                curve("base model", base_run.metrics.get("history", [])),
                curve(train_run.metrics["method"], history),
            )
            if one.training
        ),
        funnel=funnel(context.workspace, lineage),
        retrieval=retrieval_view(context.workspace, context.inputs["index"]),
        agreements=tuple(agreed),
        facts=_facts(base_run, train_run, context.inputs["index"]),
        settings={stage: run.settings for stage, run in lineage.items()},
        runs={stage: run.id for stage, run in lineage.items()},
        notes=tuple(part.strip() for part in note.split("\n\n") if part.strip()),
    )


def _task(
    task: str, judged: "Sequence[Judged]", leakage: Mapping[str, Any], locate: Mapping[str, tuple[str, Place]]
) -> TaskReport:
    parts = [
        label_parts(one.suite.examples, one.predictions, one.scores, one.verdict, order=SEVERITIES)
        for one in judged
    ]
    return TaskReport(
        task=task,
        description=_DESCRIPTIONS.get(task, ""),
        verdicts=tuple(one.verdict for one in judged),
        examples=tuple(view for one in judged for view in _examples(one, locate)),
        leakage=leakage,
        confusions=tuple(view for part in parts for view in part.confusions),
        categories=tuple(view for part in parts for view in part.categories),
        calibrations=tuple(view for part in parts for view in part.calibrations),
    )


def _examples(one: "Judged", locate: Mapping[str, tuple[str, Place]]) -> list[ExampleView]:
    verdict = one.verdict
    pair = deciding_pair(verdict)
    chosen = choose_examples(
        one.scores,
        metric=verdict.metric,
        system=pair.system if pair else verdict.use,
        against=pair.against if pair else verdict.use,
        count=one.shown,
    )
    by_id = {example.id: example for example in one.suite.examples}
    return [
        example_view(
            by_id[example_id],
            test_set=one.suite.test_set,
            predictions=one.predictions,
            scores=one.scores,
            metric=verdict.metric,
            locate=locate,
            pair=(pair.system, pair.against) if pair else None,
        )
        for example_id in chosen
    ]


def _places(context: Context) -> dict[str, tuple[str, Place]]:
    paths = {one.id: one.path for one in context.read("ingest", ingest.DOCUMENTS, Document)}
    return {
        piece.id: (paths[piece.document_id], piece.place)
        for piece in context.read("chunk", chunk.CHUNKS, Chunk)
        if piece.document_id in paths
    }


def _facts(base_run: Run, train_run: Run, index_run: Run) -> dict[str, str]:
    return {
        "Base model": base.summary(base_run),
        "Training": train.summary(train_run),
        "Index": f"{index_run.metrics['passages']:,} passages, {_searched(index_run)}",
        "Machine": f"{train_run.environment['machine']}, {train_run.environment['cores']} cores",
    }


def _searched(index_run: Run) -> str:
    return "full text and meaning" if index_run.settings["index"].get("embedder") else "full text"
