"""Replies that are to be asked for anew: all of them, or those that were of no use."""

import asyncio
from collections.abc import Sequence

from lorewright.core.progress import Reporter
from lorewright.core.records import Metadata
from lorewright.core.workspace import Workspace
from lorewright.llm.asking import Request
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply, reply_key
from lorewright.llm.structured import ask_structured
from lorewright.stages.generate_ahead import inputs_of
from lorewright.stages.generate_calls import Prompt
from lorewright.stages.generate_part import select
from lorewright.stages.generate_prepare import prepare
from lorewright.stages.generation_models import opened_model, resolve_served
from lorewright.stages.settings import Settings


class _NotKept(Exception):  # noqa: N818 - no error: it ends the reading of what is kept
    pass


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
    if not part.has_model:
        return 0
    # Nothing is forgotten for a server that does not answer.
    resolve_served(part, workspace, must_answer=True)
    prepared = prepare(part, workspace, inputs_of(workspace, settings, reporter))
    with opened_model(part, workspace) as model:
        found = asyncio.run(_kept(prepared.prompts, model.replies, model.identity))
        forgotten = [keys for keys, usable in found if keys and (everything or not usable)]
        model.replies.forget([key for keys in forgotten for key in keys])
        if forgotten or _some_unanswered(workspace):
            model.replies.next_epoch()
    return len(forgotten)


async def _kept(
    prompts: Sequence[Prompt], replies: Replies, identity: Metadata
) -> list[tuple[list[str], bool]]:
    """Return for each prompt the keys of the replies that are kept, and whether they are of use."""
    return [await _kept_of(prompt.request(), replies, identity) for prompt in prompts]


async def _kept_of(request: Request, replies: Replies, identity: Metadata) -> tuple[list[str], bool]:
    keys: list[str] = []
    refused = False

    async def ask(wanted: Request) -> Reply:
        nonlocal refused
        key = reply_key(identity, wanted)
        reply = replies.get(key, wanted.max_new_tokens)
        if reply is None:
            raise _NotKept
        keys.append(key)
        refused = reply.status == "refused"
        if refused:
            raise _NotKept
        return reply

    try:
        if request.answer_schema is None:
            await ask(request)
            return keys, True
        return keys, not (await ask_structured(ask, request)).problem
    except _NotKept:
        return keys, not refused


def _some_unanswered(workspace: Workspace) -> bool:
    """Whether the newest run was finished without some answers."""
    newest = workspace.newest("generate")
    return bool(newest and newest.metrics.get("by_outcome", {}).get("unanswered"))
