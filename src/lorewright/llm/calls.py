"""Calls of a model: each made once, tried again where that makes sense, and never more than is allowed."""

import asyncio
import random
import time
from contextlib import ExitStack
from datetime import UTC, datetime

from lorewright.core.errors import LoreError, ProviderError
from lorewright.core.records import Metadata, Record
from lorewright.llm.asking import Completion, Provider, Request
from lorewright.llm.budget import Budget, Price
from lorewright.llm.limiter import Limiter
from lorewright.llm.replies import Replies, whole
from lorewright.llm.reply import Reply, model_id, reply_key
from lorewright.llm.retries import LONGEST_WAIT_S, OVERLOADED, Tries, is_fatal, is_refusal

_POLL_S = 0.05
_FEWEST_FAILURES = 8
_AGAIN = "ask again for what failed: lore generate --retry-failed"


class Unanswered(ProviderError):  # noqa: N818 - an outcome more than an error
    """A request got no answer, however often it was tried; nothing is kept."""


class Refused(ProviderError):  # noqa: N818 - an outcome more than an error
    """A provider will not answer a request; that is kept, so that it is not asked again."""


class Stopped(LoreError):  # noqa: N818 - an outcome more than an error
    """No call begins any more: a budget is used up, or somebody stopped the run. What was not asked is no failure."""


class Interrupted(Stopped):
    """Somebody pressed Ctrl-C."""


class Progress(Record):
    """How far calls have come.

    Attributes:
        asked: Answers that were asked for now.
        cached: Answers that were there.
        waited: Answers that another process, or another task of this one, was asking for.
        retried: Tries after the first.
        refused: Requests that the provider refuses, now or earlier.
        unanswered: Requests without an answer.
        in_flight: Calls under way.
        prompt_tokens: Read for the answers asked for now; estimated where a provider does not say.
        completion_tokens: Written for them.
        usd: What they cost.
        seconds: What they took, summed over calls.
        tokens_per_s: Tokens written a second since the first call began.
    """

    asked: int = 0
    cached: int = 0
    waited: int = 0
    retried: int = 0
    refused: int = 0
    unanswered: int = 0
    in_flight: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0
    tokens_per_s: float = 0.0

    @property
    def done(self) -> int:
        """Requests that have an answer."""
        return self.asked + self.cached + self.waited

    @property
    def failed(self) -> int:
        """Requests that have none and will get none in this run."""
        return self.refused + self.unanswered


class Caller:
    """Asks one model, several requests at a time; a context manager that closes the provider.

    A reply that is kept is given back without a call. A request that two tasks or two processes have is asked once.
    The first error that every other request would meet alike (a wrong key, an unknown model) ends the run: it is raised
    for this request and all later ones. So does a server that fails for many calls in a row, but softly: the rest is
    `Unanswered` at once.

    Attributes:
        concurrency: The most calls at once.
        stopped: Why no call begins any more; None while calls do.
        limiter: The slots of the calls.
    """

    def __init__(
        self,
        provider: Provider,
        replies: Replies,
        *,
        model: Metadata,
        concurrency: int = 8,
        tries: int = 4,
        total_timeout_s: float = 600.0,
        price: Price | None = None,
        stop_at_usd: float | None = None,
        stop_at_tokens: int | None = None,
        seed: int = 0,
    ) -> None:
        """Start with nothing asked.

        Args:
            provider: Who answers; each of its tries is one call.
            replies: Where replies are kept.
            model: What the provider resolved its model to.
            concurrency: The most calls at once, at least 1.
            tries: Tries of one call, at least 1; those that an overloaded server turned away are counted apart.
            total_timeout_s: Seconds that one try may take altogether.
            price: None when calls cost nothing.
            stop_at_usd: Spent on new answers before calls stop; see `Budget` for how exactly.
            stop_at_tokens: Read and written for new answers before calls stop.
            seed: Of how waits are spread.
        """
        self.concurrency = concurrency
        self.stopped: Stopped | None = None
        self.limiter = Limiter(concurrency)
        self._provider = provider
        self._replies = replies
        self._model = model
        self._model_id = model_id(model)
        self._tries = tries
        self._total_timeout_s = total_timeout_s
        self._budget = Budget(price, stop_at_usd=stop_at_usd, stop_at_tokens=stop_at_tokens)
        self._draw = random.Random(seed)  # noqa: S311 - spreads waits
        self._asking: dict[str, asyncio.Future[LoreError | None]] = {}
        self._closed = asyncio.Event()
        self._counts = dict.fromkeys(("asked", "cached", "waited", "retried", "refused", "unanswered"), 0)
        self._in_flight = 0
        self._seconds = 0.0
        self._began: float | None = None
        self._failures_in_a_row = 0
        self._last_failure = ""

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._provider.aclose()

    async def ask(self, request: Request) -> Reply:
        """Return the reply to a request; `cached` tells whether a call was made.

        Raises:
            Refused: The provider will not answer this request, now or earlier.
            Unanswered: It was tried as often as makes sense.
            Stopped: No call begins any more.
            ProviderError: Any other: no request will be answered.
            StorageError: The reply cannot be kept.
        """
        try:
            how, reply = await self._answer(reply_key(self._model, request), request)
        except (Refused, Unanswered) as error:
            self._count("refused" if isinstance(error, Refused) else "unanswered")
            raise
        self._count(how)
        return reply

    def stop(self, why: Stopped) -> None:
        """Let no call begin any more; those under way go on, and their replies are kept."""
        self.stopped = why
        self._close(why)

    def progress(self) -> Progress:
        """Return how far calls have come."""
        elapsed_s = time.monotonic() - self._began if self._began is not None else 0.0
        spent = self._budget.spent
        return Progress(
            **self._counts,
            in_flight=self._in_flight,
            prompt_tokens=spent.prompt,
            completion_tokens=spent.completion,
            usd=self._budget.usd,
            seconds=self._seconds,
            tokens_per_s=spent.completion / elapsed_s if elapsed_s else 0.0,
        )

    async def _answer(self, key: str, request: Request) -> tuple[str, Reply]:
        """Return a reply and how it was come by; one task a key asks, the others wait for it."""
        how = "cached"
        while True:
            if kept := self._kept(key, request):
                return how, kept
            if (other := self._asking.get(key)) is None:
                return await self._lead(key, request)
            how = "waited"
            if failure := await asyncio.shield(other):
                raise failure

    async def _lead(self, key: str, request: Request) -> tuple[str, Reply]:
        over = self._asking[key] = asyncio.get_running_loop().create_future()
        failure: LoreError | None = None
        try:
            return await self._claimed(key, request)
        except LoreError as error:
            failure = error
            raise
        finally:
            del self._asking[key]
            over.set_result(failure)

    async def _claimed(self, key: str, request: Request) -> tuple[str, Reply]:
        """Ask once no other process does, try by try.

        A slot is held only while there is something to do, and a claim only once there was a slot: so processes that
        have the same requests share them, and none waits for a slot with what another is waiting for.
        """
        claims, tries, claimed, how = self._replies.claims, Tries(self._tries, self._draw), False, "cached"
        with ExitStack() as held:
            while True:
                async with self.limiter.slot() as slot:
                    if not claimed and (claimed := claims.take(key)):
                        held.callback(claims.give, key)
                    if claimed and (kept := self._kept(key, request)):
                        return how, kept
                    if claimed and self._may_begin(request):
                        ended = await self._once(key, request, slot)
                        if isinstance(ended, Reply):
                            return "asked", ended
                        wait_s = self._failed(key, request, ended, slot, tries)
                    else:
                        how, wait_s = "cached" if claimed else "waited", _POLL_S
                await self._pause(wait_s)

    def _kept(self, key: str, request: Request) -> Reply | None:
        reply = self._replies.get(key, request.max_new_tokens)
        if reply and reply.status == "refused":
            raise Refused(reply.text, _AGAIN)
        return reply

    def _may_begin(self, request: Request) -> bool:
        """Set aside what a call may cost; False when that has to wait for calls under way.

        Raises:
            Stopped: The budget is used up.
            Unanswered: The server fails for every call.
        """
        if self._is_gone():
            raise Unanswered(
                f"{self._provider.name} is asked no more: {self._failures_in_a_row} calls in a row failed, "
                f"the last with: {self._last_failure}",
                f"mend that, then {_AGAIN}",
            )
        if self._budget.reserve(request):
            return True
        if not self._in_flight:
            why = Stopped(
                f"The budget is used up: {self._budget.told()}, and the next call may exceed it.",
                "raise it, then run the same command again: what was answered is kept",
            )
            self.stop(why)
            raise why
        return False

    def _is_gone(self) -> bool:
        return self._failures_in_a_row >= max(_FEWEST_FAILURES, 2 * self.concurrency)

    async def _once(self, key: str, request: Request, slot: int) -> Reply | ProviderError:
        """Make a call that was set aside for, and keep its answer."""
        asked_at, began = datetime.now(UTC), time.monotonic()
        self._began = began if self._began is None else self._began
        completion: Completion | None = None
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._total_timeout_s):
                completion = await self._provider.complete(request)
        except TimeoutError:
            told = f"{self._provider.name} gave no whole answer within {self._total_timeout_s:g} s."
            return ProviderError(
                told, "is it overloaded? look at its log, or wait longer: timeout_s", wait_s=0
            )
        except ProviderError as error:
            return error
        finally:
            self._in_flight -= 1
            self._budget.settle(request, completion)
        seconds = time.monotonic() - began
        self._seconds += seconds
        self._failures_in_a_row = 0
        self.limiter.answered(slot)
        reply = _reply(key, request, completion, asked_at, seconds)
        self._replies.put(reply, model=self._model_id)
        return reply

    def _failed(self, key: str, request: Request, error: ProviderError, slot: int, tries: Tries) -> float:
        """Return seconds to wait before the next try.

        Raises:
            Refused: There is none for this request.
            Unanswered: There is none any more.
            ProviderError: There is none for any request.
        """
        self._last_failure = error.message
        if is_fatal(error):
            self._close(error)
            raise error
        if is_refusal(error):
            # Of a server that has answered before, one refusal says nothing about the next request.
            if not self._counts["asked"] + self._counts["cached"]:
                self._failures_in_a_row += 1
            refusal = _refusal(key, request, error)
            self._replies.put(refusal, model=self._model_id)
            raise Refused(refusal.text, error.hint, status=error.status) from error
        wait_s = tries.wait_s(error)
        if error.status in OVERLOADED:
            asked_s = error.wait_s or 0.0
            self.limiter.overloaded(slot, asked_s if asked_s <= LONGEST_WAIT_S else 0.0)
        if wait_s is None:
            self._failures_in_a_row += 1
            raise Unanswered(error.message, error.hint, status=error.status) from error
        self._counts["retried"] += 1
        return wait_s

    async def _pause(self, seconds: float) -> None:
        """Wait, but not past the moment when no call begins any more."""
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return

    def _close(self, why: LoreError) -> None:
        self.limiter.close(why)
        self._closed.set()

    def _count(self, how: str) -> None:
        self._counts[how] += 1


def _reply(key: str, request: Request, completion: Completion, asked_at: datetime, seconds: float) -> Reply:
    return Reply(
        key=key,
        text=whole(completion.text),
        finish=completion.finish,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        served_model=whole(completion.served_model),
        max_new_tokens=request.max_new_tokens,
        asked_at=asked_at,
        seconds=seconds,
    )


def _refusal(key: str, request: Request, error: ProviderError) -> Reply:
    return Reply(
        key=key,
        status="refused",
        text=whole(error.message),
        finish="other",
        max_new_tokens=request.max_new_tokens,
        asked_at=datetime.now(UTC),
    )
