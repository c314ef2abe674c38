"""Tasks that ask no model: examples from the structure of documents, from code as it stands, and from labels."""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lorewright.core.context import Context
from lorewright.core.errors import GenerationError
from lorewright.core.records import Chunk, Document, Example, Record, Rejection
from lorewright.core.registry import Registry
from lorewright.core.workspace import Workspace
from lorewright.generation.material import group_of
from lorewright.stages.json_lines import numbered_lines, value_of
from lorewright.text.secrets import find_secrets

MAX_FUNCTION_CHARS = 4000
"""Longer functions are no material for `code_completion`."""
Label = Mapping[str, Any]
Options = Mapping[str, Any]
Work = tuple[Document, list[Chunk], Label | None]
TASKS = Registry(
    "tasks",
    {
        "qa": "lorewright.stages.generate_structure:questions_from_structure",
        "log_analysis": "lorewright.stages.generate_structure:labelled_logs",
        "code_completion": "lorewright.stages.generate_structure:code_as_it_stands",
    },
)
_GROUPS = {"qa": ("prose", "code"), "code_completion": ("code",)}


def structure_suits(task: str, kind: str, *, labelled: bool) -> bool:
    """Whether a task in `TASKS` may make something of documents of a kind; one of a plug-in may of all.

    Args:
        task: Its name.
        kind: Of documents.
        labelled: Whether people labelled the document.
    """
    if task == "log_analysis":
        return labelled
    return group_of(kind) in _GROUPS.get(task, (group_of(kind),))


def structural_records(
    context: Context,
    documents: Sequence[Document],
    chunks: Iterable[Chunk],
    *,
    tasks: Sequence[str],
    project: str,
    labels: Mapping[str, Label],
    options: Options,
) -> list[Record]:
    """Return the examples and rejections of documents; those of documents that did not change are copied.

    Args:
        context: Of the run.
        documents: Whose structure is used.
        chunks: All chunks, all places.
        tasks: Names in `TASKS`.
        project: What questions name.
        labels: Labels by path.
        options: As `Part.options`.
    """
    if not tasks:
        return []
    for task in tasks:
        TASKS.load(task)
    by_document: dict[str, list[Chunk]] = defaultdict(list)
    for piece in chunks:
        by_document[piece.document_id].append(piece)
    work: list[Work] = [
        (document, by_document[document.id], labels.get(document.path)) for document in documents
    ]
    mapped = context.map(
        work,
        make_candidates,
        name="candidates",
        key=_key,
        args=(project, list(tasks), dict(options), TASKS.origins(tasks)),
        unit="documents",
    )
    failed = {entry.source[0].id for entry in mapped if entry.error}
    context.account(
        "documents",
        (one.id for one in documents),
        kept=(entry.source[0].id for entry in mapped if not entry.error),
        failed=failed,
    )
    outputs: list[Record] = [record for entry in mapped for record in entry.outputs]
    return outputs + [_failure(entry.source[0], entry.error) for entry in mapped if entry.error]


def make_candidates(
    work: Work, project: str, tasks: list[str], options: Options, _origins: list[str]
) -> Sequence[Record]:
    """Return all candidates and rejections of one document."""
    document, chunks, label = work
    return [
        record
        for task in tasks
        if structure_suits(task, document.kind, labelled=label is not None)
        for record in TASKS.load(task)(document, chunks, project=project, label=label, options=options)
    ]


def questions_from_structure(
    document: Document,
    chunks: Sequence[Chunk],
    *,
    project: str,
    label: Label | None,  # noqa: ARG001 - every task has this shape
    options: Options,  # noqa: ARG001
) -> Iterable[Example | Rejection]:
    """The task `qa` without a model: questions and answers made from a document's structure."""
    from lorewright.generation.extractive import extract

    return extract(document, chunks, project=project)


def labelled_logs(
    document: Document,
    chunks: Sequence[Chunk],
    *,
    project: str,  # noqa: ARG001
    label: Label | None,
    options: Options,
) -> Iterable[Example | Rejection]:
    """The task `log_analysis` of a labelled log: one example."""
    from lorewright.loganalysis.examples import label_example

    if label is None:
        return ()
    said = {"categories": options["categories"], "severities": options["severities"]}
    return (label_example(document, chunks, label, **said),)


def code_as_it_stands(
    document: Document,
    chunks: Sequence[Chunk],
    *,
    project: str,  # noqa: ARG001
    label: Label | None,  # noqa: ARG001
    options: Options,
) -> Iterable[Example | Rejection]:
    """The task `code_completion`: the rest of a function, or what stands in a gap of it."""
    from lorewright.generation.completion import complete

    hidden = [(found.start, found.end) for found in find_secrets(document.text)]
    return complete(document, chunks, seed=options["seed"], max_chars=MAX_FUNCTION_CHARS, hidden=hidden)


def screened(records: Iterable[Record], chosen: Container[str] | None) -> Iterator[Record]:
    """Yield records without examples of other passages, and a rejection for an example with a secret in it.

    Args:
        records: Of structural tasks.
        chosen: Ids of the passages that count; None for all.
    """
    for record in records:
        if isinstance(record, Example):
            if chosen is not None and not any(piece.chunk_id in chosen for piece in record.evidence):
                continue
            kinds = {found.kind for turn in record.messages for found in find_secrets(turn.content)}
            yield _held_back(record, sorted(kinds)) if kinds else record
        else:
            yield record


def label_digest(workspace: Workspace, name: str) -> str:
    """Return the SHA-256 of a label file.

    Raises:
        GenerationError: It is not there.
    """
    return hashlib.sha256(_label_bytes(workspace, name)).hexdigest()


def _label_bytes(workspace: Workspace, name: str) -> bytes:
    path = workspace.project_dir / Path(name).expanduser()
    if not path.is_file():
        raise GenerationError(
            f"The label file {name!r} is not there ({path}).", "mend `generation.labels` in lore.toml"
        )
    return path.read_bytes()


def read_labels(workspace: Workspace, names: Sequence[str]) -> dict[str, Label]:
    """Return labels by the path of their document.

    Raises:
        GenerationError: A file is not there, or a line is no label.
    """
    found: dict[str, Label] = {}
    for name in names:
        for number, line in numbered_lines(_label_bytes(workspace, name)):
            try:
                row = value_of(line)
                path = row["path"]
                if not isinstance(path, str):
                    raise TypeError("its path is no text")
                found[path] = row
            except (ValueError, KeyError, TypeError) as error:
                shown = line.decode("utf-8", "replace")[:80]
                raise GenerationError(
                    f"{name}:{number} is no label: {shown!r} ({type(error).__name__}: {error}).",
                    'a label is one JSON object: {"path": ..., "analysis": {...}, "template": ...}',
                ) from error
    return found


def unmatched(path: str) -> Rejection:
    """Return the rejection of a label whose document is not there."""
    return Rejection(
        record="candidate",
        record_id="",
        filter="labels",
        reason="no document has the label's path",
        name=path,
    )


def _key(work: Work) -> Any:
    document, chunks, label = work
    spans = [[chunk.id, chunk.start, chunk.end] for chunk in chunks]
    shape = document.model_dump(mode="json", include={"id", "digest", "title", "kind", "blocks"})
    return [shape, spans, dict(label) if label else None]


def _failure(document: Document, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=document.id,
        filter="failed",
        reason=reason,
        name=f"{document.source}/{document.path}",
    )


def _held_back(example: Example, kinds: Sequence[str]) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=example.id,
        filter="secrets",
        reason=f"held back for what it holds: {', '.join(kinds)}",
    )
