"""What the calls of an evaluation would take, model by model."""

from collections.abc import Mapping, Sequence

from lorewright.core.progress import Reporter, Silent
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages.calls_plan import CallsPlan, plan_calls
from lorewright.stages.evaluate_models import prompts_of, questions_of
from lorewright.stages.evaluate_part import Part, other_models, with_production
from lorewright.stages.evaluate_prepare import prepare

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
    models = other_models(part)
    if not models:
        return ()
    prepared = prepare(part, workspace, inputs, reporter or Silent())
    limit = part.evaluation.max_new_tokens
    return tuple(
        CallsPlan(
            **plan_calls(
                prompts_of(questions_of(asked.name, prepared), None, limit),
                asked,
                workspace,
                max_new_tokens=limit,
                typical_answer_tokens=_TYPICAL_ANSWER_TOKENS,
                alike=False,
                notes=(notes or {}).get(asked.name, ()),
            ).fields
        )
        for asked in models
    )
