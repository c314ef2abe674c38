"""What can be seen of a generation before it is made, and what is to be asked of its model anew."""

from collections.abc import Sequence
from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages.asked_again import forget_replies
from lorewright.stages.asked_models import resolved_or_why
from lorewright.stages.generate_part import asked_model, select
from lorewright.stages.generate_plan import GenerationPlan, make_plan
from lorewright.stages.generate_prepare import prepare
from lorewright.stages.model_calls import Prompt
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings


def plan_generation(workspace: Workspace, settings: Settings, reporter: Reporter) -> GenerationPlan:
    """Bring what generation needs up to date, and return what it would do; nothing is asked of a model.

    Raises:
        ConfigError: A task, a filter or a file of the settings cannot be used.
    """
    inputs = inputs_of(workspace, settings, reporter)
    part = select(settings)
    return make_plan(part, workspace, inputs, notes=resolved_or_why(asked_model(part), workspace))


def forget_answers(workspace: Workspace, settings: Settings, reporter: Reporter, *, everything: bool) -> int:
    """Forget replies to the prompts of the settings, so that they are asked for again; return for how many prompts.

    Args:
        workspace: Of the project.
        settings: Of the project.
        reporter: Shows progress.
        everything: Forget all; else only refusals and replies that are unusable, with their corrections.

    Raises:
        ProviderError: The server does not answer; nothing is forgotten then.
    """
    part = select(settings)

    def prompts() -> Sequence[Prompt[Any]]:
        return prepare(part, workspace, inputs_of(workspace, settings, reporter)).prompts

    return forget_replies(
        asked_model(part), workspace, prompts=prompts, stage="generate", everything=everything
    )


def inputs_of(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Run]:
    """Return the runs that generation consumes, brought up to date."""
    return bring(workspace, settings, reporter, upto="index" if select(settings).shown else "chunk")
