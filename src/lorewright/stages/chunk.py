"""chunk: documents → passages that are cut where their structure allows it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lorewright.chunking.chunk import chunk
from lorewright.core.context import Context
from lorewright.core.errors import ConfigError
from lorewright.core.records import Chunk, Document, Metadata, Record, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.core.workspace import Workspace
from lorewright.stages import ingest
from lorewright.stages.settings import ChunkingSettings, Settings
from lorewright.stages.tokenizers import counter_digest, tokenizer_path
from lorewright.text.tokenizer import load_tokenizer

CHUNKS = "chunks.parquet"


class Part(Section):
    """What chunk takes from the settings tree."""

    chunking: ChunkingSettings


def select(settings: Settings) -> Part:
    """Return chunk's part of the tree."""
    return Part(chunking=settings.chunking)


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return what counts tokens, if sizes are in tokens."""
    name = part.chunking.tokens.tokenizer
    return counter_digest(tokenizer_path(name, workspace.project_dir)) if name else None


def run(part: Part, context: Context) -> Metadata:
    """Cut the documents that changed, copy the chunks of the rest."""
    documents = list(context.read("ingest", ingest.DOCUMENTS, Document))
    args = _args(part, context.workspace)
    mapped = context.map(
        documents,
        cut_document,
        name="chunks",
        key=_key,
        args=args,
        unit="documents",
    )
    chunks = [
        record.model_copy(update={"document_id": one.source.id})
        for one in mapped
        for record in one.outputs
        if isinstance(record, Chunk)
    ]
    failed = [f"{one.source.source}/{one.source.path}: {one.error}" for one in mapped if one.error]
    if failed and not chunks:
        raise ConfigError(f"No document could be cut: {failed[0]}", "mend [chunking] in lore.toml")
    context.write(CHUNKS, chunks, Chunk)
    return {
        "documents": len(documents),
        "chunks": len(chunks),
        "distinct": len({chunk.id for chunk in chunks}),
        "failed": len(failed),
        "failures": failed[:10],
        "by_strategy": dict(Counter(chunk.strategy for chunk in chunks).most_common()),
        **context.counts,
    }


def _key(document: Document) -> Any:
    """All of a document that its chunks depend on but for the id they carry: no source and no path."""
    return [
        document.kind,
        document.digest,
        document.title if document.titled else "",
        document.source_map.model_dump(mode="json"),
        list(document.blocks),
    ]


def _args(part: Part, workspace: Workspace) -> tuple[Any, ...]:
    cut = part.chunking
    if not cut.tokens.tokenizer:
        return list(cut.strategies), cut.max_chars, cut.min_chars, cut.overlap_chars
    path = tokenizer_path(cut.tokens.tokenizer, workspace.project_dir)
    digest = counter_digest(path)
    load_tokenizer(path, digest)  # one that is broken is told before any document is cut
    sizes = (cut.tokens.max_tokens, cut.tokens.min_tokens, cut.tokens.overlap_tokens)
    return list(cut.strategies), *sizes, str(path), digest


def cut_document(
    document: Document,
    strategies: Sequence[str],
    max_size: int,
    min_size: int,
    overlap: int,
    tokenizer: str = "",
    digest: str = "",
) -> Sequence[Record]:
    """Return the chunks of one document; sizes are in tokens where a tokenizer's file is named."""
    return chunk(
        document,
        strategies=strategies,
        max_size=max_size,
        min_size=min_size,
        overlap=overlap,
        counter=load_tokenizer(Path(tokenizer), digest) if tokenizer else None,
    )


def summary(run: Run) -> str:
    """Return one line for people."""
    failed = run.metrics["failed"]
    lost = f", {failed:,} could not be cut (lore show chunk)" if failed else ""
    return f"{run.metrics['chunks']:,} chunks of {run.metrics['documents']:,} documents{lost}"


STAGE = Stage(
    name="chunk",
    version=2,
    settings=Part,
    run=run,
    needs=lambda _part: {"ingest": (ingest.DOCUMENTS,)},
    fingerprint=fingerprint,
)
