"""What a judge would ask, use, cost and take."""

from collections.abc import Mapping, Sequence

from lorewright.core.progress import Reporter, Silent
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages.calls_plan import CallsPlan, Planned, plan_calls
from lorewright.stages.curate_judge_prompts import COMPARE
from lorewright.stages.curate_part import Part, asked_model
from lorewright.stages.curate_prepare import prepare

_TYPICAL_ANSWER_TOKENS = 60


class JudgePlan(CallsPlan):
    """What a judge would do.

    Attributes:
        rubric: By which it scores.
        examples: That it scores: what the filters keep, and what people decided about.
        pairs: Edits that it compares with what they replaced, in both orders.
        unasked: Examples that cannot be judged: they have no evidence, or their passage holds a secret.
    """

    rubric: str = ""
    examples: int = 0
    pairs: int = 0
    unasked: int = 0


def make_plan(
    part: Part,
    workspace: Workspace,
    inputs: Mapping[str, Run],
    *,
    reporter: Reporter | None = None,
    notes: Sequence[str] = (),
) -> JudgePlan:
    """Return what judging these inputs would take, as far as it is known without a connection."""
    asked, chosen = asked_model(part), part.curation.judge
    prepared = prepare(part, workspace, inputs, reporter or Silent())
    if asked is None or prepared.asked is None:
        return JudgePlan(model=chosen.model)
    prompts = prepared.asked.prompts
    planned: Planned = plan_calls(
        prompts,
        asked,
        workspace,
        max_new_tokens=chosen.max_new_tokens,
        typical_answer_tokens=_TYPICAL_ANSWER_TOKENS,
        alike=False,
        notes=notes,
    )
    compared = sum(prompt.task == COMPARE for prompt in prompts)
    return JudgePlan(
        **planned.fields,
        rubric=prepared.asked.rubric.name,
        examples=len(prompts) - compared,
        pairs=compared // 2,
        unasked=len(prepared.asked.unasked),
    )
