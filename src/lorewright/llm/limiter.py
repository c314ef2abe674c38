"""How many calls run at once: as many as were allowed, fewer while a server says that it is too much.

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989): halved when a server complains, one
more again after as many answers in a row as there are slots.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Limiter:
    """Slots for calls, given out in the order they were asked for.

    Attributes:
        most: Slots that were allowed; never more are taken.
        limit: Slots that are given out now, from 1 to `most`.
        busy: Slots that are taken.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = most
        self.busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._in_a_row = 0
        self._halvings = 0
        self._opens_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed: Exception | None = None

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """Hold a slot while the block runs; what it gives is to be handed to `answered` and `overloaded`."""
        await self._take()
        try:
            yield self._halvings
        finally:
            self._leave()

    def answered(self, since: int) -> None:
        """Note that a call was answered; `since` is what its slot gave."""
        if since != self._halvings or self.limit == self.most:
            return
        self._in_a_row += 1
        if self._in_a_row >= self.limit:
            self._in_a_row = 0
            self.limit += 1

    def overloaded(self, since: int, wait_s: float = 0.0) -> None:
        """Note that a server said it was asked too much.

        Of the calls that were under way at the same time only the first halves the slots: the others were asked before
        the server could notice.

        Args:
            since: What the call's slot gave.
            wait_s: Seconds that the server wants to be left alone. No slot is given out before.
        """
        self._in_a_row = 0
        if since == self._halvings:
            self._halvings += 1
            self.limit = max(1, self.limit // 2)
        self._opens_at = max(self._opens_at, time.monotonic() + wait_s)

    def close(self, why: Exception) -> None:
        """Give out no slot any more: whoever waits for one or asks for one gets an exception."""
        self._closed = why
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(why)

    async def _take(self) -> None:
        if self._closed:
            raise self._closed.with_traceback(None)
        if not self._waiting and self._free():
            self._enter()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._give_out()
        try:
            await turn
        except asyncio.CancelledError:
            # The slot may have come in the same moment.
            if not turn.cancelled() and turn.exception() is None:
                self._leave()
            raise
        if self._closed:
            self._leave()
            raise self._closed.with_traceback(None)

    def _give_out(self) -> None:
        while self._waiting and self._free():
            turn = self._waiting.popleft()
            if not turn.done():
                self._enter()
                turn.set_result(None)
        closed_s = self._opens_at - time.monotonic()
        if self._waiting and closed_s > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(closed_s, self._reopen)

    def _reopen(self) -> None:
        self._timer = None
        self._give_out()

    def _free(self) -> bool:
        return self.busy < self.limit and time.monotonic() >= self._opens_at

    def _enter(self) -> None:
        self.busy += 1

    def _leave(self) -> None:
        self.busy -= 1
        self._give_out()
