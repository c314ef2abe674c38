"""Prompts through a model: each asked once, its reply kept and read, and what became of it written down."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from lorewright.core.errors import GenerationError
from lorewright.core.progress import Reporter, Tick
from lorewright.core.records import Call, CallOutcome, Metadata
from lorewright.llm.asking import Request
from lorewright.llm.calls import Caller, Progress, Refused, Stopped, Unanswered
from lorewright.llm.reply import Reply
from lorewright.llm.run_all import Outcome, run_all
from lorewright.llm.structured import Structured, ask_structured
from lorewright.stages.asking import SERVED, Model
from lorewright.stages.kept_replies import kept_replies

T = TypeVar("T")
FAILED, REPLY = "failed", "reply"
"""Filters: of what came of a prompt without a usable reply, and of a part of one that was of no use."""
# Where answers come together, the next calls are made before these are read: reading them would keep slots waiting.
_READ_AFTER_S = 0.03


class Prompt(NamedTuple, Generic[T]):
    """One thing to ask.

    Attributes:
        task: The task that asks.
        source: Id of the passage or example that it is made of, or the question.
        name: What a person knows it by.
        sample: Number of the answer where several are wanted.
        request: Makes what is asked; it is made when it is needed, so that prompts take little memory.
        read: To records, from the value of the reply under the request's schema, or from the reply where it has none.
    """

    task: str
    source: str
    name: str
    sample: int
    request: Callable[[], Request]
    read: Callable[[Any], list[T]]


LeftOut = Callable[[Prompt[T], str, str], T]
"""Makes the record of a prompt, or of a part of its reply, that came to nothing: of filter and reason."""


@dataclass
class Answered(Generic[T]):
    """What came of prompts.

    Attributes:
        calls: What became of each prompt, in their order.
        records: What was made of each prompt, in the same order; one without a usable reply has what says so.
        before: Prompts whose reply was there before.
        progress: Of the calls.
        outcome: How the work ended.
    """

    calls: list[Call]
    records: list[list[T]]
    before: int
    progress: Progress
    outcome: Outcome

    @property
    def unanswered(self) -> list[Call]:
        """The prompts without a reply."""
        return [call for call in self.calls if call.outcome == "unanswered"]

    def counted(self) -> Metadata:
        """Return the figures of a run's metrics."""
        told = self.progress
        return {
            "calls": len(self.calls),
            "kept_from_before": self.before,
            "asked": told.asked,
            "retried": told.retried,
            "by_outcome": dict(Counter(call.outcome for call in self.calls).most_common()),
            "prompt_tokens": told.prompt_tokens,
            "completion_tokens": told.completion_tokens,
            "usd": round(told.usd, 6),
        }


def ask_all(
    prompts: Sequence[Prompt[T]],
    model: Model,
    reporter: Reporter,
    *,
    left_out: LeftOut[T],
    label: str = "ask",
) -> Answered[T]:
    """Return what a model makes of prompts; what was answered before is not asked again.

    Args:
        prompts: What is asked.
        model: Who.
        reporter: Shows progress.
        left_out: Makes a record where nothing else can be made.
        label: What progress is called.

    Raises:
        ProviderError: No request would be answered: a wrong key, an unknown model.
        GenerationError: The server has another model behind the name than before. That is remembered, so that
            earlier replies count no more.
    """
    kept = kept_replies((prompt.request() for prompt in prompts), model.identity, model.replies)
    before = sum(one.complete for one in kept)
    # Passages and prompts stay for as long as calls are made; to look through them for garbage keeps slots waiting.
    gc.freeze()
    try:
        with reporter.task(label, total=len(prompts), unit="prompts", done=before) as tick:
            run = _Run(
                prompts,
                [one.key for one in kept],
                [one.complete for one in kept],
                model,
                left_out,
                tick,
                reporter.say,
            )
            answered = asyncio.run(run.all())
    finally:
        gc.unfreeze()
    if run.replaced_by:
        now = {**model.identity, SERVED: run.replaced_by}
        model.replies.remember_resolution(model.provider.name, now)
        raise GenerationError(
            f"{model.provider.name} is now {run.replaced_by!r}, and was {', '.join(sorted(model.served))!r} when the "
            "kept replies came: they count no more.",
            f"{model.asked.command} --dry-run shows what is to be asked anew, {model.asked.command} asks it",
        )
    return answered


@dataclass
class _Run(Generic[T]):
    prompts: Sequence[Prompt[T]]
    keys: Sequence[str]
    kept: Sequence[bool]
    model: Model
    left_out: LeftOut[T]
    tick: Tick
    say: Callable[[str], None]
    found: dict[int, tuple[Call, list[T]]] = field(default_factory=dict)
    replaced_by: str = ""

    async def all(self) -> Answered[T]:
        asked = self.model.asked
        caller = Caller(
            self.model.provider,
            self.model.replies,
            model=self.model.identity,
            concurrency=asked.concurrency,
            price=self.model.price,
            stop_at_usd=asked.stop_at_usd,
            stop_at_tokens=asked.stop_at_tokens,
        )

        def result(number: int, ended: tuple[Call, list[T]]) -> None:
            self.found[number] = ended
            self.tick(int(not self.kept[number]), _note(caller.progress()))

        async with caller:
            outcome = await run_all(
                range(len(self.prompts)),
                lambda number: self._ask(number, caller),
                caller=caller,
                on_result=result,
                on_interrupt=lambda calls: self.say(
                    f"Finishing {calls} calls under way; Ctrl-C again leaves them."
                ),
            )
        ended = [self.found.get(number) or self._stopped(number) for number in range(len(self.prompts))]
        return Answered(
            calls=[call for call, _ in ended],
            records=[records for _, records in ended],
            before=sum(self.kept),
            progress=caller.progress(),
            outcome=outcome,
        )

    async def _ask(self, number: int, caller: Caller) -> tuple[Call, list[T]]:
        """Return what became of a prompt; an error that any other prompt would meet alike is raised."""
        prompt, request = self.prompts[number], self.prompts[number].request()
        got: list[Reply] = []
        try:
            if request.answer_schema is None:
                reply = await self._reply(caller, got, request)
                structured = Structured(reply, ("as asked",), (reply,))
            else:
                structured = await ask_structured(partial(self._reply, caller, got), request)
        except Refused as error:
            return self._failed(number, "refused", error.message, got)
        except Unanswered as error:
            return self._failed(number, "unanswered", error.message, got)
        call = self._call(number, structured)
        if structured.problem:
            return call, [self.left_out(prompt, FAILED, structured.problem)]
        lost = [self.left_out(prompt, REPLY, reason) for reason in structured.dropped]
        return call, [*prompt.read(structured.value), *lost]

    async def _reply(self, caller: Caller, got: list[Reply], request: Request) -> Reply:
        """Return the reply to a request, and note it; one by another model than before ends the work."""
        reply = await caller.ask(request)
        got.append(reply)
        known = self.model.served
        if not reply.cached and reply.served_model and known and reply.served_model not in known:
            self.replaced_by = reply.served_model
            caller.stop(Stopped("The model is another one."))
        if not reply.cached:
            await asyncio.sleep(_READ_AFTER_S)
        return reply

    def _call(self, number: int, structured: Structured[Reply]) -> Call:
        replies, last = structured.replies, structured.steps[-1]
        return Call(
            key=self.keys[number],
            task=self.prompts[number].task,
            chunk_id=self.prompts[number].source,
            sample=self.prompts[number].sample,
            model=self.model.provider.name,
            served_model=replies[-1].served_model,
            outcome="healed" if len(replies) > 1 and last != "invalid" else last,
            text=replies[-1].text,
            problem=structured.problem,
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            completion_tokens=sum(reply.completion_tokens for reply in replies),
        )

    def _failed(
        self, number: int, outcome: CallOutcome, problem: str, got: Sequence[Reply] = ()
    ) -> tuple[Call, list[T]]:
        """Return a call without a usable reply; one that was to be corrected, and is not, keeps its text."""
        prompt = self.prompts[number]
        call = Call(
            key=self.keys[number],
            task=prompt.task,
            chunk_id=prompt.source,
            sample=prompt.sample,
            model=self.model.provider.name,
            served_model=got[-1].served_model if got else "",
            outcome=outcome,
            text=got[-1].text if got else "",
            problem=problem,
            prompt_tokens=sum(reply.prompt_tokens for reply in got),
            completion_tokens=sum(reply.completion_tokens for reply in got),
        )
        return call, [self.left_out(prompt, FAILED, problem)]

    def _stopped(self, number: int) -> tuple[Call, list[T]]:
        return self._failed(number, "unanswered", "not asked: the work was stopped")


def _note(told: Progress) -> str:
    """Return what stands beside the bar: failures, tokens a second, what it cost."""
    parts = [f"{told.failed:,} failed"] if told.failed else []
    parts += [f"{told.tokens_per_s:,.0f} tokens/s"] if told.tokens_per_s else []
    parts += [f"${told.usd:,.2f}"] if told.usd else []
    return " · ".join(parts)
