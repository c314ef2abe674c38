"""The report of a curation, gathered while its run grows and read from it again."""

from collections.abc import Sequence

from lorewright.core.context import Context
from lorewright.core.records import Chunk, Document, Example, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.coverage import coverage
from lorewright.curation.curate import is_accepted
from lorewright.curation.report import CurateReport, edge_case, render
from lorewright.curation.wants import wants
from lorewright.pages.funnel import FunnelStep, reasons_of, viewer
from lorewright.stages import chunk, generate, ingest
from lorewright.stages.chunk_places import places_of

FIGURES, REPORT = "report.json", "report.html"
_GAPS = 20


def write_report(
    context: Context,
    *,
    candidates: Sequence[Example],
    kept: Sequence[Example],
    rejections: Sequence[Rejection],
    edge_cases: Sequence[Example],
    judged: str = "",
) -> None:
    """Write what became of the candidates into the growing run, as JSON and as a page."""
    covered = coverage(
        context.read("ingest", ingest.DOCUMENTS, Document),
        kept,
        places_of(context.read("chunk", chunk.CHUNKS, Chunk)),
    )
    by_task: dict[str, int] = {}
    for one in kept:
        by_task[one.task] = by_task.get(one.task, 0) + 1
    report = CurateReport(
        steps=(_generated(context), _curated(candidates, kept, rejections)),
        by_task=dict(sorted(by_task.items(), key=lambda item: (-item[1], item[0]))),
        accepted=sum(map(is_accepted, kept)),
        edge_cases=tuple(edge_case(one) for one in edge_cases),
        coverage=covered.model_copy(update={"gaps": covered.gaps[:_GAPS]}),
        gaps=len(covered.gaps),
        judged=judged,
    )
    context.write_json(FIGURES, report.model_dump(mode="json"))
    context.write_text(REPORT, render(report))


def read_report(workspace: Workspace, run: Run) -> CurateReport:
    """Return the report of a finished run of curate."""
    return CurateReport.model_validate_json((workspace.run_dir(run.stage, run.id) / FIGURES).read_bytes())


def _generated(context: Context) -> FunnelStep:
    run = context.inputs["generate"]
    path = context.workspace.run_dir(run.stage, run.id) / generate.REJECTIONS
    rejections = list(read_table(path, Rejection)) if path.exists() else []
    return FunnelStep(
        stage="generate",
        records="candidates",
        came_in=run.metrics["candidates"] + run.metrics["rejected"],
        kept=run.metrics["candidates"],
        reasons=reasons_of(rejections, view=viewer(rejections, ()), wants=wants),
    )


def _curated(
    candidates: Sequence[Example], kept: Sequence[Example], rejections: Sequence[Rejection]
) -> FunnelStep:
    return FunnelStep(
        stage="curate",
        records="examples",
        came_in=len(candidates),
        kept=len(kept),
        reasons=reasons_of(rejections, view=viewer(rejections, candidates), wants=wants),
    )
