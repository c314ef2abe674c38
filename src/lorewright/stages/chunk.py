"""chunk: documents → passages that are cut where their structure allows it."""

from collections import Counter
from collections.abc import Sequence

from lorewright.chunking.chunk import chunk
from lorewright.core.context import Context
from lorewright.core.errors import ConfigError
from lorewright.core.records import Chunk, Document, Metadata, Record, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.stages import ingest
from lorewright.stages.settings import ChunkingSettings, Settings

CHUNKS = "chunks.parquet"


class Part(Section):
    """What chunk takes from the settings tree."""

    chunking: ChunkingSettings


def select(settings: Settings) -> Part:
    """Return chunk's part of the tree."""
    return Part(chunking=settings.chunking)


def run(part: Part, context: Context) -> Metadata:
    """Cut the documents that changed, copy the chunks of the rest."""
    documents = list(context.read("ingest", ingest.DOCUMENTS, Document))
    cut = part.chunking
    mapped = context.map(
        documents,
        cut_document,
        name="chunks",
        key=lambda document: document.model_dump(mode="json", exclude={"text", "licence", "metadata"}),
        args=(cut.strategy, cut.max_chars, cut.min_chars, cut.overlap_chars),
        unit="documents",
    )
    chunks = [record for entry in mapped for record in entry.outputs if isinstance(record, Chunk)]
    failed = [entry.error for entry in mapped if entry.error]
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


def cut_document(
    document: Document, strategy: str, max_chars: int, min_chars: int, overlap_chars: int
) -> Sequence[Record]:
    """Return the chunks of one document."""
    return chunk(
        document, strategy=strategy, max_chars=max_chars, min_chars=min_chars, overlap_chars=overlap_chars
    )


def summary(run: Run) -> str:
    """Return one line for people."""
    failed = run.metrics["failed"]
    lost = f", {failed:,} could not be cut (lore show chunk)" if failed else ""
    return f"{run.metrics['chunks']:,} chunks of {run.metrics['documents']:,} documents{lost}"


STAGE = Stage(
    name="chunk",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {"ingest": (ingest.DOCUMENTS,)},
)
