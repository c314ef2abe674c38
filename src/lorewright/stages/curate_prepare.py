"""Everything that curate decides before it asks a judge anything: what filters and people keep, and the prompts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.assessments import Review
from lorewright.core.progress import Reporter
from lorewright.core.records import Chunk, Document, Example, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import curate
from lorewright.stages import chunk, generate, ingest
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_judge_prompts import Asked, judge_prompts
from lorewright.stages.curate_meaning import meaning_embedder
from lorewright.stages.curate_part import Part
from lorewright.stages.curate_together import together
from lorewright.stages.judge_shown import rubric_of
from lorewright.stages.reviews import REVIEWS


@dataclass(frozen=True)
class Prepared:
    """What is made of candidates without a model.

    Attributes:
        candidates: As generate made them.
        outcomes: Each once, itself or its rejection by a filter or a person.
        asked: What a judge is asked of them; None where there is no judge.
    """

    candidates: list[Example]
    outcomes: list[Example | Rejection]
    asked: Asked | None


def prepare(part: Part, workspace: Workspace, inputs: Mapping[str, Run], reporter: Reporter) -> Prepared:
    """Return what filters and people keep of the candidates, and what a judge is to be asked of it.

    Args:
        part: The settings.
        workspace: Of the project.
        inputs: The runs that curate needs.
        reporter: Shows progress.

    Raises:
        ConfigError: The rubric cannot be used.
    """

    def path(stage: str, artefact: str) -> Path:
        return workspace.run_dir(stage, inputs[stage].id) / artefact

    candidates = list(read_table(path("generate", generate.CANDIDATES), Example))
    chunks = list(read_table(path("chunk", chunk.CHUNKS), Chunk))
    reviews = {one.key: one for one in read_table(path("review", REVIEWS), Review)}
    outcomes = list(_filtered(part, candidates, chunks, reviews, workspace, reporter))
    asked = None
    if part.curation.judge.model:
        asked = judge_prompts(
            part,
            rubric_of(part.curation.judge.rubric, workspace, key="curation.judge.rubric"),
            candidates=candidates,
            outcomes=outcomes,
            documents=read_table(path("ingest", ingest.DOCUMENTS), Document),
            chunks=chunks,
            reporter=reporter,
        )
    return Prepared(candidates, outcomes, asked)


def _filtered(
    part: Part,
    candidates: Sequence[Example],
    chunks: Sequence[Chunk],
    reviews: Mapping[str, Review],
    workspace: Workspace,
    reporter: Reporter,
) -> Iterator[Example | Rejection]:
    """Yield every candidate once, itself or its rejection by a filter."""
    chosen, embed = part.curation, meaning_embedder(part, workspace, reporter)
    with reporter.task("curate", total=len(candidates), unit="examples") as tick:
        for outcome in curate(
            candidates,
            alone=alone(
                chosen,
                chunk_texts={piece.id: piece.text for piece in chunks},
                chunk_headings={piece.id: piece.headings for piece in chunks},
            ),
            together=together(chosen, embed=embed),
            reviews=reviews,
        ):
            tick(1)
            yield outcome
