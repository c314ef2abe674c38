"""What can be seen of a generation before it is made: its inputs brought up to date, and the plan."""

from lorewright.core.errors import ConfigError, ProviderError
from lorewright.core.progress import Reporter
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages.asked_models import resolve_served
from lorewright.stages.generate_part import Part, asked_model, select
from lorewright.stages.generate_plan import GenerationPlan, make_plan
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings


def plan_generation(workspace: Workspace, settings: Settings, reporter: Reporter) -> GenerationPlan:
    """Bring what generation needs up to date, and return what it would do; nothing is asked of a model.

    Raises:
        ConfigError: A task, a filter or a file of the settings cannot be used.
    """
    inputs = inputs_of(workspace, settings, reporter)
    part = select(settings)
    return make_plan(part, workspace, inputs, notes=_resolve(part, workspace))


def inputs_of(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Run]:
    """Return the runs that generation consumes, brought up to date."""
    return bring(workspace, settings, reporter, upto="index" if select(settings).shown else "chunk")


def _resolve(part: Part, workspace: Workspace) -> list[str]:
    """Ask the server what stands behind the model's name; a plan can be made without an answer."""
    asked = asked_model(part)
    try:
        if asked:
            resolve_served(asked, workspace)
    except (ConfigError, ProviderError) as error:
        return [f"not asked yet: {error.message.rstrip('.')}. Next: {error.hint}"]
    return []
