"""A run of dataset as a version in the project's folder: what it was made of, and what the filters took."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from lorewright import __version__
from lorewright.core.progress import Reporter
from lorewright.core.records import Chunk, Document, Example, Run, SourceState
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.rejecting import EDITED_FROM
from lorewright.curation.reviewing import ACCEPTED
from lorewright.hub.dataset_card import SourceFacts, Step, VersionFacts
from lorewright.stages import chunk, dataset, ingest
from lorewright.stages.dataset_versions import DATASETS, Version, publish_version, same_version, version_name
from lorewright.stages.funnel import funnel
from lorewright.stages.settings import Settings

_TOLD = ("chunk", "generate", "curate", "dataset")
"""Stages whose settings decide the content; those of ingest hold paths of this machine."""


def dataset_name(settings: Settings) -> str:
    """Return the name of a project's dataset."""
    return version_name(settings.dataset.name or settings.project.name)


def publish_run(
    workspace: Workspace, settings: Settings, runs: Mapping[str, Run], reporter: Reporter
) -> Version:
    """Make a version of what the road holds, or return the newest if it is the same, and name its run.

    Args:
        workspace: Of the project; the version is written beside its lore.toml.
        settings: Of the project.
        runs: Those of `dataset` and of all it needs, by stage.
        reporter: Shows progress.

    Raises:
        BusyError: Another process writes a version of this dataset.
        StorageError: The disk refuses; no half version is left.
    """
    name, run, root = dataset_name(settings), runs["dataset"], workspace.project_dir
    sizes: dict[str, int] = run.metrics["sets"]
    content = {one: run.outputs[f"{one}.parquet"] for one, rows in sizes.items() if rows}
    made = same_version(root, name, content)
    if made is None:
        folder = workspace.run_dir("dataset", run.id)
        sets = {one: read_table(folder / f"{one}.parquet", Example) for one in sizes}
        facts = run_facts(workspace, runs, title=settings.project.name)
        made = publish_version(root, name, sets, facts, reporter)
    ref = ref_of(made)
    if made.fresh or ref not in workspace.refs.current():
        workspace.refs.move({ref: f"dataset/{run.id}"}, why="lore dataset")
    return made


def ref_of(version: Version) -> str:
    """Return the ref that names the run of a version."""
    return f"{DATASETS}/{version.label}"


def run_facts(workspace: Workspace, runs: Mapping[str, Run], *, title: str) -> VersionFacts:
    """Return what is known of a run of dataset: sources, filters, people's decisions, the proof."""
    run = runs["dataset"]
    folder = workspace.run_dir("dataset", run.id)
    origins = _Origins.of(workspace, runs)
    told: dict[str, Example] = {}
    for name in run.metrics["sets"]:
        told |= {one.id: one for one in read_table(folder / f"{name}.parquet", Example)}
    counted = Counter(document for one in told.values() for document in origins.documents_of(one))
    few = run.metrics["sets"]["train"]
    return VersionFacts(
        counts=run.metrics["sets"],
        title=title,
        made_by=f"lorewright {__version__}",
        runs={stage: one.id for stage, one in runs.items()},
        settings={stage: runs[stage].settings for stage in _TOLD if stage in runs},
        sources=tuple(_sources(workspace, runs["ingest"], origins, told.values(), counted)),
        steps=tuple(_steps(workspace, runs)),
        reviews=_reviews(runs, told.values()),
        leakage=json.loads((folder / dataset.LEAKAGE).read_bytes()),
        documents=[
            {**origins.documents[one]._asdict(), "id": one, "examples": number}
            for one, number in sorted(counted.items(), key=lambda item: origins.documents[item[0]])
        ],
        notes=tuple(_notes(run)),
        limits=(f"{few:,} training examples are few: expect form, not knowledge.",)
        if few < dataset.FEW
        else (),
        source_of=origins.source_of,
    )


class _Origin(NamedTuple):
    """What a version says of a document."""

    source: str
    path: str
    licence: str


class _Origins(NamedTuple):
    """Where texts come from: documents by id, and the documents that hold each passage."""

    documents: dict[str, _Origin]
    holders: dict[str, list[str]]

    @classmethod
    def of(cls, workspace: Workspace, runs: Mapping[str, Run]) -> "_Origins":
        """Return the origins of the passages of some runs."""
        read, cut = (workspace.run_dir(stage, runs[stage].id) for stage in ("ingest", "chunk"))
        documents = {
            one.id: _Origin(one.source, one.path, one.licence)
            for one in read_table(read / ingest.DOCUMENTS, Document)
        }
        holders: dict[str, list[str]] = {}
        for piece in read_table(cut / chunk.CHUNKS, Chunk):
            holders.setdefault(piece.id, []).append(piece.document_id)
        return cls(documents, holders)

    def documents_of(self, example: Example) -> set[str]:
        """Return the documents whose text an example quotes or shows."""
        shown = example.metadata.get("passages") or ()
        passages = [*(piece.chunk_id for piece in example.evidence), *map(str, shown)]
        return {one for passage in passages for one in self.holders.get(passage, ()) if one in self.documents}

    def source_of(self, example: Example) -> str:
        """Return the source of the first passage that an example quotes; empty where it quotes none."""
        for piece in example.evidence:
            for one in self.holders.get(piece.chunk_id, ()):
                return self.documents[one].source
        return ""


def _sources(
    workspace: Workspace,
    read: Run,
    origins: _Origins,
    examples: Iterable[Example],
    documents: Mapping[str, int],
) -> Iterator[SourceFacts]:
    """Yield the sources that examples come from; where they lie on this machine is left out."""
    states = {
        one.source: one
        for one in read_table(workspace.run_dir("ingest", read.id) / ingest.SOURCES, SourceState)
    }
    made = Counter(
        source
        for example in examples
        for source in {origins.documents[one].source for one in origins.documents_of(example)}
    )
    for source in sorted(made):
        own = [origins.documents[one] for one in documents if origins.documents[one].source == source]
        yield SourceFacts(
            name=source,
            commit=states[source].commit if source in states else "",
            changed=source in states and states[source].dirty,
            documents=len(own),
            examples=made[source],
            licences=dict(sorted(Counter(one.licence for one in own).items())),
        )


def _steps(workspace: Workspace, runs: Mapping[str, Run]) -> Iterator[Step]:
    for step in funnel(workspace, runs):
        taken = {one.filter: one.count for one in step.reasons}
        yield Step(f"{step.stage}: {step.records}", step.came_in, step.kept, taken)


def _reviews(runs: Mapping[str, Run], examples: Iterable[Example]) -> dict[str, int]:
    """Return how many examples people decided about: those in here that they accepted or edited, and the rejected."""
    decided = Counter(
        "edited" if one.metadata.get(EDITED_FROM) else "accepted"
        for one in examples
        if one.metadata.get(ACCEPTED)
    )
    if "curate" in runs:
        decided["rejected"] += runs["curate"].metrics["by_filter"].get("review", 0)
    return {decision: number for decision, number in sorted(decided.items()) if number}


def _notes(run: Run) -> Iterator[str]:
    settings = run.settings["dataset"]
    kept = (
        f"values of `{settings['split_by']}`"
        if settings["split_by"]
        else "documents and their near duplicates"
    )
    yield (
        f"Sets keep {kept} together and are drawn by a stable hash of content, so documents that are added move no "
        "example to another set."
    )
    if run.metrics["filled"]:
        filled = ", ".join(f"{what} to {side}" for what, side in run.metrics["filled"].items())
        yield f"Sets that would have been empty were filled against the draw: {filled}."
