"""probe: the index is asked questions with known answers: how often it finds them, and when it does not know."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from lorewright.core.context import Context
from lorewright.core.ids import short_id
from lorewright.core.records import Metadata, Record, Run
from lorewright.core.settings import Section, no_effect
from lorewright.core.stage import Outside, Stage
from lorewright.core.workspace import Workspace
from lorewright.retrieval.evidence import Evidence, Trade, learn, signals, trades
from lorewright.retrieval.index import update
from lorewright.retrieval.quality import DEPTH, Figures, Outcome, ask_all, figures
from lorewright.retrieval.questions import (
    Probe,
    UserQuestion,
    beheaded,
    choose_sections,
    heading_probes,
    user_probes,
)
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import Index, Mode, open_index
from lorewright.retrieval.vectors import sparing
from lorewright.stages import chunk, index, ingest
from lorewright.stages.models import index_embedder
from lorewright.stages.settings import IndexSettings, ProbeSettings, ProviderSettings, Settings
from lorewright.stages.user_questions import users_questions

QUALITY = "quality.json"
EVIDENCE = "evidence.json"


class Quality(Record):
    """How well an index finds what it was asked for.

    Attributes:
        outcomes: Each question that has an answer, once a mode.
        support: Likelihoods of the user's questions, by question; empty where none was learned.
        refused: What the threshold does to the user's questions, if there are any without an answer.
        passages: How many were searched for the questions made from headings.
    """

    outcomes: tuple[Outcome, ...]
    support: dict[str, float]
    refused: Trade | None
    passages: int

    def of(self, sort: str, mode: str) -> list[Outcome]:
        """Return the outcomes of one sort of question in one mode."""
        return [outcome for outcome in self.outcomes if (outcome.sort, outcome.mode) == (sort, mode)]


class Part(Section):
    """What probe takes from the settings tree."""

    probe: ProbeSettings
    index: IndexSettings
    questions: str
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")


def select(settings: Settings) -> Part:
    """Return probe's part of the tree."""
    return Part(
        probe=settings.probe,
        index=settings.index,
        questions=settings.dataset.questions,
        providers=settings.providers,
    )


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return the content of the user's questions.

    Raises:
        ConfigError: They cannot be read.
    """
    return users_questions(part.questions, workspace)


def run(part: Part, context: Context) -> Metadata:
    """Ask the index about its own sections and the user's questions; learn the threshold."""
    users: Sequence[UserQuestion] = context.found
    opened = index.open_run(context.workspace, context.inputs["index"], part.providers)
    sample = _sample(context, part)
    sections = choose_sections(sample(), limit=part.probe.sections)
    about_sections = heading_probes(sections, sample())
    asked = user_probes(users, index.rows(context, part.index.exclude_kinds))
    outcomes: list[Outcome] = []
    searches = [(opened, asked)]
    if about_sections:
        headless = _headless_index(part, context, opened, lambda: beheaded(sample(), sections))
        searches = [(headless, about_sections), *searches]
    total = (len(asked) + len(about_sections)) * len(opened.modes) + 3 * len(about_sections)
    with context.task("probe", total=total, unit="questions") as tick:
        for mode in opened.modes:
            for searched, probes in searches:
                outcomes += ask_all(probes, _search(searched, mode), mode=mode, tick=tick)
        learned = _learned(searches[0][0], about_sections, tick)
    quality = _quality(outcomes, opened, asked, learned, len(searches[0][0]))
    context.write_json(QUALITY, quality.model_dump(mode="json"))
    context.write_json(EVIDENCE, learned.model_dump(mode="json") if learned else None)
    return _metrics(quality, opened, learned)


def _sample(context: Context, part: Part) -> Callable[[], Iterator[IndexRow]]:
    """Return what gives the rows asked about: all, or those of some documents, chosen by a stable hash."""
    rows = partial(index.rows, context, part.index.exclude_kinds)
    counts: dict[str, int] = {}
    for row in rows():
        counts[row.document_id] = counts.get(row.document_id, 0) + 1
    chosen, room = set(), part.probe.max_passages
    for document_id in sorted(counts, key=short_id):
        if counts[document_id] <= room:
            chosen.add(document_id)
            room -= counts[document_id]
    return lambda: (row for row in rows() if row.document_id in chosen)


def _headless_index(
    part: Part, context: Context, opened: Index, rows: Callable[[], Iterator[IndexRow]]
) -> Index:
    folder = context.checkpoint_dir / "headless"
    embedder = index_embedder(part.index, part.providers, context.workspace)
    if embedder is not None:
        embedder = sparing(embedder, opened.known_vectors)
    state = update(folder, rows, stemming=part.index.stemming, embedder=embedder, reporter=context.reporter)
    return open_index(folder, state.table, state.version, stemming=part.index.stemming, embedder=embedder)


def _search(opened: Index, mode: Mode) -> Callable[[str], Any]:
    return lambda question: opened.search(question, k=DEPTH, mode=mode)


def _learned(headless: Index, probes: Sequence[Probe], tick: Callable[[int], None]) -> Evidence | None:
    answered, unanswered = [], []
    for probe in probes:
        answered.append(signals(headless, probe.question))
        unanswered.append(signals(headless, probe.question, without=probe.document_id))
        tick(3)
    return learn(answered, unanswered)


def _quality(
    outcomes: Sequence[Outcome],
    opened: Index,
    asked: Sequence[Probe],
    learned: Evidence | None,
    passages: int,
) -> Quality:
    support = {probe.question: learned.support(opened, probe.question) for probe in asked} if learned else {}
    answered = [support[probe.question] for probe in asked if support and (probe.chunk_ids or probe.lost)]
    others = [support[probe.question] for probe in asked if support and not (probe.chunk_ids or probe.lost)]
    refused = trades(answered, others, [learned.threshold])[0] if learned and others else None
    return Quality(outcomes=tuple(outcomes), support=support, refused=refused, passages=passages)


def _metrics(quality: Quality, opened: Index, learned: Evidence | None) -> Metadata:
    best = opened.modes[0]
    told: dict[str, Figures] = {
        sort: figures(found) for sort in ("heading", "yours") if (found := quality.of(sort, best))
    }
    return {
        "mode": best,
        "questions": {sort: one.questions for sort, one in told.items()},
        "recall_at_5": {sort: round(one.recall[5], 4) for sort, one in told.items()},
        "mrr": {sort: round(one.mrr, 4) for sort, one in told.items()},
        "min_evidence": round(learned.threshold, 4) if learned else None,
    }


def evidence_of(workspace: Workspace, index_run: Run) -> Evidence | None:
    """Return what was learned about an index; None where it was not asked about itself, or was too small to learn."""
    found = run_of(workspace, index_run)
    if found is None:
        return None
    learned = json.loads((workspace.run_dir("probe", found.id) / EVIDENCE).read_bytes())
    return Evidence.model_validate(learned) if learned else None


def quality_of(workspace: Workspace, run: Run) -> Quality:
    """Return what a run of probe found out."""
    return Quality.model_validate_json((workspace.run_dir("probe", run.id) / QUALITY).read_bytes())


def run_of(workspace: Workspace, index_run: Run) -> Run | None:
    """Return the run of probe that asked an index: the current one, or else the newest; None where there is none."""
    made_of = f"index/{index.VERSION}"
    content = index_run.outputs[index.VERSION]
    current = workspace.newest("probe")
    if current is not None and current.consumed.get(made_of) == content:
        return current
    asked = [one for one in workspace.runs("probe") if one.consumed.get(made_of) == content]
    return asked[-1] if asked else None


def summary(run: Run) -> str:
    """Return one line for people."""
    told = run.metrics
    names = {"heading": "sections", "yours": "of your questions"}
    found = [
        f"recall@5 {told['recall_at_5'][sort]:.2f} on {count:,} {names[sort]}"
        for sort, count in told["questions"].items()
    ]
    learned = told["min_evidence"]
    refuses = (
        f"refuses below {learned:.2f}" if learned is not None else "too few sections to learn refusal from"
    )
    return "; ".join([*(found or ["no questions"]), refuses])


STAGE = Stage(
    name="probe",
    version=1,
    settings=Part,
    run=run,
    fingerprint=fingerprint,
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk.CHUNKS,),
        "index": (index.VERSION,),
    },
)
