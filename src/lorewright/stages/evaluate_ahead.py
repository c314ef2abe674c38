"""What asking other models would take, before an evaluation is made."""

from lorewright.core.progress import Reporter
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages import evaluate
from lorewright.stages.asked_models import resolved_or_why
from lorewright.stages.calls_plan import CallsPlan
from lorewright.stages.evaluate_part import asked_by, select
from lorewright.stages.evaluate_plan import make_plans
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings


def asks_others(settings: Settings) -> bool:
    """Whether the settings name a model besides the project's newest, to compare with or to judge."""
    return bool(asked_by(select(settings)))


def plan_evaluation(workspace: Workspace, settings: Settings, reporter: Reporter) -> tuple[CallsPlan, ...]:
    """Bring what evaluate needs up to date, and return what it would ask of each other model; nothing is asked.

    Raises:
        CostlyStepError: The model is not trained yet.
    """
    part = select(settings)
    inputs: dict[str, Run] = {}
    for name in evaluate.STAGE.needs(part):
        inputs |= bring(workspace, settings, reporter, upto=name)
    notes = {asked.name: resolved_or_why(asked, workspace) for asked in asked_by(part)}
    return make_plans(part, workspace, inputs, reporter=reporter, notes=notes)
