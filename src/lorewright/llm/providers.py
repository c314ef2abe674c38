"""Models that answer, by name: `PROVIDER/MODEL`, behind a server or in this process."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from lorewright.core.errors import ConfigError
from lorewright.core.registry import Registry
from lorewright.llm.asking import Provider
from lorewright.llm.chat_completions import ChatCompletions
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.ollama import OllamaChat

_SERVED: Mapping[str, Callable[[Endpoint, str], Provider]] = {"openai": ChatCompletions, "ollama": OllamaChat}
IN_PROCESS = Registry(
    "providers",
    {
        "gguf": "lorewright.llm.gguf_provider:open_gguf_provider",
        "transformers": "lorewright.llm.transformers_provider:open_transformers_provider",
    },
)
"""Providers without a server: each takes the model's name and named options, and returns a `Provider`."""


def open_provider(
    name: str, *, endpoints: Mapping[str, Endpoint], options: Mapping[str, Any] | None = None
) -> Provider:
    """Return a provider that is asked nothing yet.

    Args:
        name: `PROVIDER/MODEL`; the model may hold more slashes.
        endpoints: The servers by name, before whose names those of this process stand back.
        options: Named arguments for a provider in this process.

    Raises:
        ConfigError: There is no such provider, or its endpoint cannot be used as it is configured.
    """
    provider, _, model = name.partition("/")
    if provider in endpoints and model:
        endpoint = endpoints[provider]
        return _SERVED[endpoint.api](endpoint, model)
    if provider in IN_PROCESS.names() and model:
        opened: Provider = IN_PROCESS.load(provider)(model, **(options or {}))
        return opened
    known = ", ".join(sorted({*endpoints, *IN_PROCESS.names()}))
    near = get_close_matches(provider, [*endpoints, *IN_PROCESS.names()], n=1)
    if near and model:
        raise ConfigError(f"There is no provider named {provider!r}: {known}.", f"write {near[0]}/{model}")
    raise ConfigError(
        f"The model {name!r} is not PROVIDER/MODEL of a known provider: {known}.",
        f'add to lore.toml: [providers.{provider or "office"}] base_url = "http://127.0.0.1:8080/v1"',
    )
