"""How well an index finds what it was asked for, as plain data: figures, worst misses, and when it refuses."""

import json
from collections.abc import Iterable, Sequence

from lorewright.core.records import Record, Run
from lorewright.core.workspace import Workspace
from lorewright.retrieval.evidence import MIN_QUESTIONS, Evidence, Trade, trades
from lorewright.retrieval.quality import Figures, Outcome, figures, figures_by, worst
from lorewright.retrieval.questions import HEADING, YOURS
from lorewright.stages import probe


class Asked(Record):
    """What came of one sort of question.

    Attributes:
        questions: How many there were; `found` of them have their answer in a passage, `lost` in none, though a place
            was named. A lost one counts as not found.
        modes: Figures by mode, the one searched by default first.
        sources: Figures in the default mode by source, lost ones left out, for they have none.
        kinds: The same by kind of document.
    """

    questions: int
    found: int
    lost: int
    modes: dict[str, Figures]
    sources: dict[str, Figures]
    kinds: dict[str, Figures]


class Threshold(Record):
    """What one threshold refuses, in shares.

    Attributes:
        sections: Of the questions made from headings, asked as they are and with their document left out.
        yours: Of the user's questions with an answer and without one; None where one of the two is missing.
    """

    threshold: float
    chosen: bool
    sections: Trade
    yours: Trade | None


class Refusal(Record):
    """When a question is refused as not in the documents.

    Attributes:
        threshold: What was learned; None where there were too few sections.
        needed: Sections that it takes to learn.
        setting: `ask.min_evidence` of lore.toml, which outranks what was learned; None where it is not set.
        curve: Other thresholds, the lowest first.
        answered: How many of the user's questions have an answer.
        unanswered: How many have none, as far as they were asked.
        yours: What the threshold in force does to the user's questions; None where there are none.
    """

    threshold: float | None
    needed: int
    setting: float | None
    curve: tuple[Threshold, ...]
    answered: int
    unanswered: int
    yours: Trade | None

    @property
    def in_force(self) -> float | None:
        """The threshold that answers go by."""
        return self.threshold if self.setting is None else self.setting


class QualityReport(Record):
    """How well one index finds what it was asked for.

    Attributes:
        index_run: The index.
        probe_run: The run that asked it.
        mode: How it is searched unless told otherwise.
        passages: How many it holds.
        searched: How many of them were searched for the questions made from headings.
        questions_file: Of the user's questions, as lore.toml names it.
        headings: Questions made from headings, each heading removed from what is searched; None without any.
        yours: The user's questions that have an answer; None without any.
        misses: The worst in the default mode.
    """

    index_run: str
    probe_run: str
    mode: str
    passages: int
    searched: int
    questions_file: str
    headings: Asked | None
    yours: Asked | None
    misses: tuple[Outcome, ...]
    refusal: Refusal


def quality_report(
    workspace: Workspace, index_run: Run, probe_run: Run, *, min_evidence: float | None = None
) -> QualityReport:
    """Return the report of a finished run of probe.

    Args:
        workspace: Where the runs are.
        index_run: The index that was asked.
        probe_run: The run that asked it.
        min_evidence: `ask.min_evidence` of lore.toml.
    """
    found = probe.quality_of(workspace, probe_run)
    mode = str(probe_run.metrics["mode"])
    in_mode = [outcome for outcome in found.outcomes if outcome.mode == mode]
    return QualityReport(
        index_run=index_run.id,
        probe_run=probe_run.id,
        mode=mode,
        passages=index_run.metrics["passages"],
        searched=found.passages,
        questions_file=str(probe_run.settings["questions"]),
        headings=_asked([one for one in found.outcomes if one.sort == HEADING], mode),
        yours=_asked([one for one in found.outcomes if one.sort == YOURS], mode),
        misses=tuple(worst(in_mode)),
        refusal=_refusal(found, _learned(workspace, probe_run), in_mode, min_evidence),
    )


def _asked(outcomes: Sequence[Outcome], mode: str) -> Asked | None:
    chosen = [outcome for outcome in outcomes if outcome.mode == mode]
    if not chosen:
        return None
    placed = [outcome for outcome in chosen if not outcome.lost]
    modes = dict.fromkeys(outcome.mode for outcome in outcomes)
    return Asked(
        questions=len(chosen),
        found=len(placed),
        lost=len(chosen) - len(placed),
        modes={name: figures([one for one in outcomes if one.mode == name]) for name in modes},
        sources=figures_by(placed, lambda one: one.source),
        kinds=figures_by(placed, lambda one: one.kind),
    )


def fate(miss: Outcome) -> str:
    """Return what became of a question that was missed, in a word or two."""
    if miss.lost:
        return "lost"
    return f"rank {miss.rank}" if miss.rank else "not found"


def yours_refused(refusal: Refusal) -> str:
    """Return what becomes of the user's questions as a sentence; empty where there are none."""
    if refusal.yours is None:
        return ""
    parts = []
    if refusal.unanswered:
        parts.append(f"{refusal.yours.refusals:.0%} of the {refusal.unanswered:,} without an answer")
    if refusal.answered:
        parts.append(f"{refusal.yours.false_refusals:.0%} of the {refusal.answered:,} with one")
    return f"Of your questions it refuses {' and '.join(parts)}."


def _learned(workspace: Workspace, run: Run) -> Evidence | None:
    learned = json.loads((workspace.run_dir("probe", run.id) / probe.EVIDENCE).read_bytes())
    return Evidence.model_validate(learned) if learned else None


def _refusal(
    found: probe.Quality, learned: Evidence | None, outcomes: Iterable[Outcome], setting: float | None
) -> Refusal:
    asked = {outcome.question for outcome in outcomes if outcome.sort == YOURS}
    answered = [support for question, support in found.support.items() if question in asked]
    others = [support for question, support in found.support.items() if question not in asked]
    threshold = learned.threshold if learned else None
    in_force = threshold if setting is None else setting
    return Refusal(
        threshold=threshold,
        needed=MIN_QUESTIONS,
        setting=setting,
        curve=tuple(_curve(learned, answered, others)) if learned else (),
        answered=len(asked),
        unanswered=len(others),
        yours=trades(answered, others, [in_force])[0] if found.support and in_force is not None else None,
    )


def _curve(learned: Evidence, answered: Sequence[float], others: Sequence[float]) -> Iterable[Threshold]:
    # Where many sections have the same evidence, several shares have the same threshold.
    for trade in {one.threshold: one for one in learned.trades}.values():
        yours = trades(answered, others, [trade.threshold])[0] if answered and others else None
        chosen = trade.threshold == learned.threshold
        yield Threshold(threshold=trade.threshold, chosen=chosen, sections=trade, yours=yours)
