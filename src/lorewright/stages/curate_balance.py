"""Sources and tasks evened out: which group an example belongs to, and what becomes of groups that are too large."""

from collections.abc import Callable, Iterator, Sequence

from lorewright.core.context import Context
from lorewright.core.records import Chunk, Document, Example, Rejection
from lorewright.curation.balance import cap_groups, repeat_small_groups
from lorewright.stages import chunk, ingest
from lorewright.stages.curation_settings import BalanceSettings

_NO_DOCUMENT = "no document"


def balanced(
    chosen: BalanceSettings, outcomes: Sequence[Example | Rejection], context: Context
) -> Iterator[Example | Rejection]:
    """Yield the outcomes with rejections in place of what exceeds its group's share."""
    if chosen.by == "none":
        yield from outcomes
        return
    group_of = _grouping(chosen, context)
    yield from (one for one in outcomes if isinstance(one, Rejection))
    capped = cap_groups(
        [one for one in outcomes if isinstance(one, Example)],
        group_of=group_of,
        max_share=chosen.max_share,
        seed=chosen.seed,
    )
    yield from (one for one in capped if isinstance(one, Rejection))
    kept = [one for one in capped if isinstance(one, Example)]
    if chosen.method == "resample":
        kept = repeat_small_groups(kept, group_of=group_of, max_repeats=chosen.max_repeats)
    yield from kept


def _grouping(chosen: BalanceSettings, context: Context) -> Callable[[Example], str]:
    if chosen.by == "task":
        return lambda example: example.task
    documents = {one.id: one for one in context.read("ingest", ingest.DOCUMENTS, Document)}
    document_of: dict[str, Document] = {}
    for piece in context.read("chunk", chunk.CHUNKS, Chunk):
        document_of.setdefault(piece.id, documents[piece.document_id])

    def source(example: Example) -> str:
        found = document_of.get(example.evidence[0].chunk_id) if example.evidence else None
        if found is None:
            return _NO_DOCUMENT
        return f"{found.source}/{found.path}" if chosen.by == "document" else found.source

    if chosen.by == "source and task":
        return lambda example: f"{example.task} of {source(example)}"
    return source
