"""What became of one file: a document, or a rejection with its reason; never both, never neither."""

from dataclasses import dataclass

from lorewright.core.context import Mapped
from lorewright.core.making import document_id
from lorewright.core.records import Document, FileState, Parsed, Rejection
from lorewright.parsing.placing import placed
from lorewright.stages.sources import Entry, Read


@dataclass(frozen=True)
class Outcome:
    """One file with its document or its rejection; its change is not known yet."""

    file_state: FileState
    document: Document | None = None
    rejection: Rejection | None = None


def outcome(entry: Entry, made: Mapped | None) -> Outcome:
    """Return what became of an entry, given what parsing made of it, if it was read."""
    if not isinstance(entry, Read):
        return Outcome(_file_state(entry), rejection=_rejection(entry, "source", entry.reason))
    record = made.outputs[0] if made and made.outputs else None
    if isinstance(record, Parsed):
        document = placed(record, source=entry.source, path=entry.path, licence=entry.licence)
        return Outcome(_file_state(entry, record), document=document)
    reason = record.reason if isinstance(record, Rejection) else made.error if made else ""
    return Outcome(_file_state(entry), rejection=_rejection(entry, "parse", reason))


def _file_state(entry: Entry, parsed: Parsed | None = None) -> FileState:
    read = entry if isinstance(entry, Read) else None
    return FileState(
        source=entry.source,
        path=entry.path,
        kind=read.kind if read else "",
        digest=read.digest if read else "",
        bytes=read.file.size if read else 0,
        outcome="read" if parsed else "rejected",
        change="unchanged",
        seconds=parsed.seconds if parsed else 0.0,
    )


def _rejection(entry: Entry, step: str, reason: str) -> Rejection:
    return Rejection(
        record="document",
        record_id=document_id(entry.source, entry.path),
        filter=step,
        reason=reason,
        name=f"{entry.source}/{entry.path}",
    )
