"""What the calls of an evaluation would take, model by model."""

from collections.abc import Mapping, Sequence
from typing import Any

from lorewright.core.progress import Reporter, Silent
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages.asked_models import runs_elsewhere
from lorewright.stages.asking import AskedModel
from lorewright.stages.calls_plan import CallsPlan, plan_calls
from lorewright.stages.evaluate_judge import prompts_ahead
from lorewright.stages.evaluate_models import prompts_of, questions_of
from lorewright.stages.evaluate_part import Part, asked_judge, other_models, with_production
from lorewright.stages.evaluate_prepare import prepare
from lorewright.stages.model_calls import Prompt

_TYPICAL_ANSWER_TOKENS = 60


def make_plans(
    part: Part,
    workspace: Workspace,
    inputs: Mapping[str, Run],
    *,
    reporter: Reporter | None = None,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> tuple[CallsPlan, ...]:
    """Return what asking each model that is not the project's newest would take, as far as it is known unconnected.

    Args:
        part: What evaluate takes from the settings.
        workspace: Of the project.
        inputs: The runs that would be evaluated.
        reporter: Shows progress.
        notes: What a person should know besides, by model.
    """
    part = with_production(part, workspace)
    asked_of, judge = other_models(part), asked_judge(part)
    if not asked_of and judge is None:
        return ()
    prepared = prepare(part, workspace, inputs, reporter or Silent())
    limit = part.evaluation.max_new_tokens
    prompts: list[tuple[AskedModel, Sequence[Prompt[Any]], int]] = [
        (
            asked,
            prompts_of(questions_of(asked.name, prepared, leaves=runs_elsewhere(asked)), None, limit),
            limit,
        )
        for asked in asked_of
    ]
    if judge is not None:
        longest = part.evaluation.judge.max_new_tokens
        prompts.append((judge, prompts_ahead(part, prepared.suites, workspace, inputs), longest))
    return tuple(
        CallsPlan(
            **plan_calls(
                wanted,
                asked,
                workspace,
                max_new_tokens=longest,
                typical_answer_tokens=_TYPICAL_ANSWER_TOKENS,
                alike=False,
                notes=(notes or {}).get(asked.name, ()),
            ).fields
        )
        for asked, wanted, longest in prompts
    )
