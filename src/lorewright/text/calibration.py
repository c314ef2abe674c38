"""What a judge's scores are worth: how far they agree with what people decided about the same."""

from collections.abc import Sequence
from typing import NamedTuple

from lorewright.core.records import Record
from lorewright.text.agreement import cohen_kappa

FEWEST = 20
"""Fewer decisions say little: their agreement may be chance."""
GOOD, BAD = "good", "bad"


class Decided(NamedTuple):
    """An example's score, and whether people found it good as it was."""

    score: float
    good: bool


class Calibration(Record):
    """A judge beside people.

    Attributes:
        n: Examples that people decided about and the judge scored.
        agreed: Those that both find good, or both bad.
        kappa: Cohen's kappa; None where it is not defined: there is nothing, or both know one label only.
        min_score: The score from which an example counts as good.
        good_kept: Good ones that the judge keeps.
        good_rejected: Good ones that it rejects.
        bad_kept: Bad ones that it keeps.
        bad_rejected: Bad ones that it rejects.
        best_min_score: The one that would agree best, by kappa and then by agreements; None where people found all good
            or all bad.
        best_kappa: The kappa it would give.
        pairs: Answers that people edited and the judge compared with what they made of them, in both orders.
        pairs_agreed: Those where it prefers the person's.
        pairs_tied: Those where it prefers neither, or not the same in both orders.
    """

    n: int
    agreed: int
    kappa: float | None
    min_score: float
    good_kept: int
    good_rejected: int
    bad_kept: int
    bad_rejected: int
    best_min_score: float | None
    best_kappa: float | None
    pairs: int = 0
    pairs_agreed: int = 0
    pairs_tied: int = 0

    def told(self) -> str:
        """Return it in one line; empty where people decided nothing that was judged."""
        if not self.n:
            return ""
        kappa = "kappa is not defined" if self.kappa is None else f"kappa {self.kappa:.2f}"
        parts = [f"judge agrees with people on {self.agreed:,} of {self.n:,}, {kappa}"]
        if self.best_kappa is not None and self.best_kappa <= 0:
            parts.append("no limit agrees better than chance does")
        elif self.best_min_score is not None and self.best_min_score != self.min_score:
            parts.append(f"{self.best_min_score:g} would agree best (kappa {self.best_kappa:.2f})")
        if self.pairs:
            parts.append(
                f"it prefers {self.pairs_agreed:,} of {self.pairs:,} edits, {self.pairs_tied:,} tied"
            )
        if self.n < FEWEST:
            parts.append(f"fewer than {FEWEST} decisions are too few to trust that")
        return "; ".join(parts)


def calibrate(
    decided: Sequence[Decided], *, min_score: float, pairs: Sequence[bool | None] = ()
) -> Calibration:
    """Return how far scores agree with decisions, and which limit would agree best.

    Limits tried are the scores that occur; of equally good ones it is the one nearest to `min_score`.

    Args:
        decided: Scores and decisions.
        min_score: The score from which an example counts as good.
        pairs: Of each edit whether the judge prefers it; None for a tie.
    """
    kept = [one.score >= min_score for one in decided]
    goods = [one.good for one in decided]
    counts = {
        (good, keeps): sum(pair == (good, keeps) for pair in zip(goods, kept, strict=True))
        for good in (True, False)
        for keeps in (True, False)
    }
    best = _best(decided, min_score)
    return Calibration(
        n=len(decided),
        agreed=counts[True, True] + counts[False, False],
        kappa=_kappa(decided, min_score),
        min_score=min_score,
        good_kept=counts[True, True],
        good_rejected=counts[True, False],
        bad_kept=counts[False, True],
        bad_rejected=counts[False, False],
        best_min_score=best,
        best_kappa=None if best is None else _kappa(decided, best),
        pairs=len(pairs),
        pairs_agreed=sum(one is True for one in pairs),
        pairs_tied=sum(one is None for one in pairs),
    )


def _best(decided: Sequence[Decided], min_score: float) -> float | None:
    if len({one.good for one in decided}) < 2:
        return None
    tried = {limit: _kappa(decided, limit) for limit in {min_score, *(one.score for one in decided)}}
    ranked = [
        (kappa, _agreed(decided, limit), -abs(limit - min_score), limit)
        for limit, kappa in tried.items()
        if kappa is not None
    ]
    return max(ranked)[-1] if ranked else None


def _agreed(decided: Sequence[Decided], limit: float) -> int:
    return sum((one.score >= limit) == one.good for one in decided)


def _kappa(decided: Sequence[Decided], limit: float) -> float | None:
    return cohen_kappa(
        [GOOD if one.score >= limit else BAD for one in decided],
        [GOOD if one.good else BAD for one in decided],
    )
