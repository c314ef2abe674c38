"""What went into a step and what came out: every record is kept, rejected or failed, exactly once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lorewright.core.errors import AccountError


@dataclass(frozen=True)
class Account:
    """Counts of one step: `given == kept + rejected + failed`, checked record by record when it was made."""

    given: int
    kept: int
    rejected: int
    failed: int


def account(
    unit: str,
    given: Iterable[str],
    *,
    kept: Iterable[str],
    rejected: Iterable[str] = (),
    failed: Iterable[str] = (),
) -> Account:
    """Return the counts of a step after making sure that no record was lost, doubled or made up.

    Args:
        unit: What the records are, in the plural.
        given: The id of every record that went in, as often as it went in.
        kept: Ids of those that came out.
        rejected: Ids of those left out for a reason.
        failed: Ids of those that could not be worked on.

    Raises:
        AccountError: The ids do not add up; one that is too many or too few is named.
    """
    before = Counter(given)
    parts = [Counter(kept), Counter(rejected), Counter(failed)]
    after = parts[0] + parts[1] + parts[2]
    if before != after:
        lost, extra = before - after, after - before
        told = [f"{one} is in no part" for one in list(lost)[:1]] + [
            f"{one} is in more parts than it should be" for one in list(extra)[:1]
        ]
        raise AccountError(
            f"{before.total():,} {unit} went in, {after.total():,} came out: {'; '.join(told)}.",
            "this is a fault of the program: please report it with the command that you typed",
        )
    return Account(before.total(), *(part.total() for part in parts))
