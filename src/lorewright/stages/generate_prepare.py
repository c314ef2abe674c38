"""Everything that generation decides before it asks anything: tasks, passages, prompts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lorewright.core.records import Chunk, Document, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import ingest
from lorewright.stages.generate_grounding import Library, masked_in_queries, open_library, query_prompts
from lorewright.stages.generate_materials import Materials, make_materials
from lorewright.stages.generate_part import Part
from lorewright.stages.generate_prompts import Made, task_prompts, unasked
from lorewright.stages.generate_selection import chosen_chunks, chosen_documents
from lorewright.stages.generate_structure import Label, read_labels
from lorewright.stages.generate_tasks import TaskList, task_list
from lorewright.stages.model_calls import Prompt


@dataclass(frozen=True)
class Prepared:
    """What is made of what.

    Attributes:
        tasks: How the tasks are made.
        documents: Those that are chosen.
        known_paths: Of all documents.
        places: All places of all chunks.
        chunks: The chosen passages of documents that suit a task, each once.
        labels: By path.
        materials: What prompts show.
        prompts: What a model is asked, in a stable order.
        rejections: What could not be asked, with the reason.
        library: Passages of the index; None where no task shows any.
    """

    tasks: TaskList
    documents: Sequence[Document]
    known_paths: frozenset[str]
    places: Sequence[Chunk]
    chunks: Sequence[Chunk]
    labels: Mapping[str, Label]
    materials: Materials
    prompts: Sequence[Prompt[Made]]
    rejections: Sequence[Rejection]
    library: Library | None


def prepare(
    part: Part, workspace: Workspace, inputs: Mapping[str, Run], *, at_most: int | None = None
) -> Prepared:
    """Return what generation would ask and make, without asking or writing anything.

    Args:
        part: The settings.
        workspace: Of the project.
        inputs: The runs of ingest and chunk, and of index where a task wants passages.
        at_most: Passages to go on with, of those that the settings choose; None for all.

    Raises:
        ConfigError: A task, a filter or a file of the settings cannot be used.
        GenerationError: A label or a question cannot be read.
    """
    chosen = part.generation
    tasks = task_list(chosen, part.log_analysis, workspace)
    labels = read_labels(workspace, chosen.labels)
    every = list(read_table(_path(workspace, inputs, "ingest", ingest.DOCUMENTS), Document))
    documents = chosen_documents(
        every, sources=chosen.sources, paths=chosen.paths, languages=chosen.languages
    )
    places = list(read_table(_path(workspace, inputs, "chunk", chunk_stage.CHUNKS), Chunk))
    suitable = [one for one in documents if tasks.suits(one.kind, labelled=one.path in labels)]
    chunks = chosen_chunks(
        places, suitable, limit=chosen.limit, sample=at_most or chosen.sample, seed=chosen.seed
    )
    materials = (
        make_materials(
            documents, chunks, places, project=part.subject, hold_back=chosen.secrets == "hold back"
        )
        if tasks.asked
        else Materials()
    )
    labelled = {one.id for one in every if one.path in labels}
    prompts = list(
        task_prompts(tasks.asked, materials, chosen, origin=chosen.model, labelled=labelled.__contains__)
    )
    library = open_library(part, workspace, inputs["index"], every, places) if part.shown else None
    rejections: list[Rejection] = [*materials.rejections, *unasked(tasks.asked, materials)]
    if tasks.queries and library:
        for one in islice(query_prompts(part, workspace, library), at_most):
            if isinstance(one, Rejection):
                rejections.append(one)
            else:
                prompts.append(one)
        known = list(materials.masked)
        materials.masked += [one for one in masked_in_queries(part, workspace, library) if one not in known]
    return Prepared(
        tasks=tasks,
        documents=documents,
        known_paths=frozenset(one.path for one in every),
        places=places,
        chunks=chunks,
        labels=labels,
        materials=materials,
        prompts=prompts,
        rejections=rejections,
        library=library,
    )


def _path(workspace: Workspace, inputs: Mapping[str, Run], stage: str, artefact: str) -> Path:
    return workspace.run_dir(stage, inputs[stage].id) / artefact
