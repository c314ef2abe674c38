"""What an ingest did: documents by kind, rejections by reason, the slowest files, where everything is from."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from lorewright.core.records import Document, FileState, Metadata, Record, Rejection, Run, SourceState
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import ingest

_SLOWEST = 10
_EXAMPLES = 3
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_QUOTED = re.compile(r"'[^']*'")


class KindFigures(Record):
    """One kind of document; `seconds` are CPU seconds of parsing, whenever that was."""

    kind: str
    files: int
    read: int
    rejected: int
    characters: int
    bytes: int
    seconds: float

    @property
    def rate(self) -> float:
        """Megabytes a CPU second; 0 where no time was taken."""
        return self.bytes / 1e6 / self.seconds if self.seconds else 0.0


class Reason(Record):
    """Rejections that differ only in figures and names."""

    reason: str
    count: int
    examples: tuple[str, ...]


class Slow(Record):
    """A file that took long."""

    name: str
    seconds: float
    bytes: int


class IngestReport(Record):
    """What one run of ingest did; `dropped` counts the boilerplate that cleaning took out, by what it was."""

    run_id: str
    files: int
    documents: int
    rejected: int
    changes: Metadata
    kinds: tuple[KindFigures, ...]
    reasons: tuple[Reason, ...]
    slowest: tuple[Slow, ...]
    sources: tuple[SourceState, ...]
    licences: Metadata
    dropped: Metadata


def ingest_report(workspace: Workspace, run: Run) -> IngestReport:
    """Return the report of a finished run."""
    folder = workspace.run_dir("ingest", run.id)
    files = list(read_table(folder / ingest.FILES, FileState))
    characters: Counter[str] = Counter()
    licences: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for document in read_table(folder / ingest.DOCUMENTS, Document):
        characters[f"{document.source}/{document.path}"] = len(document.text)
        licences[document.licence or "not stated"] += 1
        dropped.update(_what(one) for one in document.metadata.get("dropped", ()))
    counted = run.metrics
    return IngestReport(
        run_id=run.id,
        files=counted["files"],
        documents=counted["documents"],
        rejected=counted["rejected"],
        changes=counted["changes"],
        kinds=tuple(_kinds(files, characters)),
        reasons=tuple(_reasons(read_table(folder / ingest.REJECTIONS, Rejection))),
        slowest=tuple(_slowest(files)),
        sources=tuple(read_table(folder / ingest.SOURCES, SourceState)),
        licences=dict(licences.most_common()),
        dropped=dict(dropped.most_common()),
    )


def _what(dropped: Any) -> str:
    return str(dropped.get("what", "other")) if isinstance(dropped, dict) else "other"


def _kinds(files: Sequence[FileState], characters: Counter[str]) -> Iterable[KindFigures]:
    groups: dict[str, list[FileState]] = defaultdict(list)
    for file in files:
        groups[file.kind or "not opened"].append(file)
    for kind, members in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        read = [file for file in members if file.outcome == "read"]
        yield KindFigures(
            kind=kind,
            files=len(members),
            read=len(read),
            rejected=len(members) - len(read),
            characters=sum(characters[f"{file.source}/{file.path}"] for file in read),
            bytes=sum(file.bytes for file in read),
            seconds=sum(file.seconds for file in read),
        )


def _reasons(rejections: Iterable[Rejection]) -> Iterable[Reason]:
    groups: dict[str, list[Rejection]] = defaultdict(list)
    for rejection in rejections:
        groups[_QUOTED.sub("'…'", _FIGURE.sub("N", rejection.reason))].append(rejection)
    for members in sorted(groups.values(), key=len, reverse=True):
        yield Reason(
            reason=members[0].reason,
            count=len(members),
            examples=tuple(member.name for member in members[:_EXAMPLES]),
        )


def _slowest(files: Sequence[FileState]) -> Iterable[Slow]:
    for file in sorted(files, key=lambda file: -file.seconds)[:_SLOWEST]:
        if file.seconds:
            yield Slow(name=f"{file.source}/{file.path}", seconds=file.seconds, bytes=file.bytes)
