"""Replies that are to be asked for anew: all of them, or those that were of no use."""

from lorewright.core.progress import Reporter
from lorewright.core.workspace import Workspace
from lorewright.stages.asked_models import opened_model, resolve_served
from lorewright.stages.generate_ahead import inputs_of
from lorewright.stages.generate_part import asked_model, select
from lorewright.stages.generate_prepare import prepare
from lorewright.stages.kept_replies import kept_replies
from lorewright.stages.settings import Settings


def forget_replies(workspace: Workspace, settings: Settings, reporter: Reporter, *, everything: bool) -> int:
    """Forget replies to the prompts of the settings, so that they are asked for again; return for how many prompts.

    A new epoch of replies begins, so that a finished run is made anew.

    Args:
        workspace: Of the project.
        settings: Of the project.
        reporter: Shows progress.
        everything: Forget all; else only refusals and replies that are unusable, with their corrections.

    Raises:
        ProviderError: The server does not answer; nothing is forgotten then.
    """
    part = select(settings)
    asked = asked_model(part)
    if asked is None:
        return 0
    # Nothing is forgotten for a server that does not answer.
    resolve_served(asked, workspace, must_answer=True)
    prepared = prepare(part, workspace, inputs_of(workspace, settings, reporter))
    with opened_model(asked, workspace) as model:
        requests = (prompt.request() for prompt in prepared.prompts)
        found = kept_replies(requests, model.identity, model.replies)
        forgotten = [one.keys for one in found if one.keys and (everything or not one.usable)]
        model.replies.forget([key for keys in forgotten for key in keys])
        if forgotten or _some_unanswered(workspace):
            model.replies.next_epoch()
    return len(forgotten)


def _some_unanswered(workspace: Workspace) -> bool:
    """Whether the newest run was finished without some answers."""
    newest = workspace.newest("generate")
    return bool(newest and newest.metrics.get("by_outcome", {}).get("unanswered"))
