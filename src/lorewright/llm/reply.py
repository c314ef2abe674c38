"""An answer as it is kept, what it is kept under, and which questions it serves."""

import json
from datetime import datetime
from typing import Literal

from lorewright.core.ids import digest, short_id
from lorewright.core.making import turns_of
from lorewright.core.records import Metadata, Record
from lorewright.llm.asking import Finish, Request

ReplyStatus = Literal["answered", "refused"]
CHARS_PER_TOKEN = 3
"""Characters that count as a token where a provider does not say: fewer than most text has, so an overestimate."""


class Reply(Record):
    """What a model answered to a request, or that its provider refused it for good.

    Attributes:
        key: What it is kept under; see `reply_key`.
        status: `refused` for a request that the provider will not answer, however often it is asked.
        text: The answer as it came; the words of a refusal.
        finish: `stop`, `length` where it was cut, `other`; as under the limit that it is given back for.
        prompt_tokens: Tokens read; 0 where the provider does not say.
        completion_tokens: Tokens written; 0 where it does not say.
        served_model: What the provider calls the model that answered.
        max_new_tokens: The limit it was asked under.
        asked_at: When the call began.
        seconds: What the call took, the tries before it left out.
        cached: Whether it was there, so that no call was made.
    """

    key: str
    status: ReplyStatus = "answered"
    text: str
    finish: Finish = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    served_model: str = ""
    max_new_tokens: int
    asked_at: datetime
    seconds: float = 0.0
    cached: bool = False


def model_id(model: Metadata) -> str:
    """Return the id of a resolved model: 16 hex digits."""
    return short_id(model)


def reply_key(model: Metadata, request: Request) -> str:
    """Return what a reply is kept under: 64 hex digits.

    It covers the resolved model, the messages, the schema, the sampling and the sample's number. The longest length is
    left out. The order of a schema's properties counts, for servers make a model write them in that order.
    """
    turns = turns_of(request.messages)
    schema = json.dumps(request.answer_schema, ensure_ascii=False)
    return digest([model, turns, schema, request.sampling.model_dump(), request.sample])


def serves(status: str, finish: str, asked_under: int, wanted: int) -> bool:
    """Tell whether a reply that was asked under one limit makes a call under another needless.

    A cut one does up to its own limit. A refusal does from its own limit on: a smaller one may be granted.
    """
    if status == "refused":
        return wanted >= asked_under
    return finish != "length" or wanted <= asked_under


def finish_under(finish: Finish, tokens: int, chars: int, asked_under: int, wanted: int) -> Finish:
    """Return how a reply would have ended under a limit: one that is longer than a smaller limit counts as cut.

    Args:
        finish: How it ended.
        tokens: Its length; estimated from its characters when 0.
        chars: Its length in characters.
        asked_under: The limit it was asked under. Under this or a larger one it ends as it did.
        wanted: The limit in question.
    """
    longer = (tokens or chars / CHARS_PER_TOKEN) > wanted
    return "length" if wanted < asked_under and longer else finish
