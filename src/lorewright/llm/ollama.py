"""Answers of a model behind Ollama, by its own API, which alone can be told how long a prompt it is to read.

Format: https://docs.ollama.com/api/chat and `ChatRequest` in https://github.com/ollama/ollama/blob/main/api/types.go
"""

from collections import Counter
from typing import Any

from lorewright.core.errors import ProviderError
from lorewright.core.records import Metadata
from lorewright.llm.asking import Completion, Finish, Request
from lorewright.llm.chat_completions import count, no_such_model, without_thoughts
from lorewright.llm.concessions import Concessions, Wording, told_schema
from lorewright.llm.connection import Connection, ask_alone
from lorewright.llm.endpoints import AnswerFormat, Endpoint
from lorewright.llm.server_errors import error_message, excerpt, keyless, named

_FORMATS: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "none")
_FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length"}
_LEAST_CONTEXT = 4096
# Prose has four bytes a token, code three, Chinese two to three.
_BYTES_PER_TOKEN = 2
_TEMPLATE_TOKENS = 64


class OllamaChat:
    """A model of one Ollama server.

    Ollama cuts a prompt that is longer than its context and answers the rest. So each request asks for a context that
    holds prompt and answer, and to be refused rather than cut. The context is a power of two and only grows, since
    Ollama loads the model anew for each other one.

    Answers are asked for within one event loop; after `aclose` it may be another.

    Attributes:
        name: `provider/model`.
        steps: How often an answer was held to JSON in each way, and each was refused.
    """

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        """Ask nothing yet.

        Args:
            endpoint: The server; its base_url is that of the OpenAI-compatible API.
            model: As Ollama calls it, with or without a tag.

        Raises:
            ConfigError: The endpoint cannot be used as it is configured.
        """
        self.name = f"{endpoint.name}/{model}"
        self._endpoint = endpoint
        self._model = model
        self._root = endpoint.base_url.rstrip("/").removesuffix("/v1")
        self._connection = Connection(endpoint)
        self._context = _LEAST_CONTEXT
        self._concessions = Concessions(_FORMATS)

    @property
    def steps(self) -> Counter[str]:
        """See the class."""
        return self._concessions.steps

    async def resolve(self) -> Metadata:
        """Return the provider, the model and its digest, which a tag that is pulled or made anew changes.

        Raises:
            ProviderError: The server cannot be reached, or has no such model.
        """
        answer = await ask_alone(self._endpoint, f"{self._root}/api/tags")
        models = answer.get("models") if isinstance(answer, dict) else None
        digests = {
            str(entry.get("name")): str(entry.get("digest") or "")
            for entry in (models if isinstance(models, list) else [])
            if isinstance(entry, dict)
        }
        told = {"provider": self._endpoint.name, "model": self._model}
        wanted = _tagged(self._model)
        found = next((name for name in digests if name.casefold() == wanted.casefold()), None)
        if found is not None:
            return told | {"digest": digests[found]}
        try:
            # A model in Ollama's cloud answers without being listed.
            await ask_alone(self._endpoint, f"{self._root}/api/show", {"model": self._model})
        except ProviderError as error:
            if error.status != 404:
                raise
            missing = no_such_model(self._endpoint, self._model, list(digests))
            missing.hint = f"ollama pull {self._model}"
            raise missing from error
        return told

    async def complete(self, request: Request) -> Completion:
        """Return the answer to a request; it is asked for without thoughts.

        Raises:
            ProviderError: There is none; `wait_s` says whether another try makes sense.
        """

        async def ask(wording: Wording) -> Any:
            return await self._connection.ask(f"{self._root}/api/chat", self._body(request, wording))

        return self._completion(await self._concessions.asked(request.answer_schema, ask))

    async def aclose(self) -> None:
        """Close the connections; closing twice is harmless."""
        await self._connection.aclose()

    def _body(self, request: Request, wording: Wording) -> dict[str, Any]:
        messages: list[dict[str, Any]] = [message.model_dump() for message in request.messages]
        way = wording.formats[0] if wording.formats else ""
        if request.answer_schema is not None and way != "json_schema":
            messages = told_schema(messages, request.answer_schema)
        body = {
            "model": self._model,
            "messages": messages,
            "stream": False,
            "think": False,
            "truncate": False,
            "shift": False,
            "options": {
                "temperature": request.sampling.temperature,
                "top_p": request.sampling.top_p,
                "seed": request.sampling.seed + request.sample,
                "num_predict": request.max_new_tokens,
                "num_ctx": self._fitting(messages, request.max_new_tokens),
            },
        }
        if way in {"json_schema", "json_object"}:
            body["format"] = request.answer_schema if way == "json_schema" else "json"
        return body

    def _fitting(self, messages: list[dict[str, Any]], max_new_tokens: int) -> int:
        read = sum(
            len(message["content"].encode("utf-8", "replace")) // _BYTES_PER_TOKEN + _TEMPLATE_TOKENS
            for message in messages
        )
        self._context = max(self._context, 1 << (read + max_new_tokens - 1).bit_length())
        return self._context

    def _completion(self, answer: Any) -> Completion:
        turn = answer.get("message") if isinstance(answer, dict) else None
        if not isinstance(turn, dict):
            told = error_message(answer) or str(answer)
            raise ProviderError(
                f"{named(self._endpoint)} sent no answer but {excerpt(self._endpoint, told)}",
                "look at the server's log",
                wait_s=0,
            )
        return Completion(
            text=keyless(self._endpoint, without_thoughts(str(turn.get("content") or ""))),
            finish=_FINISHES.get(str(answer.get("done_reason") or "stop"), "other"),
            prompt_tokens=count(answer.get("prompt_eval_count")),
            completion_tokens=count(answer.get("eval_count")),
            served_model=str(answer.get("model") or ""),
        )


def _tagged(model: str) -> str:
    name = model.rpartition("/")[2]
    return model if ":" in name else f"{model}:latest"
