"""What people have decided so far, how far filters and judge agree with them, and whose examples are gone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from lorewright.core.making import review_key
from lorewright.core.records import Record
from lorewright.core.workspace import Workspace
from lorewright.curation.reviewing import standing
from lorewright.stages.review_examples import candidate_keys
from lorewright.store.database import Database
from lorewright.store.decided import KEPT, Decided
from lorewright.store.reviews import all_decisions
from lorewright.text.agreement import cohen_kappa

GOOD, BAD = "good", "bad"
FEW = 20
"""With fewer decisions than this an agreement says little."""


class Listed(Record):
    """A decision with what has become of it.

    Attributes:
        state: `stands`; `replaced` by a newer one; `undone`; `note`, which decides nothing; `orphan`: it stands, and
            no example has its words now.
    """

    decided: Decided
    state: Literal["stands", "replaced", "undone", "note", "orphan"]


class Agreement(Record):
    """How far something agrees with people on which examples are good as they are.

    Attributes:
        compared: Decisions that could be compared.
        kappa: Cohen's kappa; None where it is not defined.
        both_good: Both find it good; and so on.
        people_only: People find it good, the other does not.
        other_only: The other finds it good, people do not.
    """

    compared: int
    kappa: float | None
    both_good: int
    both_bad: int
    people_only: int
    other_only: int


class ReviewStats(Record):
    """Counts over the decisions that stand."""

    decided: int
    notes: int
    orphans: int
    by_decision: dict[str, int]
    by_task: dict[str, int]
    by_reviewer: dict[str, int]
    filters: Agreement
    by_filter: dict[str, dict[str, int]]
    judge: Agreement


def listed(workspace: Workspace) -> list[Listed]:
    """Return every decision, newest first, with its state.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    decisions = all_decisions(Database(workspace.root))
    stands = standing(decisions)
    there = _reached(candidate_keys(workspace), stands)
    ordered = sorted(decisions, key=lambda one: (one.reviewed_at, one.number), reverse=True)
    return [Listed(decided=one, state=_state(one, stands, there)) for one in ordered]


def stats(decisions: Sequence[Listed], *, min_score: float) -> ReviewStats:
    """Return what people decided and how far the others agree.

    People find an example good as it is where they accept it, bad where they edit or reject it. Filters are compared
    by what they said by themselves, the judge by whether its score reached `min_score`.
    """
    stands = [one.decided for one in decisions if one.state in {"stands", "orphan"}]
    told = [one for one in stands if one.seen.said]
    scored = [one for one in stands if one.seen.score is not None]
    return ReviewStats(
        decided=len(stands),
        notes=sum(one.state == "note" for one in decisions),
        orphans=sum(one.state == "orphan" for one in decisions),
        by_decision=_counted(one.decision for one in stands),
        by_task=_counted(one.seen.task or "not known" for one in stands),
        by_reviewer=_counted(one.reviewer for one in stands),
        filters=_agreement(told, [GOOD if one.seen.said == KEPT else BAD for one in told]),
        by_filter={
            name: _counted(one.decision for one in told if one.seen.said == name)
            for name in _counted(one.seen.said for one in told)
        },
        judge=_agreement(scored, [GOOD if (one.seen.score or 0.0) >= min_score else BAD for one in scored]),
    )


def _reached(candidates: set[str] | None, stands: Mapping[str, Decided]) -> set[str] | None:
    """Return the keys of candidates and of all that they were edited into; None where nobody knows the candidates."""
    if candidates is None:
        return None
    reached, waiting = set(candidates), [key for key in stands if key in candidates]
    while waiting:
        decided = stands[waiting.pop()]
        into = review_key(decided.messages)
        if decided.decision == "edit" and into not in reached:
            reached.add(into)
            waiting += [into] if into in stands else []
    return reached


def _state(
    one: Decided, stands: Mapping[str, Decided], there: set[str] | None
) -> Literal["stands", "replaced", "undone", "note", "orphan"]:
    if one.undone:
        return "undone"
    if one.decision == "note":
        return "note"
    if stands[one.key].number != one.number:
        return "replaced"
    return "stands" if there is None or one.key in there else "orphan"


def _agreement(decisions: Sequence[Decided], others: Sequence[str]) -> Agreement:
    people = [GOOD if one.decision == "accept" else BAD for one in decisions]
    pairs = Counter(zip(people, others, strict=True))
    return Agreement(
        compared=len(people),
        kappa=cohen_kappa(people, others),
        both_good=pairs[GOOD, GOOD],
        both_bad=pairs[BAD, BAD],
        people_only=pairs[GOOD, BAD],
        other_only=pairs[BAD, GOOD],
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())
