"""What can be seen of a curation before it is made, and what is to be asked of its judge anew."""

from collections.abc import Sequence
from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages import curate
from lorewright.stages.asked_again import forget_replies
from lorewright.stages.asked_models import resolved_or_why
from lorewright.stages.curate_part import asked_model, select
from lorewright.stages.curate_plan import JudgePlan, make_plan
from lorewright.stages.curate_prepare import prepare
from lorewright.stages.model_calls import Prompt
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings


def plan_judging(workspace: Workspace, settings: Settings, reporter: Reporter) -> JudgePlan:
    """Bring what curate needs up to date, and return what its judge would do; nothing is asked of it.

    Raises:
        ConfigError: The rubric cannot be used.
        CostlyStepError: The candidates are not there yet, and making them costs.
    """
    inputs, part = _inputs(workspace, settings, reporter), select(settings)
    notes = resolved_or_why(asked_model(part), workspace)
    return make_plan(part, workspace, inputs, reporter=reporter, notes=notes)


def forget_judgements(workspace: Workspace, settings: Settings, reporter: Reporter) -> int:
    """Forget the judge's refusals and unusable replies, so that they are asked for again; return how many.

    Raises:
        ProviderError: The server does not answer; nothing is forgotten then.
    """
    part = select(settings)

    def prompts() -> Sequence[Prompt[Any]]:
        prepared = prepare(part, workspace, _inputs(workspace, settings, reporter), reporter)
        return prepared.asked.prompts if prepared.asked else []

    return forget_replies(asked_model(part), workspace, prompts=prompts, stage="curate", everything=False)


def _inputs(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Run]:
    inputs: dict[str, Run] = {}
    for name in curate.STAGE.needs(select(settings)):
        inputs |= bring(workspace, settings, reporter, upto=name)
    return inputs
