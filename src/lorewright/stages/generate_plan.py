"""What a generation would ask, use, cost and take."""

from collections import Counter
from collections.abc import Mapping, Sequence

from lorewright.core.records import Record, Run
from lorewright.core.workspace import Workspace
from lorewright.llm.replies import Replies, Typical
from lorewright.llm.reply import CHARS_PER_TOKEN, model_id
from lorewright.stages.generate_calls import Prompt
from lorewright.stages.generate_kept import kept_replies
from lorewright.stages.generate_part import Part
from lorewright.stages.generate_prepare import prepare
from lorewright.stages.generation_models import (
    known_identity,
    limits_of,
    place_of,
    replies_path,
    runs_elsewhere,
)

_PROMPTS_WEIGHED = 500
_TYPICAL_ANSWER_TOKENS = 350


class TaskPlan(Record):
    """Prompts of one task, and for how many of them a reply is kept."""

    task: str
    calls: int
    kept: int


class GenerationPlan(Record):
    """What a generation would do.

    Attributes:
        model: As in the settings.
        place: Address of its server; empty in this process.
        documents: That are chosen.
        passages: That are chosen.
        all_passages: Of all documents.
        tasks: Prompts by task; tasks that ask no model have none.
        calls: Prompts.
        kept: Prompts whose reply is kept.
        prompt_tokens: Estimate of what would be read for the rest.
        completion_tokens: Estimate of what would be written.
        usd: Estimated price; None where nobody said what the provider takes.
        free: Whether calls cost nothing.
        seconds: Estimated time; None before the first calls of a model.
        measured: Earlier calls that time and lengths are estimated from.
        concurrency: Calls at a time.
        secrets: Secrets and personal data in the passages, by kind.
        secrets_become: In words, what becomes of them.
        notes: What a person should know besides.
    """

    model: str
    place: str
    documents: int
    passages: int
    all_passages: int
    tasks: tuple[TaskPlan, ...]
    calls: int
    kept: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    free: bool
    seconds: float | None
    measured: int
    concurrency: int
    secrets: dict[str, int]
    secrets_become: str
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


def make_plan(
    part: Part, workspace: Workspace, inputs: Mapping[str, Run], *, notes: Sequence[str] = ()
) -> GenerationPlan:
    """Return what a generation of these inputs would do, as far as it is known without a connection."""
    prepared = prepare(part, workspace, inputs)
    chosen, prompts = part.generation, prepared.prompts
    if part.has_model:
        _, identity = known_identity(part, workspace)
        with Replies(replies_path(workspace)) as replies:
            kept = kept_replies((prompt.request() for prompt in prompts), identity, replies)
            typical = replies.typical(model_id(identity))
    else:
        kept, typical = [], Typical(0, 0, 0, 0)
    left = [prompt for prompt, one in zip(prompts, kept, strict=True) if not one.complete]
    read, written = _tokens(left, typical, chosen.max_new_tokens)
    limits = limits_of(part) if part.has_model else None
    usd = limits.price.usd(read, written) if limits and limits.price else None
    counts = Counter(prompt.task for prompt in prompts)
    there = Counter(prompt.task for prompt, one in zip(prompts, kept, strict=True) if one.complete)
    return GenerationPlan(
        model=chosen.model,
        place=place_of(part),
        documents=len(prepared.documents),
        passages=len(prepared.chunks),
        all_passages=len({chunk.id for chunk in prepared.places}),
        tasks=tuple(
            TaskPlan(task=name, calls=counts[name], kept=there[name]) for name in prepared.tasks.wanted
        ),
        calls=len(prompts),
        kept=len(prompts) - len(left),
        prompt_tokens=read,
        completion_tokens=written,
        usd=usd,
        free=not runs_elsewhere(part) and not usd,
        seconds=typical.seconds * len(left) / chosen.concurrency if typical.calls else None,
        measured=typical.calls,
        concurrency=chosen.concurrency,
        secrets=prepared.materials.counted(),
        secrets_become="masked" if chosen.secrets == "mask" else "passages with secrets are held back",
        notes=tuple(notes),
    )


def _tokens(left: Sequence[Prompt], typical: Typical, max_new_tokens: int) -> tuple[int, int]:
    """Return about how many tokens prompts have and their answers will have."""
    if typical.calls:
        return round(typical.prompt_tokens * len(left)), round(typical.completion_tokens * len(left))
    step = max(1, len(left) // _PROMPTS_WEIGHED)
    weighed = [sum(len(message.content) for message in prompt.request().messages) for prompt in left[::step]]
    chars = sum(weighed) / max(len(weighed), 1) * len(left)
    return round(chars / CHARS_PER_TOKEN), min(_TYPICAL_ANSWER_TOKENS, max_new_tokens) * len(left)
