"""How well an index finds what questions with known answers ask for: recall and mean reciprocal rank."""

from collections.abc import Callable, Iterable, Sequence

from lorewright.core.records import Passage, Record
from lorewright.retrieval.questions import HEADING, Probe, label
from lorewright.text.ranks import first_rank, mean_reciprocal_rank, recall_at

DEPTH = 10
RECALL_AT = (1, 3, 5, 10)


class Outcome(Record):
    """What became of one question.

    Attributes:
        where: Path and place of the answer, for people.
        rank: Of the first answering passage, from 1; None where none is among the first ten.
        found: Path and place of the passage that came first, for people; empty where nothing was found.
    """

    question: str
    sort: str
    mode: str
    source: str
    kind: str
    path: str
    where: str = ""
    rank: int | None
    found: str = ""
    lost: bool = False


class Figures(Record):
    """Over so many questions: the share found among the first k passages, and the mean of 1 / rank (0 if not found).

    MRR as in TREC-8's question answering track (Voorhees 1999), cut at rank 10.
    """

    questions: int
    recall: dict[int, float]
    mrr: float


def ask_all(
    probes: Iterable[Probe],
    search: Callable[[str], Sequence[Passage]],
    *,
    mode: str,
    tick: Callable[[int], None] = lambda _: None,
) -> list[Outcome]:
    """Return what a search finds of each question that has an answer.

    Args:
        probes: Questions; those without an answer are left out.
        search: Returns the first ten passages for a question.
        mode: How it searches, to be noted.
        tick: Called with 1 for each question, asked or left out.
    """
    outcomes = []
    for probe in probes:
        if probe.chunk_ids or probe.lost:
            outcomes.append(_outcome(probe, search(probe.question)[:DEPTH], mode))
        tick(1)
    return outcomes


def _outcome(probe: Probe, found: Sequence[Passage], mode: str) -> Outcome:
    answering = set(probe.chunk_ids)
    return Outcome(
        question=probe.question,
        sort=probe.sort,
        mode=mode,
        source=probe.source,
        kind=probe.kind,
        path=probe.path,
        where=probe.where,
        rank=first_rank(passage.chunk_id in answering for passage in found),
        found=label(found[0].path, found[0].place) if found else "",
        lost=probe.lost,
    )


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return recall and MRR over outcomes; all are 0 where there are none."""
    ranks = [outcome.rank for outcome in outcomes]
    return Figures(
        questions=len(outcomes),
        recall={k: recall_at(ranks, k) for k in RECALL_AT},
        mrr=mean_reciprocal_rank(ranks),
    )


def figures_by(outcomes: Sequence[Outcome], name: Callable[[Outcome], str]) -> dict[str, Figures]:
    """Return the figures of each group of outcomes, the largest group first."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(name(outcome), []).append(outcome)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {key: figures(members) for key, members in ordered}


def worst(outcomes: Sequence[Outcome], count: int = 10) -> list[Outcome]:
    """Return the worst misses: the user's own before those made from headings; lost, then unfound, then late ones."""
    missed = [outcome for outcome in outcomes if outcome.rank is None or outcome.rank > 1]

    def mildness(outcome: Outcome) -> tuple[bool, bool, bool, int, str]:
        return (
            outcome.sort == HEADING,
            not outcome.lost,
            outcome.rank is not None,
            -(outcome.rank or 0),
            outcome.question,
        )

    return sorted(missed, key=mildness)[:count]
