"""Servers without an address in lore.toml, what a section changes of them, and models by name."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from scripted_http import ScriptedServer, answer  # type: ignore[import-not-found]

from lorewright.core.errors import ConfigError
from lorewright.core.records import Message
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.budget import Price
from lorewright.llm.chat_completions import ChatCompletions
from lorewright.llm.endpoints import Endpoint, check, is_loopback
from lorewright.llm.ollama import OllamaChat
from lorewright.llm.presets import PRESETS
from lorewright.llm.providers import open_provider
from lorewright.stages.models import endpoints, price
from lorewright.stages.settings import ProviderSettings, load

KEY = "sk-very-secret-0123456789"
DRAWN = Request(
    messages=(Message(role="user", content="Why?"),),
    answer_schema={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    sampling=Sampling(temperature=0.5, top_p=0.9, seed=3),
)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_used_once_its_key_is_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = PRESETS[name]
    if endpoint.api_key_env:
        monkeypatch.delenv(endpoint.api_key_env, raising=False)
        with pytest.raises(ConfigError, match=f"{endpoint.api_key_env}, .* is not set"):
            open_provider(f"{name}/model", endpoints=PRESETS)
        monkeypatch.setenv(endpoint.api_key_env, KEY)
    check(endpoint)
    assert open_provider(f"{name}/model", endpoints=PRESETS).name == f"{name}/model"
    assert bool(endpoint.api_key_env) != is_loopback(endpoint)


# What each server's documentation has beyond model and messages.
SENT = {
    "openai": {"max_completion_tokens", "temperature", "top_p", "seed", "response_format"},
    "vllm": {"max_tokens", "temperature", "top_p", "seed", "response_format", "chat_template_kwargs"},
    "llamacpp": {"max_tokens", "temperature", "top_p", "seed", "response_format", "chat_template_kwargs"},
    "gemini": {"max_tokens", "temperature", "top_p", "response_format"},
    "anthropic": {"max_tokens", "temperature", "top_p"},
    "mistral": {"max_tokens", "temperature", "top_p", "random_seed", "response_format"},
    "ollama": {"stream", "think", "truncate", "shift", "options", "format"},
}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_speaks_its_servers_dialect(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if PRESETS[name].api_key_env:
        monkeypatch.setenv(PRESETS[name].api_key_env, KEY)
    server = ScriptedServer()
    endpoint = endpoint_of(name, server)

    async def one() -> Any:
        provider = open_provider(f"{name}/scripted-1", endpoints={name: endpoint()})
        try:
            return await provider.resolve(), await provider.complete(DRAWN)
        finally:
            await provider.aclose()

    with server:
        resolved, completion = asyncio.run(one())
    assert set(server.asked[0].body) - {"model", "messages"} == SENT[name]
    assert resolved["provider"] == name
    assert completion.text
    assert ("Answer with JSON alone" in server.asked[0].prompt) == (name == "anthropic")
    assert server.looked_up == {"ollama": ["/api/tags"], "anthropic": []}.get(name, ["/v1/models"])


def endpoint_of(name: str, server: ScriptedServer) -> Any:
    return lambda: PRESETS[name].model_copy(update={"base_url": server.base_url})


def test_presets_need_no_section_and_a_section_changes_what_it_says() -> None:
    assert endpoints({}) == PRESETS
    changed = endpoints({"openai": ProviderSettings(base_url="https://proxy.example/v1", timeout_s=7)})[
        "openai"
    ]
    assert changed == PRESETS["openai"].model_copy(
        update={"base_url": "https://proxy.example/v1", "timeout_s": 7.0}
    )
    keyless = endpoints({"openai": ProviderSettings(api_key_env="")})["openai"]
    assert (keyless.api_key_env, keyless.base_url) == ("", "https://api.openai.com/v1")
    compatible = endpoints({"ollama": ProviderSettings(api="openai")})["ollama"]
    assert compatible.api == "openai"


def test_settings_that_were_written_out_and_read_again_say_the_same() -> None:
    told = {
        "ollama": ProviderSettings(timeout_s=7),
        "office": ProviderSettings(base_url="http://10.0.0.1/v1"),
    }
    again = {name: ProviderSettings.model_validate(one.model_dump()) for name, one in told.items()}
    assert endpoints(again) == endpoints(told)


def test_any_other_server_needs_an_address(tmp_path: Path) -> None:
    path = tmp_path / "lore.toml"
    start = '[project]\nname = "a"\n[[sources]]\npath = "."\n'
    path.write_text(start + "[providers.office]\ntimeout_s = 5\n")
    with pytest.raises(ConfigError, match=r"\[providers\.office\] has no base_url; only openai, ollama"):
        load(tmp_path)
    path.write_text(start + "[providers.gemini]\ntimeout_s = 5\n")
    assert endpoints(load(tmp_path).providers)["gemini"].timeout_s == 5


def test_a_price_is_what_is_configured_else_nothing_on_this_machine_else_unknown() -> None:
    free = Price(usd_per_million_input=0, usd_per_million_output=0)
    assert price("ollama", {}) == price("gguf", {}) == free
    assert price("openai", {}) is None
    half = {"openai": ProviderSettings(usd_per_million_output=4)}
    assert price("openai", half) == Price(usd_per_million_input=0, usd_per_million_output=4)
    elsewhere = {"ollama": ProviderSettings(base_url="http://10.0.0.1:11434/v1")}
    assert price("ollama", elsewhere) is None


def test_a_provider_is_opened_by_the_api_of_its_endpoint() -> None:
    served = {
        "a": Endpoint(name="a", base_url="http://127.0.0.1:1/v1"),
        "b": Endpoint(name="b", base_url="http://127.0.0.1:1/v1", api="ollama"),
    }
    assert isinstance(open_provider("a/org/model:tag", endpoints=served), ChatCompletions)
    assert isinstance(opened := open_provider("b/org/model:tag", endpoints=served), OllamaChat)
    assert opened.name == "b/org/model:tag"


@pytest.mark.parametrize("name", ["", "office", "office/", "/model", "nobody/model"])
def test_an_unknown_provider_is_told_with_the_known_ones(name: str) -> None:
    with pytest.raises(
        ConfigError, match=r"is not PROVIDER/MODEL of a known provider: .*gguf.*ollama"
    ) as failed:
        open_provider(name, endpoints=PRESETS)
    assert "[providers." in failed.value.hint


def test_a_model_of_a_preset_is_asked_by_its_full_name() -> None:
    server = ScriptedServer(models={"org/model": "abc"})
    endpoint = endpoint_of("vllm", server)

    async def one() -> Any:
        provider = open_provider("vllm/org/model", endpoints={"vllm": endpoint()})
        try:
            return await provider.resolve(), await provider.complete(DRAWN)
        finally:
            await provider.aclose()

    with server:
        resolved, completion = asyncio.run(one())
    assert resolved == {"provider": "vllm", "model": "org/model", "digest": "abc"}
    assert completion.served_model == server.asked[0].body["model"] == "org/model"
    assert json.loads(answer(server.asked[0]).text) == json.loads(completion.text)
