"""generate: chunks → candidate examples, grounded by construction."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lorewright.core.context import Context
from lorewright.core.errors import GenerationError
from lorewright.core.records import Chunk, Document, Example, Metadata, Record, Rejection, Run
from lorewright.core.registry import Registry
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import ingest
from lorewright.stages.generation_settings import GenerationSettings
from lorewright.stages.settings import Settings

CANDIDATES = "candidates.parquet"
REJECTIONS = "rejections.parquet"
Label = Mapping[str, Any]
Work = tuple[Document, list[Chunk], Label | None]
TASKS = Registry(
    "tasks",
    {
        "qa": "lorewright.stages.generate:questions_from_structure",
        "log_analysis": "lorewright.stages.generate:labelled_logs",
    },
)


class Part(Section):
    """What generate takes from the settings tree."""

    subject: str
    generation: GenerationSettings


def select(settings: Settings) -> Part:
    """Return generate's part of the tree."""
    chosen = settings.generation
    subject = settings.project.name if chosen.subject is None else chosen.subject
    return Part(subject=subject, generation=chosen)


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return the content of the label files and the releases of plug-in tasks."""
    labels = [_label_bytes(workspace, name)[1] for name in part.generation.labels]
    return [labels, TASKS.origins(part.generation.tasks)]


def run(part: Part, context: Context) -> Metadata:
    """Make examples of the documents that changed, copy those of the rest."""
    for task in part.generation.tasks:
        TASKS.load(task)
    labels = _labels(part, context.workspace)
    chunks: dict[str, list[Chunk]] = defaultdict(list)
    for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk):
        chunks[piece.document_id].append(piece)
    documents = list(context.read("ingest", ingest.DOCUMENTS, Document))
    work: list[Work] = [
        (document, chunks[document.id], labels.pop(document.path, None)) for document in documents
    ]
    mapped = context.map(
        work,
        make_candidates,
        name="candidates",
        key=_key,
        args=(part.subject, list(part.generation.tasks), TASKS.origins(part.generation.tasks)),
        unit="documents",
    )
    outputs: list[Record] = [record for entry in mapped for record in entry.outputs]
    outputs += [_failure(entry.source[0], entry.error) for entry in mapped if entry.error]
    outputs += [_unmatched(path) for path in sorted(labels)]
    examples = [record for record in outputs if isinstance(record, Example)]
    rejections = [record for record in outputs if isinstance(record, Rejection)]
    context.write(CANDIDATES, examples, Example)
    context.write(REJECTIONS, rejections, Rejection)
    return {
        "documents": len(documents),
        "candidates": len(examples),
        "rejected": len(rejections),
        "by_task": dict(Counter(example.task for example in examples).most_common()),
        "by_reason": dict(Counter(rejection.reason for rejection in rejections).most_common(12)),
        **context.counts,
    }


def make_candidates(work: Work, project: str, tasks: list[str], _origins: list[str]) -> Sequence[Record]:
    """Return all candidates and rejections of one document."""
    document, chunks, label = work
    return [
        record
        for task in tasks
        for record in TASKS.load(task)(document, chunks, project=project, label=label)
    ]


def questions_from_structure(
    document: Document,
    chunks: Sequence[Chunk],
    *,
    project: str,
    label: Label | None,  # noqa: ARG001 - every task has this shape
) -> Iterable[Example | Rejection]:
    """The task `qa`: questions and answers made from a document's structure."""
    from lorewright.generation.extractive import extract

    return extract(document, chunks, project=project) if document.kind != "log" else ()


def labelled_logs(
    document: Document,
    chunks: Sequence[Chunk],
    *,
    project: str,  # noqa: ARG001
    label: Label | None,
) -> Iterable[Example | Rejection]:
    """The task `log_analysis`: a labelled log becomes one example."""
    from lorewright.loganalysis.examples import label_example

    return () if label is None else (label_example(document, chunks, label),)


def summary(run: Run) -> str:
    """Return one line for people."""
    tasks = ", ".join(f"{count:,} {task}" for task, count in run.metrics["by_task"].items())
    return f"{run.metrics['candidates']:,} candidates ({tasks}), {run.metrics['rejected']:,} left out"


def _key(work: Work) -> Any:
    document, chunks, label = work
    spans = [[chunk.id, chunk.start, chunk.end] for chunk in chunks]
    shape = document.model_dump(mode="json", include={"id", "digest", "title", "kind", "blocks"})
    return [shape, spans, dict(label) if label else None]


def _label_bytes(workspace: Workspace, name: str) -> tuple[bytes, str]:
    path = workspace.project_dir / Path(name).expanduser()
    if not path.is_file():
        raise GenerationError(
            f"The label file {name!r} is not there ({path}).", "mend `generation.labels` in lore.toml"
        )
    content = path.read_bytes()
    return content, hashlib.sha256(content).hexdigest()


def _labels(part: Part, workspace: Workspace) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for name in part.generation.labels:
        for number, line in enumerate(_label_bytes(workspace, name)[0].decode("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                found[row["path"]] = row
            except (ValueError, KeyError, TypeError) as error:
                raise GenerationError(
                    f"{name}:{number} is no label: {line[:80]!r} ({type(error).__name__}: {error}).",
                    'a label is one JSON object: {"path": ..., "analysis": {...}, "template": ...}',
                ) from error
    return found


def _failure(document: Document, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=document.id,
        filter="failed",
        reason=reason,
        name=f"{document.source}/{document.path}",
    )


def _unmatched(path: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id="",
        filter="labels",
        reason="no document has the label's path",
        name=path,
    )


STAGE = Stage(
    name="generate",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {"ingest": (ingest.DOCUMENTS,), "chunk": (chunk_stage.CHUNKS,)},
    fingerprint=fingerprint,
)
