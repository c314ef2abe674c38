"""The provider before Ollama's own API: schema, context, digest, and what is refused rather than cut."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asked_server import QUESTION, SCHEMA, STRUCTURED  # type: ignore[import-not-found]
from hypothesis import given
from hypothesis import strategies as st
from scripted_http import (  # type: ignore[import-not-found]
    CLOSED,
    HALF_A_BODY,
    Answer,
    Question,
    ScriptedServer,
    answer,
    broken,
    busy,
)

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request, Sampling
from lorewright.llm.ollama import OllamaChat
from lorewright.llm.presets import PRESETS

Use = Callable[[OllamaChat], Any]


def opened(server: ScriptedServer, model: str = "scripted-1") -> OllamaChat:
    return OllamaChat(PRESETS["ollama"].model_copy(update={"base_url": server.base_url}), model)


def ask(server: ScriptedServer, *requests: Request) -> list[Completion]:
    async def all_in_turn() -> list[Completion]:
        provider = opened(server)
        try:
            return [await provider.complete(request) for request in requests]
        finally:
            await provider.aclose()

    return asyncio.run(all_in_turn())


def resolve(server: ScriptedServer, model: str) -> dict[str, Any]:
    async def resolved() -> dict[str, Any]:
        provider = opened(server, model)
        try:
            return await provider.resolve()
        finally:
            await provider.aclose()

    return asyncio.run(resolved())


def says(*texts: str) -> Request:
    return Request(messages=tuple(Message(role="user", content=text) for text in texts), max_new_tokens=1000)


def test_a_question_goes_out_and_its_answer_comes_back_counted() -> None:
    drawn = STRUCTURED.model_copy(
        update={"sampling": Sampling(temperature=0.7, top_p=0.9, seed=40), "sample": 2, "max_new_tokens": 100}
    )
    with ScriptedServer() as server:
        (told,) = ask(server, drawn)
    assert set(json.loads(told.text)) == {"pairs"}
    assert (told.finish, told.served_model, told.prompt_tokens) == ("stop", "scripted-1", 4)
    assert told.completion_tokens > 0
    assert server.asked[0].path == "/api/chat"
    assert server.asked[0].body == {
        "model": "scripted-1",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "stream": False,
        "think": False,
        "truncate": False,
        "shift": False,
        "format": SCHEMA,
        "options": {"temperature": 0.7, "top_p": 0.9, "seed": 42, "num_predict": 100, "num_ctx": 4096},
    }


def test_free_text_has_no_format() -> None:
    with ScriptedServer(Answer("<think>\nHm.\n</think>\nBecause.")) as server:
        assert ask(server, QUESTION)[0].text == "Because."
    assert "format" not in server.asked[0].body


@pytest.mark.parametrize(("told", "finish"), [("stop", "stop"), ("length", "length"), ("unload", "other")])
def test_why_an_answer_ended_is_told(told: str, finish: str) -> None:
    with ScriptedServer(Answer("ab", finish=told)) as server:
        assert ask(server, QUESTION)[0].finish == finish


def contexts(server: ScriptedServer) -> list[int]:
    return [body["options"]["num_ctx"] for body in server.bodies()]


def test_the_context_holds_the_longest_prompt_so_far_and_never_shrinks() -> None:
    with ScriptedServer(Answer("ab")) as server:
        ask(
            server,
            says("short"),
            says("long " * 2000),
            says("short"),
            says("long " * 2100),
            says("x" * 30_000),
        )
    assert contexts(server) == [4096, 8192, 8192, 8192, 16384]


@given(st.lists(st.text(max_size=6000), min_size=1, max_size=3), st.integers(1, 9000))
def test_the_context_is_a_power_of_two_with_room_for_every_two_bytes_and_the_answer(
    texts: list[str], max_new_tokens: int
) -> None:
    provider = OllamaChat(PRESETS["ollama"], "a")
    messages = [{"role": "user", "content": text} for text in texts]
    context = provider._fitting(messages, max_new_tokens)
    assert context >= sum(len(text.encode("utf-8", "replace")) for text in texts) // 2 + max_new_tokens
    assert context >= 4096
    assert context.bit_count() == 1


def test_a_format_that_is_refused_is_told_instead() -> None:
    def script(question: Question) -> Answer:
        if isinstance(question.body.get("format"), dict):
            return Answer(status=400, raw=b'{"error":"invalid JSON schema in format"}')
        return answer(question)

    with ScriptedServer(script) as server:
        ask(server, STRUCTURED, STRUCTURED)
    assert [body.get("format") for body in server.bodies()] == [SCHEMA, "json", "json"]
    assert json.loads(server.asked[-1].body["messages"][-1]["content"].splitlines()[-1]) == SCHEMA


def test_a_prompt_that_does_not_fit_is_refused_for_good() -> None:
    told = b'{"error":"the prompt is longer than the context length currently available to the model"}'
    with ScriptedServer(Answer(status=400, raw=told)) as server:
        with pytest.raises(ProviderError, match="longer than the context length") as refused:
            ask(server, STRUCTURED)
        assert len(server.asked) == 1
    assert (refused.value.status, refused.value.wait_s) == (400, None)


@pytest.mark.parametrize(
    ("fault", "wait_s", "told"),
    [
        (busy("7"), 7.0, "answered 429"),
        (broken(503), 0.0, "answered 503"),
        (HALF_A_BODY, 0.0, "hung up"),
        (CLOSED, 0.0, "hung up"),
        (Answer(raw=b'{"error": "the runner has ended"}'), 0.0, "sent no answer but the runner has ended"),
        (Answer(raw=b"[]"), 0.0, "sent no answer but []"),
        (Answer(status=404, raw=b'{"error":"model \'a\' not found"}'), None, "model 'a' not found"),
    ],
)
def test_every_fault_says_whether_to_ask_again(fault: Answer, wait_s: float | None, told: str) -> None:
    with ScriptedServer(fault) as server:
        with pytest.raises(ProviderError) as failed:
            ask(server, QUESTION)
        assert len(server.asked) == 1
    assert failed.value.wait_s == wait_s
    assert told in failed.value.message


def test_a_tag_that_is_pulled_anew_is_another_model() -> None:
    with ScriptedServer(models={"qwen3:8b": "abc", "qwen3:latest": "def"}) as server:
        assert resolve(server, "qwen3:8b") == {"provider": "ollama", "model": "qwen3:8b", "digest": "abc"}
        assert resolve(server, "qwen3")["digest"] == "def"
        assert resolve(server, "Qwen3:8B")["digest"] == "abc"
        server.models["qwen3:8b"] = "xyz"
        assert resolve(server, "qwen3:8b")["digest"] == "xyz"


def test_a_model_with_a_host_and_no_tag_is_the_latest() -> None:
    with ScriptedServer(models={"localhost:5000/team/own:latest": "abc"}) as server:
        assert resolve(server, "localhost:5000/team/own")["digest"] == "abc"


def test_a_model_that_is_not_there_is_to_be_pulled() -> None:
    with ScriptedServer(models={"qwen3:8b": "abc"}) as server:
        with pytest.raises(ProviderError, match=r"has no model 'qwen3:4b'; it has qwen3:8b") as failed:
            resolve(server, "qwen3:4b")
        assert server.looked_up == ["/api/tags", "/api/show"]
    assert failed.value.hint == "ollama pull qwen3:4b"
    assert (failed.value.status, failed.value.wait_s) == (404, None)


def test_a_model_of_the_cloud_answers_unlisted() -> None:
    with ScriptedServer(models={}) as server:
        server.listing = lambda path: (200, b'{"models": []}' if path == "/api/tags" else b"{}")
        assert resolve(server, "big:cloud") == {"provider": "ollama", "model": "big:cloud"}


def test_a_server_that_does_not_answer_is_told() -> None:
    with ScriptedServer() as server:
        server.listing = lambda _: (500, b"{}")
        with pytest.raises(ProviderError, match="answered 500"):
            resolve(server, "qwen3")
