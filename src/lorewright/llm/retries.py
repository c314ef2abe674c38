"""What a failed call means for the next try, for the request and for the run."""

import random

from lorewright.core.errors import ProviderError

OVERLOADED = frozenset({429, 503, 529})
"""Statuses of a server that is asked too much: it is to be asked less, and be given time."""
LONGEST_WAIT_S = 60.0
"""A server that wants to be left alone for longer is asked no more for this request."""
_FIRST_WAIT_S = 0.5
_PATIENCE = 8
# 429 without leave to try again is a quota that is used up.
_FATAL = frozenset({*range(300, 400), 401, 402, 403, 404, 405, 429})


def is_fatal(error: ProviderError) -> bool:
    """Tell whether every other request would fail alike: a wrong key, address or model, no money left."""
    return error.wait_s is None and error.status in _FATAL


def is_refusal(error: ProviderError) -> bool:
    """Tell whether a server refuses this request for good: it is too long, or is not allowed."""
    return error.wait_s is None and error.status > 0 and error.status not in _FATAL


class Tries:
    """The tries of one call.

    An overloaded server is no fault of the call: those tries are counted apart, and there are 8 of them.
    """

    def __init__(self, most: int, draw: random.Random) -> None:
        """Start with the first try under way.

        Args:
            most: Tries in all.
            draw: Draws how waits are spread, so that calls that failed together are not tried together.
        """
        self._most = most
        self._draw = draw
        self._failed = 0
        self._overloaded = 0

    def wait_s(self, error: ProviderError) -> float | None:
        """Return seconds to wait before the next try, after this one ended in an error; None when there is none.

        Each wait is twice the last one, spread by half to either side, and at least what the server asks for.
        """
        if error.status in OVERLOADED:
            self._overloaded += 1
        else:
            self._failed += 1
        used_up = self._failed >= self._most or self._overloaded > _PATIENCE
        if error.wait_s is None or error.wait_s > LONGEST_WAIT_S or used_up:
            return None
        spread = self._draw.uniform(0.5, 1.5)
        own = _FIRST_WAIT_S * 2.0 ** (self._failed + self._overloaded - 1) * spread
        return max(error.wait_s, min(own, LONGEST_WAIT_S))
