"""Examples from labelled logs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lorewright.core.ids import short_id
from lorewright.core.making import make_example
from lorewright.core.records import Chunk, Document, Evidence, Example, Message, Rejection
from lorewright.loganalysis.candidates import candidate_lines, normalise
from lorewright.loganalysis.schema import CATEGORIES, FIELDS, SEVERITIES, instruction

FILTER = "label"


def label_example(
    document: Document,
    chunks: Sequence[Chunk],
    label: Mapping[str, Any],
    *,
    categories: Sequence[str] = CATEGORIES,
    severities: Sequence[str] = SEVERITIES,
) -> Example | Rejection:
    """Return the example that a labelled log gives, or why it gives none.

    Args:
        document: The log.
        chunks: Its chunks, all places.
        label: `path`, `analysis` (error_message, category, severity) and, where known, `template`: what must stay on
            one side of a split.
        categories: Kinds of error that a label may name.
        severities: Severities that a label may name.

    Returns:
        An example of task `log_analysis` and origin `import`: the instruction, the candidate lines, the analysis as
        JSON; its evidence is the error message in a chunk.
    """
    analysis = label.get("analysis")
    reason = _refuse(analysis, categories, severities)
    if reason or not isinstance(analysis, Mapping):
        return _rejection(document, reason)
    message = str(analysis["error_message"])
    spans = [span for span in candidate_lines(document.text) if message in document.text[slice(*span)]]
    if not spans:
        where = "among the log's candidate lines" if message in document.text else "in the log"
        return _rejection(document, f"error_message does not stand {where}: {message[:80]!r}")
    start = document.text.index(message, spans[-1][0])
    evidence = _evidence(chunks, start, start + len(message))
    lines = [normalise(document.text[begin:end]) for begin, end in candidate_lines(document.text)]
    if evidence is None or not any(message in line for line in lines):
        return _rejection(document, f"error_message stands in no chunk: {message[:80]!r}")
    answer = json.dumps({field: str(analysis[field]) for field in FIELDS}, ensure_ascii=False)
    return make_example(
        task="log_analysis",
        messages=(
            Message(role="system", content=instruction(categories, severities)),
            Message(role="user", content="\n".join(lines)),
            Message(role="assistant", content=answer),
        ),
        evidence=(evidence,),
        origin="import",
        metadata={"template": str(label.get("template", "")), "document_id": document.id},
    )


def _refuse(analysis: object, categories: Sequence[str], severities: Sequence[str]) -> str:
    if not isinstance(analysis, Mapping):
        return "the label has no analysis"
    missing = [field for field in FIELDS if not str(analysis.get(field) or "").strip()]
    if missing:
        return f"the analysis lacks {', '.join(missing)}"
    if analysis["category"] not in categories:
        return f"category {analysis['category']!r} is none of {', '.join(categories)}"
    if analysis["severity"] not in severities:
        return f"severity {analysis['severity']!r} is none of {', '.join(severities)}"
    if "\n" in str(analysis["error_message"]):
        return "error_message has more than one line"
    return ""


def _evidence(chunks: Sequence[Chunk], start: int, end: int) -> Evidence | None:
    whole = [chunk for chunk in chunks if chunk.start <= start and end <= chunk.end]
    if not whole:
        return None
    chunk = min(whole, key=lambda one: (one.end - one.start, one.start))
    first, last = start - chunk.start, end - chunk.start
    return Evidence(chunk_id=chunk.id, start=first, end=last, quote=chunk.text[first:last])


def _rejection(document: Document, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=short_id("label", document.id),
        filter=FILTER,
        reason=reason,
        name=f"{document.source}/{document.path}",
    )
