"""What an evaluation's report says of retrieval: what probe found out about the index that was evaluated.

It is read beside the run's inputs, as commits are for citations: no verdict depends on it, and a new question of the
user's must not make the models answer everything again.
"""

from collections.abc import Iterator, Mapping

from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.evaluation.report_data import MissView, RecallRow, RecallTable, RetrievalView, TradeLine
from lorewright.retrieval.quality import Figures
from lorewright.stages import probe
from lorewright.stages.quality_report import (
    Asked,
    QualityReport,
    Refusal,
    fate,
    quality_report,
    yours_refused,
)


def retrieval_view(workspace: Workspace, index_run: Run) -> RetrievalView | None:
    """Return what the newest probe of an index found out; None where it was not asked."""
    asked = probe.run_of(workspace, index_run)
    if asked is None:
        return None
    report = quality_report(workspace, index_run, asked)
    chosen = next((one for one in report.refusal.curve if one.chosen), None)
    return RetrievalView(
        run=asked.id,
        notes=tuple(_notes(report)),
        tables=tuple(_tables(report)),
        misses=tuple(
            MissView(question=miss.question, fate=fate(miss), where=miss.where or miss.path, found=miss.found)
            for miss in report.misses
        ),
        threshold=report.refusal.threshold,
        chosen=(chosen.sections.false_refusals, chosen.sections.refusals) if chosen else None,
        trades=tuple(_trades(report.refusal)),
        refusals=tuple(_refusals(report.refusal)),
    )


def _notes(report: QualityReport) -> Iterator[str]:
    if report.headings:
        yield (
            "Questions made from headings ask for a section by its heading, which is removed from what is searched: "
            "only the section's own text can be found."
        )
        if report.searched < report.passages:
            yield f"They search {report.searched:,} of {report.passages:,} passages."
    if report.yours and report.yours.lost:
        yield (
            f"{report.yours.lost:,} of {report.yours.questions:,} questions of your own name a place that is in no "
            "passage; they count as not found."
        )
    if report.yours is None:
        name = report.questions_file or "questions.jsonl"
        yield f"There are no questions of your own with an answer; they would stand in {name}."


def _tables(report: QualityReport) -> Iterator[RecallTable]:
    for what, asked in (("Questions made from headings", report.headings), ("Your questions", report.yours)):
        if asked is not None:
            yield RecallTable(what, "mode", _rows(asked.modes))
            yield from _groups(what, asked, report.mode)


def _groups(what: str, asked: Asked, mode: str) -> Iterator[RecallTable]:
    for name, groups in (("source", asked.sources), ("kind", asked.kinds)):
        if len(groups) > 1:
            yield RecallTable(f"{what} by {name}, {mode}", name, _rows(groups))


def _rows(groups: Mapping[str, Figures]) -> tuple[RecallRow, ...]:
    return tuple(RecallRow(name, one.questions, one.recall, one.mrr) for name, one in groups.items())


def _trades(refusal: Refusal) -> Iterator[TradeLine]:
    if refusal.curve:
        sections = tuple((one.sections.false_refusals, one.sections.refusals) for one in refusal.curve)
        yield TradeLine("questions made from headings", sections)
        yours = tuple((one.yours.false_refusals, one.yours.refusals) for one in refusal.curve if one.yours)
        if yours:
            yield TradeLine("your questions", yours)


def _refusals(refusal: Refusal) -> Iterator[str]:
    if refusal.threshold is None:
        yield f"Nothing is refused: it takes {refusal.needed} questions made from headings to learn when to."
    if told := yours_refused(refusal):
        yield told
