"""Requests for tests, and all of them asked of a scripted server."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from scripted_http import ScriptedServer  # type: ignore[import-not-found]

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request
from lorewright.llm.chat_completions import ChatCompletions
from lorewright.llm.endpoints import Dialect, Endpoint

SCHEMA = {
    "title": "pairs",
    "type": "object",
    "properties": {"pairs": {"type": "array", "items": {"type": "string"}}},
    "required": ["pairs"],
    "additionalProperties": False,
}
QUESTION = Request(
    messages=(Message(role="system", content="Be brief."), Message(role="user", content="Why?"))
)
STRUCTURED = QUESTION.model_copy(update={"answer_schema": SCHEMA})


def ask(
    server: ScriptedServer,
    *requests: Request,
    dialect: Dialect | None = None,
    one_after_the_other: bool = False,
    steps: Counter[str] | None = None,
    **options: Any,
) -> list[Completion]:
    endpoint = Endpoint(name="office", base_url=server.base_url, dialect=dialect or Dialect(), **options)

    async def all_of_them() -> list[Completion]:
        provider = ChatCompletions(endpoint, "scripted-1")
        try:
            if one_after_the_other:
                return [await provider.complete(request) for request in requests]
            return await asyncio.gather(*map(provider.complete, requests))
        finally:
            await provider.aclose()
            if steps is not None:
                steps.update(provider.steps)

    return asyncio.run(all_of_them())


def failure(server: ScriptedServer, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        ask(server, QUESTION, **options)
    return failed.value
