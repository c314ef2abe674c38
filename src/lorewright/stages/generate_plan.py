"""What a generation would ask, use, cost and take."""

from collections import Counter
from collections.abc import Mapping, Sequence

from lorewright.core.records import Record, Run
from lorewright.core.workspace import Workspace
from lorewright.stages.calls_plan import CallsPlan, Planned, plan_calls
from lorewright.stages.generate_part import Part, asked_model
from lorewright.stages.generate_prepare import prepare

_TYPICAL_ANSWER_TOKENS = 350


class TaskPlan(Record):
    """Prompts of one task, and for how many of them a reply is kept."""

    task: str
    calls: int
    kept: int


class GenerationPlan(CallsPlan):
    """What a generation would do.

    Attributes:
        documents: That are chosen.
        passages: That are chosen.
        all_passages: Of all documents.
        tasks: Prompts by task; tasks that ask no model have none.
        secrets: Secrets and personal data in the passages, by kind.
        secrets_become: In words, what becomes of them.
    """

    documents: int
    passages: int
    all_passages: int
    tasks: tuple[TaskPlan, ...]
    secrets: dict[str, int]
    secrets_become: str


def make_plan(
    part: Part, workspace: Workspace, inputs: Mapping[str, Run], *, notes: Sequence[str] = ()
) -> GenerationPlan:
    """Return what a generation of these inputs would do, as far as it is known without a connection."""
    prepared = prepare(part, workspace, inputs)
    chosen, prompts, asked = part.generation, prepared.prompts, asked_model(part)
    planned = (
        plan_calls(
            prompts,
            asked,
            workspace,
            max_new_tokens=chosen.max_new_tokens,
            typical_answer_tokens=_TYPICAL_ANSWER_TOKENS,
            alike=True,
            notes=notes,
        )
        if asked
        else Planned({"model": chosen.model}, ())
    )
    counts = Counter(prompt.task for prompt in prompts)
    there = Counter(prompt.task for prompt, kept in zip(prompts, planned.kept, strict=True) if kept)
    return GenerationPlan(
        **planned.fields,
        documents=len(prepared.documents),
        passages=len(prepared.chunks),
        all_passages=len({chunk.id for chunk in prepared.places}),
        tasks=tuple(
            TaskPlan(task=name, calls=counts[name], kept=there[name]) for name in prepared.tasks.wanted
        ),
        secrets=prepared.materials.counted(),
        secrets_become="masked" if chosen.secrets == "mask" else "passages with secrets are held back",
    )
