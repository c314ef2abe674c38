"""Servers that need no address in lore.toml, and how each speaks the OpenAI-compatible API.

Sources: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.ollama.com/api, https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md,
https://ai.google.dev/gemini-api/docs/openai,
https://platform.claude.com/docs/en/cli-sdks-libraries/libraries/openai-sdk, https://docs.mistral.ai/api.
"""

from collections.abc import Mapping
from typing import Any

from lorewright.llm.endpoints import Dialect, Endpoint

# As `templates.encode_prompt`: families that can think aloud answer directly.
_DIRECTLY: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": False}}
_ALL = (
    Endpoint(
        name="openai",
        base_url="https://api.openai.com/v1",
        api_key_env="OPENAI_API_KEY",
        dialect=Dialect(max_tokens="max_completion_tokens"),
    ),
    Endpoint(name="ollama", base_url="http://127.0.0.1:11434/v1", api="ollama"),
    Endpoint(
        name="vllm", base_url="http://127.0.0.1:8000/v1", dialect=Dialect(extra=_DIRECTLY, lists_all=True)
    ),
    Endpoint(name="llamacpp", base_url="http://127.0.0.1:8080/v1", dialect=Dialect(extra=_DIRECTLY)),
    Endpoint(
        name="gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        api_key_env="GEMINI_API_KEY",
        dialect=Dialect(seed=""),
    ),
    Endpoint(
        name="anthropic",
        base_url="https://api.anthropic.com/v1",
        api_key_env="ANTHROPIC_API_KEY",
        # `response_format` and `seed` are accepted and ignored; models are listed for keys in another header.
        dialect=Dialect(formats=("none",), seed="", lists_models=False),
    ),
    Endpoint(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        api_key_env="MISTRAL_API_KEY",
        dialect=Dialect(seed="random_seed"),
    ),
)
PRESETS: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in _ALL}
"""By the name that they have in `PROVIDER/MODEL`."""
