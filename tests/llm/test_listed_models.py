"""What a server tells of a model in its list: what is part of the model, and what is not."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from scripted_http import ScriptedServer  # type: ignore[import-not-found]

from lorewright.core.errors import ProviderError
from lorewright.llm.chat_completions import ChatCompletions
from lorewright.llm.endpoints import Dialect, Endpoint


def resolve(endpoint: Endpoint, model: str = "scripted-1") -> dict[str, Any]:
    async def resolved() -> dict[str, Any]:
        provider = ChatCompletions(endpoint, model)
        try:
            return await provider.resolve()
        finally:
            await provider.aclose()

    return asyncio.run(resolved())


def listing(*entries: dict[str, Any], status: int = 200) -> Callable[[str], tuple[int, bytes]]:
    return lambda _: (status, json.dumps({"object": "list", "data": list(entries)}).encode())


def test_a_model_is_known_by_its_names_and_what_the_list_tells_of_its_content() -> None:
    with ScriptedServer(models={"scripted-1": "abc", "other": "def"}) as server:
        endpoint = Endpoint(name="office", base_url=server.base_url)
        first = resolve(endpoint)
        assert first == {"provider": "office", "model": "scripted-1", "digest": "abc"}
        assert resolve(endpoint) == first
        server.models["scripted-1"] = "xyz"
        assert resolve(endpoint) != first


def test_what_changes_while_a_model_stays_is_no_part_of_it() -> None:
    with ScriptedServer() as server:
        endpoint = Endpoint(name="office", base_url=server.base_url)
        told = {
            "id": "scripted-1",
            "root": "/models/a",
            "parent": None,
            "max_model_len": 9,
            "permission": [{"id": 1}],
        }
        server.listing = listing({**told, "created": 1, "meta": {"n_params": 7, "n_ctx": 512}})
        first = resolve(endpoint)
        server.listing = listing({**told, "created": 2, "meta": {"n_params": 7, "n_ctx": 1024}})
        assert resolve(endpoint) == first
        assert first == {
            "provider": "office",
            "model": "scripted-1",
            "root": "/models/a",
            "meta": {"n_params": 7},
        }


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_server_without_a_list_has_just_names(status: int) -> None:
    with ScriptedServer() as server:
        server.listing = listing(status=status)
        told = resolve(Endpoint(name="office", base_url=server.base_url))
    assert told == {"provider": "office", "model": "scripted-1"}


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b'{"data": 7}', b'{"data": [7, {}]}'])
def test_a_list_of_another_kind_tells_nothing(body: bytes) -> None:
    with ScriptedServer() as server:
        server.listing = lambda _: (200, body)
        told = resolve(Endpoint(name="office", base_url=server.base_url))
    assert told == {"provider": "office", "model": "scripted-1"}


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_key_or_a_server_that_does_not_work_is_told_first(status: int) -> None:
    with ScriptedServer() as server:
        server.listing = listing(status=status)
        with pytest.raises(ProviderError, match=f"answered {status}"):
            resolve(Endpoint(name="office", base_url=server.base_url))


def test_a_model_that_is_not_there_names_the_nearest() -> None:
    models: Sequence[str] = ["qwen3-8b", "qwen3-14b", "llama", "gemma"]
    with ScriptedServer(models=dict.fromkeys(models, "")) as server:
        endpoint = Endpoint(name="office", base_url=server.base_url, dialect=Dialect(lists_all=True))
        with pytest.raises(ProviderError, match="has no model 'qwen-8b'; it has qwen3-8b") as failed:
            resolve(endpoint, "qwen-8b")
        assert failed.value.hint == "write office/qwen3-8b"
        assert (failed.value.status, failed.value.wait_s) == (404, None)
        assert resolve(endpoint.model_copy(update={"dialect": Dialect()}), "qwen-8b")["model"] == "qwen-8b"


def test_the_one_model_that_answers_for_any_name_is_told_by_its_own() -> None:
    with ScriptedServer() as server:
        endpoint = Endpoint(name="llamacpp", base_url=server.base_url)
        server.listing = listing({"id": "/models/a.gguf", "meta": {"n_params": 7}})
        first = resolve(endpoint, "mine")
        server.listing = listing({"id": "/models/b.gguf", "meta": {"n_params": 7}})
        assert first == {
            "provider": "llamacpp",
            "model": "mine",
            "id": "/models/a.gguf",
            "meta": {"n_params": 7},
        }
        assert resolve(endpoint, "mine") != first
