"""Find a record by its id, or the beginning of it, in what the newest runs hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Chunk, Document, Example, Record, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk, curate, dataset, generate, ingest

# Where records with an id lie; the stage nearest to the end first, for an example keeps its id on the way.
PLACES: tuple[tuple[str, str, type[Record]], ...] = (
    *(("dataset", artefact, Example) for artefact in dataset.SPLIT_FILES),
    ("curate", curate.EXAMPLES, Example),
    ("generate", generate.CANDIDATES, Example),
    ("chunk", chunk.CHUNKS, Chunk),
    ("ingest", ingest.DOCUMENTS, Document),
)


@dataclass(frozen=True)
class Found:
    """A record with the run and the artefact that hold it."""

    record: Record
    run: Run
    artefact: str


def find_record(
    workspace: Workspace, prefix: str, kinds: tuple[type[Record], ...] = (Example, Chunk, Document)
) -> Found:
    """Return the record whose id begins so.

    Raises:
        NotFoundError: There is none, or the beginning fits several ids.
    """
    found: dict[str, Found] = {}
    if len(prefix) >= 4:
        for one in _matching(workspace, prefix, kinds):
            found.setdefault(str(getattr(one.record, "id", "")), one)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise NotFoundError(
            f"{prefix!r} fits {len(found)} ids: {', '.join(sorted(found)[:5])}.", "write more of the id"
        )
    hint = "`lore cat dataset --file train` lists examples, `lore cat chunk` passages, `lore cat ingest` documents"
    rejected = _rejection(workspace, prefix)
    if rejected:
        raise NotFoundError(
            f"{prefix!r} was left out by {rejected.filter}: {rejected.reason}.",
            "lore cat curate --file rejections",
        )
    raise NotFoundError(f"No record has an id that begins with {prefix!r}.", hint)


def _matching(workspace: Workspace, prefix: str, kinds: tuple[type[Record], ...]) -> Iterator[Found]:
    for stage, artefact, record_type in PLACES:
        run = workspace.newest(stage)
        if run is None or record_type not in kinds or artefact not in run.outputs:
            continue
        for record in read_table(workspace.run_dir(stage, run.id) / artefact, record_type):
            if str(getattr(record, "id", "")).startswith(prefix):
                yield Found(record, run, artefact)


def _rejection(workspace: Workspace, prefix: str) -> Rejection | None:
    for stage in ("curate", "dataset", "generate", "ingest"):
        run = workspace.newest(stage)
        if run is None or "rejections.parquet" not in run.outputs:
            continue
        for rejection in read_table(workspace.run_dir(stage, run.id) / "rejections.parquet", Rejection):
            if rejection.record_id and rejection.record_id.startswith(prefix):
                return rejection
    return None
