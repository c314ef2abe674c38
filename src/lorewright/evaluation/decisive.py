"""The paired difference on which a verdict rests."""

from lorewright.evaluation.comparing import TUNED, Comparison
from lorewright.evaluation.systems import RAG_SUFFIX
from lorewright.evaluation.verdict import Verdict


def is_tuned(system: str) -> bool:
    """Return whether a system is the tuned model, with or without retrieval."""
    return system.removesuffix(RAG_SUFFIX) == TUNED


def deciding_pair(verdict: Verdict) -> Comparison | None:
    """Return the comparison that a verdict's reason tells of: of the system to use, else of the best tuned one."""
    against_others = [pair for pair in verdict.comparisons if pair.decisive and not is_tuned(pair.against)]
    return max(
        against_others, key=lambda pair: (pair.system == verdict.use, pair.difference.mean), default=None
    )
