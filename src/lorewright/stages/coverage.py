"""coverage: which documents, sections and symbols the curated examples are about, and which not."""

from collections.abc import Mapping

from lorewright.core.records import Chunk, Document, Example, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.coverage import Coverage
from lorewright.curation.coverage import coverage as coverage_of
from lorewright.stages import chunk, curate, ingest
from lorewright.stages.chunk_places import places_of


def coverage(workspace: Workspace, runs: Mapping[str, Run]) -> Coverage:
    """Return the coverage of a finished run of curate, given with its inputs by stage."""
    folders = {stage: workspace.run_dir(stage, run.id) for stage, run in runs.items()}
    return coverage_of(
        read_table(folders["ingest"] / ingest.DOCUMENTS, Document),
        list(read_table(folders["curate"] / curate.EXAMPLES, Example)),
        places_of(read_table(folders["chunk"] / chunk.CHUNKS, Chunk)),
    )
