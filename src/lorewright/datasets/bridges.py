"""Near-duplicate documents whose own draws disagree: which of them must be left out."""

from collections.abc import Mapping, Sequence

from lorewright.datasets.draws import SIDES
from lorewright.text.shingles import shingle_sets


def bridges(
    members: Sequence[str], *, texts: Mapping[str, str], sides: Mapping[str, str], threshold: float
) -> set[str]:
    """Return the ids to leave out so that no two near-duplicate documents stay on different sides.

    `members` is one near-duplicate cluster. No document changes its side; the one that meets most documents of
    other sides goes first, then the one with most near duplicates, then one of the larger side (train before
    validation before test), so a document that comes between two others goes and the two stay.
    """
    if len({sides[member] for member in members}) < 2:
        return set()
    sets = shingle_sets(texts[member] for member in members)
    near = {
        one: {
            other
            for other, similarity in zip(members, sets.similarities(place, range(len(members))), strict=True)
            if other != one and similarity >= threshold
        }
        for place, one in enumerate(members)
    }
    left_out: set[str] = set()
    while True:
        crossing = {
            one: sum(sides[one] != sides[other] for other in near[one] - left_out)
            for one in members
            if one not in left_out
        }
        worst = max(crossing, key=lambda one: (crossing[one], len(near[one]), -SIDES.index(sides[one]), one))
        if not crossing[worst]:
            return left_out
        left_out.add(worst)
