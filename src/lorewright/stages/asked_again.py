"""Replies that are to be asked for anew: all of them, or those that were of no use."""

from collections.abc import Callable, Sequence
from typing import Any

from lorewright.core.workspace import Workspace
from lorewright.stages.asked_models import opened_model, resolve_served
from lorewright.stages.asking import AskedModel
from lorewright.stages.kept_replies import kept_replies
from lorewright.stages.model_calls import Prompt


def forget_replies(
    asked: AskedModel | None,
    workspace: Workspace,
    *,
    prompts: Callable[[], Sequence[Prompt[Any]]],
    stage: str,
    everything: bool,
) -> int:
    """Forget replies to prompts, so that they are asked for again; return for how many prompts.

    A new epoch of replies begins, so that a finished run is made anew. Nothing is forgotten for a server that does not
    answer.

    Args:
        asked: Whom; None asks nobody.
        workspace: Of the project.
        prompts: Returns those of the stage, once the server has told which model it serves.
        stage: Its name.
        everything: Forget all; else only refusals and replies that are unusable, with their corrections.

    Raises:
        ProviderError: The server does not answer.
    """
    if asked is None:
        return 0
    resolve_served(asked, workspace, must_answer=True)
    made = prompts()
    with opened_model(asked, workspace) as model:
        found = kept_replies((prompt.request() for prompt in made), model.identity, model.replies)
        forgotten = [one.keys for one in found if one.keys and (everything or not one.usable)]
        model.replies.forget([key for keys in forgotten for key in keys])
        if forgotten or _some_unanswered(workspace, stage):
            model.replies.next_epoch()
    return len(forgotten)


def _some_unanswered(workspace: Workspace, stage: str) -> bool:
    """Whether the newest run was finished without some answers."""
    newest = workspace.newest(stage)
    return bool(newest and newest.metrics.get("by_outcome", {}).get("unanswered"))
