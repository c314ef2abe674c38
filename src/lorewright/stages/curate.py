"""curate: candidates → examples worth keeping, and a rejection with its reason for each of the others."""

from collections import Counter
from typing import Any

from lorewright.core.context import Context
from lorewright.core.records import Example, Metadata, Rejection, Run
from lorewright.core.stage import Stage
from lorewright.core.workspace import Workspace
from lorewright.curation.edge_cases import edge_cases
from lorewright.curation.rejecting import made_id
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import generate, ingest
from lorewright.stages.asked_models import runs_elsewhere
from lorewright.stages.curate_balance import balanced
from lorewright.stages.curate_judge import JUDGEMENTS, judge, judge_identity, write_judged
from lorewright.stages.curate_meaning import meaning_identity
from lorewright.stages.curate_part import Part, asked_model, select
from lorewright.stages.curate_prepare import prepare
from lorewright.stages.curate_report import write_report
from lorewright.stages.reviews import REVIEWS

__all__ = ["EDGE_CASES", "EXAMPLES", "JUDGEMENTS", "REJECTIONS", "STAGE", "select", "summary"]
EXAMPLES = "examples.parquet"
REJECTIONS = "rejections.parquet"
EDGE_CASES = "edge_cases.parquet"


def run(part: Part, context: Context) -> Metadata:
    """Ask filters and judge, even out groups, set edge cases aside, and write what became of each candidate."""
    prepared = prepare(part, context.workspace, context.inputs, context.reporter)
    candidates, outcomes = prepared.candidates, prepared.outcomes
    judged = judge(part, prepared.asked, outcomes, context) if prepared.asked else None
    outcomes = list(balanced(part.curation.balance, judged.outcomes if judged else outcomes, context))
    kept = [one for one in outcomes if isinstance(one, Example)]
    rejections = [one for one in outcomes if isinstance(one, Rejection)]
    context.account(
        "examples",
        (one.id for one in candidates),
        kept=(made_id(one) for one in kept),
        rejected=(one.record_id for one in rejections),
    )
    edges = edge_cases(kept, count=part.curation.edge_cases, seed=part.curation.seed)
    context.write(EXAMPLES, kept, Example)
    context.write(REJECTIONS, rejections, Rejection)
    context.write(EDGE_CASES, edges, Example)
    if judged:
        write_judged(judged, context)
    write_report(
        context,
        candidates=candidates,
        kept=kept,
        rejections=rejections,
        edge_cases=edges,
        judged=judged.told() if judged else "",
    )
    return {
        "candidates": len(candidates),
        "examples": len(kept),
        "rejected": len(rejections),
        "by_task": dict(Counter(example.task for example in kept).most_common()),
        "by_filter": dict(Counter(rejection.filter for rejection in rejections).most_common()),
        **(judged.counted if judged else {}),
    }


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return what lies outside: the embedder and the judge; None where there is neither."""
    outside = {"judge": judge_identity(part, workspace), "embedder": meaning_identity(part, workspace)}
    return outside if any(outside.values()) else None


def summary(run: Run) -> str:
    """Return one line for people."""
    reasons = ", ".join(f"{count:,} {name}" for name, count in run.metrics["by_filter"].items())
    why = f" ({reasons})" if reasons else ""
    made = run.metrics
    return f"{made['examples']:,} of {made['candidates']:,} kept, {made['rejected']:,} rejected{why}"


STAGE = Stage(
    name="curate",
    version=5,
    settings=Part,
    run=run,
    accounts=("examples",),
    fingerprint=fingerprint,
    costly=lambda part: runs_elsewhere(asked_model(part)),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk_stage.CHUNKS,),
        "generate": (generate.CANDIDATES, generate.REJECTIONS),
        "review": (REVIEWS,),
    },
)
