"""What is kept of the replies to prompts: which prompts need no call, and which replies are of no use."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from lorewright.core.records import Metadata
from lorewright.llm.asking import Request
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply, reply_key
from lorewright.llm.structured import ask_structured


class Kept(NamedTuple):
    """What is kept for one prompt.

    Attributes:
        key: What its reply is kept under, whether there is one or not.
        keys: Of the replies that are kept: to the prompt, and to the request to correct that.
        complete: Whether no call is needed; a reply that has yet to be corrected needs one.
        usable: Whether nothing that is kept is a refusal or of no use.
    """

    key: str
    keys: tuple[str, ...] = ()
    complete: bool = False
    usable: bool = True


class _NotKept(Exception):  # noqa: N818 - no error: it ends the reading of what is kept
    pass


class _Refused(Exception):  # noqa: N818 - likewise
    pass


def kept_replies(requests: Iterable[Request], identity: Metadata, replies: Replies) -> list[Kept]:
    """Return what is kept for each request, in order.

    Args:
        requests: Of the prompts; each is looked at once.
        identity: What the model was resolved to.
        replies: Where replies are kept.
    """
    return asyncio.run(_all(requests, identity, replies))


async def _all(requests: Iterable[Request], identity: Metadata, replies: Replies) -> list[Kept]:
    return [await _one(request, identity, replies) for request in requests]


async def _one(request: Request, identity: Metadata, replies: Replies) -> Kept:
    key = reply_key(identity, request)
    keys: list[str] = []

    async def ask(wanted: Request) -> Reply:
        own = key if wanted is request else reply_key(identity, wanted)
        reply = replies.get(own, wanted.max_new_tokens)
        if reply is None:
            raise _NotKept
        keys.append(own)
        if reply.status == "refused":
            raise _Refused
        return reply

    try:
        if request.answer_schema is None:
            await ask(request)
            return Kept(key, tuple(keys), complete=True)
        structured = await ask_structured(ask, request)
    except _NotKept:
        return Kept(key, tuple(keys))
    except _Refused:
        return Kept(key, tuple(keys), complete=True, usable=False)
    return Kept(key, tuple(keys), complete=True, usable=not structured.problem)
