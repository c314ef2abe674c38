"""What a provider learns from the refusals of a server, and what it does not."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from asked_server import QUESTION, SCHEMA, STRUCTURED, ask, failure  # type: ignore[import-not-found]
from scripted_http import Answer, Question, ScriptedServer, answer, in_turn  # type: ignore[import-not-found]

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Sampling
from lorewright.llm.chat_completions import ChatCompletions
from lorewright.llm.endpoints import Endpoint


def refusing(*rules: tuple[Callable[[dict[str, Any]], bool], Answer]) -> Callable[[Question], Answer]:
    def script(question: Question) -> Answer:
        for holds, refusal in rules:
            if holds(question.body):
                return refusal
        return answer(question)

    return script


def refuses(message: str, param: str | None = None, status: int = 400) -> Answer:
    return Answer(status=status, error={"message": message, "param": param, "type": "invalid_request_error"})


def formats(server: ScriptedServer) -> list[str]:
    return [body.get("response_format", {}).get("type", "none") for body in server.bodies()]


NO_SCHEMA = refuses("'response_format.type' must be 'json_object' or 'text'")
NO_FORMAT = refuses("Unrecognized request argument supplied: response_format", status=422)


def test_a_server_without_schemas_is_held_to_json_and_told_the_schema_from_then_on() -> None:
    script = refusing((lambda body: body.get("response_format", {}).get("type") == "json_schema", NO_SCHEMA))
    steps: Counter[str] = Counter()
    with ScriptedServer(script) as server:
        ask(server, *[STRUCTURED] * 3, one_after_the_other=True, steps=steps)
    assert formats(server) == ["json_schema", "json_object", "json_object", "json_object"]
    last = server.asked[-1].body["messages"][-1]
    assert last["role"] == "user"
    assert last["content"].startswith("Why?\n\nAnswer with JSON alone")
    assert json.loads(last["content"].splitlines()[-1]) == SCHEMA
    assert steps == {"json_schema refused": 1, "json_object": 3}


def test_a_server_that_cannot_be_held_to_json_is_told_the_schema() -> None:
    script = refusing((lambda body: "response_format" in body, NO_FORMAT))
    steps: Counter[str] = Counter()
    with ScriptedServer(script) as server:
        ask(server, *[STRUCTURED] * 2, one_after_the_other=True, steps=steps)
    assert formats(server) == ["json_schema", "json_object", "none", "none"]
    assert steps == {"json_schema refused": 1, "json_object refused": 1, "none": 2}


def test_a_schema_that_is_refused_costs_another_one_nothing() -> None:
    odd = STRUCTURED.model_copy(update={"answer_schema": {**SCHEMA, "title": "odd"}})
    refusal = refuses(
        "Invalid schema for response_format 'odd': 'minItems' is not permitted", "response_format"
    )
    script = refusing(
        (lambda body: body.get("response_format", {}).get("json_schema", {}).get("name") == "odd", refusal)
    )
    with ScriptedServer(script) as server:
        ask(server, odd, STRUCTURED, odd, one_after_the_other=True)
    assert formats(server) == ["json_schema", "json_object", "json_schema", "json_object"]


REFUSALS = [
    (
        "max_tokens",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {"max_completion_tokens": 1024, "temperature": 0.5, "seed": 0},
    ),
    (
        "temperature",
        "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) is supported.",
        {"max_tokens": 1024, "seed": 0},
    ),
    (
        "seed",
        'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
        {"max_tokens": 1024, "temperature": 0.5},
    ),
]


@pytest.mark.parametrize(("parameter", "message", "sent"), REFUSALS)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(
    parameter: str, message: str, sent: dict[str, Any]
) -> None:
    script = refusing((lambda body: parameter in body, refuses(message, parameter)))
    request = QUESTION.model_copy(update={"sampling": Sampling(temperature=0.5)})
    steps: Counter[str] = Counter()
    with ScriptedServer(script) as server:
        ask(server, request, request, one_after_the_other=True, steps=steps)
    assert [parameter in body for body in server.bodies()] == [True, False, False]
    told = {
        name: server.asked[-1].body[name]
        for name in server.asked[-1].body
        if name not in {"model", "messages"}
    }
    assert told == sent
    assert sum(steps.values()) == 1


def test_a_server_that_refuses_everything_optional_is_still_asked() -> None:
    refused = [
        (lambda body, name=name: name in body, refuses(message, name)) for name, message, _ in REFUSALS
    ]
    script = refusing(*refused, (lambda body: "response_format" in body, NO_FORMAT))
    with ScriptedServer(script) as server:
        ask(server, STRUCTURED, STRUCTURED, one_after_the_other=True)
    assert len(server.asked) == 7
    assert set(server.asked[-1].body) == {"model", "messages", "max_completion_tokens"}


def test_many_questions_at_once_learn_together() -> None:
    script = refusing((lambda body: "seed" in body, refuses(REFUSALS[2][1])))
    with ScriptedServer(script) as server:
        ask(server, *[QUESTION] * 20)
        refused = ["seed" in body for body in server.bodies()]
    assert sum(refused) <= 20
    assert len(refused) - sum(refused) == 20


TOO_LONG = (
    "'max_tokens' is too large: 1024. This model supports at most 512 and your request has 9000 tokens."
)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (TOO_LONG, 400),
        ("This model's maximum context length is 8192 tokens; your messages have 9000.", 400),
        ("The message was flagged.", 400),
        ("body.messages: Input should be a valid list", 422),
    ],
)
def test_a_refusal_of_the_question_itself_is_final_and_teaches_nothing(message: str, status: int) -> None:
    refused = in_turn(refuses(message, status=status), answer)
    with ScriptedServer(refused) as server:
        error = failure(server)
        assert len(server.asked) == 1
    assert (error.status, error.wait_s) == (status, None)
    assert message[:40] in error.message


def test_simpler_words_that_do_not_help_are_not_remembered() -> None:
    """A refusal that repeats what was sent speaks of everything in it."""
    echo = refuses(
        "invalid: {'response_format': {'type': 'json_schema'}, 'seed': 0, 'temperature': 0}", status=422
    )
    bad = STRUCTURED.model_copy(update={"messages": (Message(role="user", content="Bad."),)})
    script = refusing((lambda body: body["messages"][0]["content"].startswith("Bad."), echo))

    async def both(endpoint: Endpoint) -> None:
        provider = ChatCompletions(endpoint, "scripted-1")
        with pytest.raises(ProviderError, match="answered 422"):
            await provider.complete(bad)
        await provider.complete(STRUCTURED)
        await provider.aclose()

    with ScriptedServer(script) as server:
        asyncio.run(both(Endpoint(name="office", base_url=server.base_url)))
    assert set(server.asked[-1].body) >= {"response_format", "seed", "temperature", "max_tokens"}
