"""What the calls of a stage would take: how many, how long, for how much."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lorewright.core.records import Record
from lorewright.core.workspace import Workspace
from lorewright.llm.replies import Replies, Typical
from lorewright.llm.reply import CHARS_PER_TOKEN, model_id
from lorewright.stages.asked_models import known_identity, place_of, price_of, replies_path, runs_elsewhere
from lorewright.stages.asking import AskedModel
from lorewright.stages.kept_replies import Kept, kept_replies
from lorewright.stages.model_calls import Prompt

_PROMPTS_WEIGHED, _REPLIES_WEIGHED = 500, 200


class CallsPlan(Record):
    """What a stage would ask, use, cost and take.

    Attributes:
        model: As in the settings.
        place: Address of its server; empty in this process.
        calls: Prompts.
        kept: Prompts whose reply is kept.
        prompt_tokens: Estimate of what would be read for the rest.
        completion_tokens: Estimate of what would be written.
        usd: Estimated price; None where nobody said what the provider takes.
        free: Whether calls cost nothing.
        seconds: Estimated time; None before the first calls of a model.
        measured: Earlier calls that time and lengths are estimated from.
        concurrency: Calls at a time.
        notes: What a person should know besides.
    """

    model: str
    place: str = ""
    calls: int = 0
    kept: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = None
    free: bool = True
    seconds: float | None = None
    measured: int = 0
    concurrency: int = 1
    notes: tuple[str, ...] = ()

    @property
    def to_ask(self) -> int:
        """Prompts that would be asked."""
        return self.calls - self.kept

    def told(self) -> str:
        """Return the plan in one line: calls, price, time."""
        if not self.to_ask:
            return f"{self.calls:,}, all kept from before"
        kept = f" of {self.calls:,}, {self.kept:,} kept from before" if self.kept else ""
        parts = [f"{self.to_ask:,} to ask{kept} ({self.model})", self.price_told(), self.time_told()]
        return ", ".join(part for part in parts if part)

    def price_told(self) -> str:
        """Return the price in words."""
        if self.usd is None:
            return "at a price that is not known"
        return f"about ${self.usd:,.2f}" if self.usd or not self.free else "$0"

    def time_told(self) -> str:
        """Return the time in words; empty where it is not known."""
        if self.seconds is None:
            return ""
        minutes = self.seconds / 60
        return f"about {self.seconds:,.0f} s" if minutes < 1.5 else f"about {minutes:,.0f} min"


class Planned(NamedTuple):
    """The fields of a `CallsPlan`, and which prompts have a reply."""

    fields: dict[str, Any]
    kept: tuple[bool, ...]


def plan_calls(
    prompts: Sequence[Prompt[Any]],
    asked: AskedModel,
    workspace: Workspace,
    *,
    max_new_tokens: int,
    typical_answer_tokens: int,
    alike: bool,
    notes: Sequence[str] = (),
) -> Planned:
    """Return what asking prompts would take, as far as it is known without a connection.

    Args:
        prompts: All of them.
        asked: Whom.
        workspace: Of the project.
        max_new_tokens: Longest answer.
        typical_answer_tokens: Length of an answer where none tells it.
        alike: Whether all that the model was asked before is like these prompts; else only what is kept of them tells
            lengths, and the others how fast it is.
        notes: What a person should know besides.

    Raises:
        ConfigError: Dollars are limited and nobody said what a call costs.
    """
    _, identity = known_identity(asked, workspace)
    with Replies(replies_path(workspace)) as replies:
        kept = kept_replies((prompt.request() for prompt in prompts), identity, replies)
        typical = replies.typical(model_id(identity))
        if not alike:
            typical = _of_kept(kept, replies, max_new_tokens) or _scaled(typical, typical_answer_tokens)
    left = [prompt for prompt, one in zip(prompts, kept, strict=True) if not one.complete]
    read, written = _tokens(left, typical, min(typical_answer_tokens, max_new_tokens))
    price = price_of(asked)
    usd = price.usd(read, written) if price else None
    fields = {
        "model": asked.name,
        "place": place_of(asked),
        "calls": len(prompts),
        "kept": len(prompts) - len(left),
        "prompt_tokens": read,
        "completion_tokens": written,
        "usd": usd,
        "free": not runs_elsewhere(asked) and not usd,
        "seconds": typical.seconds * len(left) / asked.concurrency if typical.calls else None,
        "measured": typical.calls,
        "concurrency": asked.concurrency,
        "notes": tuple(notes),
    }
    return Planned(fields, tuple(one.complete for one in kept))


def _of_kept(kept: Sequence[Kept], replies: Replies, max_new_tokens: int) -> Typical | None:
    """Return what the calls whose replies are kept took; None where there is none."""
    keys = [key for one in kept for key in one.keys][:_REPLIES_WEIGHED]
    found = [
        reply for key in keys if (reply := replies.get(key, max_new_tokens)) and reply.status == "answered"
    ]
    if not found:
        return None
    return Typical(
        seconds=sum(one.seconds for one in found) / len(found),
        prompt_tokens=sum(one.prompt_tokens for one in found) / len(found),
        completion_tokens=sum(one.completion_tokens for one in found) / len(found),
        calls=len(found),
    )


def _scaled(typical: Typical, answer_tokens: int) -> Typical:
    """Return what calls with answers of another length take, lengths left to be estimated from the prompts."""
    if not typical.completion_tokens:
        return Typical(0, 0, 0, 0)
    seconds = typical.seconds * answer_tokens / typical.completion_tokens
    return Typical(seconds, 0, 0, typical.calls)


def _tokens(left: Sequence[Prompt[Any]], typical: Typical, answer_tokens: int) -> tuple[int, int]:
    """Return about how many tokens prompts have and their answers will have."""
    if typical.prompt_tokens:
        return round(typical.prompt_tokens * len(left)), round(typical.completion_tokens * len(left))
    step = max(1, len(left) // _PROMPTS_WEIGHED)
    weighed = [sum(len(message.content) for message in prompt.request().messages) for prompt in left[::step]]
    chars = sum(weighed) / max(len(weighed), 1) * len(left)
    return round(chars / CHARS_PER_TOKEN), answer_tokens * len(left)
