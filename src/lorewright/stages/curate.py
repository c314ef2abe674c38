"""curate: candidates → examples worth keeping, and a rejection with its reason for each of the others."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lorewright.core.context import Context
from lorewright.core.records import Chunk, Example, Metadata, Rejection, Review, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.curation.curate import curate
from lorewright.curation.edge_cases import edge_cases
from lorewright.curation.rejecting import made_id
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import generate, ingest
from lorewright.stages.curate_balance import balanced
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_report import write_report
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.reviews import REVIEWS
from lorewright.stages.settings import Settings

EXAMPLES = "examples.parquet"
REJECTIONS = "rejections.parquet"
EDGE_CASES = "edge_cases.parquet"
JUDGEMENTS = "judgements.parquet"


class Part(Section):
    """What curate takes from the settings tree."""

    curation: CurationSettings


def select(settings: Settings) -> Part:
    """Return curate's part of the tree."""
    return Part(curation=settings.curation)


def run(part: Part, context: Context) -> Metadata:
    """Ask every filter, even out groups, set edge cases aside, and write what became of each candidate."""
    candidates = list(context.read("generate", generate.CANDIDATES, Example))
    outcomes = list(_filtered(part.curation, candidates, context))
    outcomes = list(balanced(part.curation.balance, outcomes, context))
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
    write_report(context, candidates=candidates, kept=kept, rejections=rejections, edge_cases=edges)
    return {
        "candidates": len(candidates),
        "examples": len(kept),
        "rejected": len(rejections),
        "by_task": dict(Counter(example.task for example in kept).most_common()),
        "by_filter": dict(Counter(rejection.filter for rejection in rejections).most_common()),
    }


def _filtered(
    chosen: CurationSettings, candidates: Sequence[Example], context: Context
) -> Iterator[Example | Rejection]:
    """Yield every candidate once, itself or its rejection by a filter."""
    texts = {piece.id: piece.text for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk)}
    reviews = {one.key: one for one in context.read("review", REVIEWS, Review)}
    with context.task("curate", total=len(candidates), unit="examples") as tick:
        for outcome in curate(
            candidates,
            alone=alone(chosen, chunk_texts=texts),
            together=together(chosen),
            reviews=reviews,
        ):
            tick(1)
            yield outcome


def summary(run: Run) -> str:
    """Return one line for people."""
    reasons = ", ".join(f"{count:,} {name}" for name, count in run.metrics["by_filter"].items())
    why = f" ({reasons})" if reasons else ""
    made = run.metrics
    return f"{made['examples']:,} of {made['candidates']:,} kept, {made['rejected']:,} rejected{why}"


STAGE = Stage(
    name="curate",
    version=3,
    settings=Part,
    run=run,
    accounts=("examples",),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk_stage.CHUNKS,),
        "generate": (generate.CANDIDATES, generate.REJECTIONS),
        "review": (REVIEWS,),
    },
)
