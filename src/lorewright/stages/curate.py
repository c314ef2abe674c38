"""curate: candidates → examples worth keeping, and a rejection with its reason for each of the others."""

from collections import Counter

from lorewright.core.context import Context
from lorewright.core.records import Chunk, Example, Metadata, Rejection, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.curation.curate import curate
from lorewright.curation.reviewing import made_id
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import generate
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.settings import Settings

EXAMPLES = "examples.parquet"
REJECTIONS = "rejections.parquet"


class Part(Section):
    """What curate takes from the settings tree."""

    curation: CurationSettings


def select(settings: Settings) -> Part:
    """Return curate's part of the tree."""
    return Part(curation=settings.curation)


def run(part: Part, context: Context) -> Metadata:
    """Judge all candidates together; this always runs and is cheap."""
    candidates = list(context.read("generate", generate.CANDIDATES, Example))
    texts = {piece.id: piece.text for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk)}
    kept: list[Example] = []
    rejections: list[Rejection] = []
    with context.task("curate", total=len(candidates), unit="examples") as tick:
        for outcome in curate(
            candidates,
            alone=alone(part.curation, chunk_texts=texts),
            together=together(part.curation),
        ):
            if isinstance(outcome, Example):
                kept.append(outcome)
            else:
                rejections.append(outcome)
            tick(1)
    context.account(
        "examples",
        (one.id for one in candidates),
        kept=(made_id(one) for one in kept),
        rejected=(one.record_id for one in rejections),
    )
    context.write(EXAMPLES, kept, Example)
    context.write(REJECTIONS, rejections, Rejection)
    return {
        "candidates": len(candidates),
        "examples": len(kept),
        "rejected": len(rejections),
        "by_task": dict(Counter(example.task for example in kept).most_common()),
        "by_filter": dict(Counter(rejection.filter for rejection in rejections).most_common()),
    }


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
    needs=lambda _part: {"chunk": (chunk_stage.CHUNKS,), "generate": (generate.CANDIDATES,)},
)
