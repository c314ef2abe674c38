"""Replies that are to be asked for anew: all of them, or those that were of no use."""

from collections.abc import Sequence
from typing import Any

from lorewright.core.workspace import Workspace
from lorewright.stages.asked_models import opened_model
from lorewright.stages.asking import AskedModel
from lorewright.stages.kept_replies import kept_replies
from lorewright.stages.model_calls import Prompt


def forget_replies(
    prompts: Sequence[Prompt[Any]], asked: AskedModel, workspace: Workspace, *, stage: str, everything: bool
) -> int:
    """Forget replies to prompts, so that they are asked for again; return for how many prompts.

    A new epoch of replies begins, so that a finished run is made anew.

    Args:
        prompts: Of the stage.
        asked: Whom.
        workspace: Of the project.
        stage: Its name.
        everything: Forget all; else only refusals and replies that are unusable, with their corrections.
    """
    with opened_model(asked, workspace) as model:
        found = kept_replies((prompt.request() for prompt in prompts), model.identity, model.replies)
        forgotten = [one.keys for one in found if one.keys and (everything or not one.usable)]
        model.replies.forget([key for keys in forgotten for key in keys])
        if forgotten or _some_unanswered(workspace, stage):
            model.replies.next_epoch()
    return len(forgotten)


def _some_unanswered(workspace: Workspace, stage: str) -> bool:
    """Whether the newest run was finished without some answers."""
    newest = workspace.newest(stage)
    return bool(newest and newest.metrics.get("by_outcome", {}).get("unanswered"))
