"""Answers of a model behind an OpenAI-compatible server, whole and many at once.

Format: https://platform.openai.com/docs/api-reference/chat/create
"""

import re
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from lorewright.core.errors import ProviderError
from lorewright.core.records import Metadata
from lorewright.llm.asking import Completion, Finish, Request
from lorewright.llm.concessions import Wording, concessions_of, told_schema
from lorewright.llm.connection import Connection, ask_alone
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.server_errors import RefusalError, error_message, excerpt, keyless, named

_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
}
_THOUGHTS = re.compile(r"\s*<think>.*?(</think>\s*|\Z)", re.DOTALL)
_TITLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What tells the weights. Left out is what changes while the model does not: `created` is the time of the request in
# vLLM and llama.cpp, permissions and the context are how it is served.
_CONTENT = ("id", "root", "parent", "digest", "meta")
_NO_CONTENT = {"created", "n_ctx", "permission"}
_NO_LIST = {400, 403, 404, 405, 501}
_CLOSE = 3
_MOST_TOKENS = 1 << 31


class ChatCompletions:
    """A model of one server. A server that refuses a parameter or a way to be held to JSON is asked without it.

    Answers are asked for within one event loop; after `aclose` it may be another.

    Attributes:
        name: `provider/model`.
        steps: How often an answer was held to JSON in each way, and each thing was left out or renamed.
    """

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        """Ask nothing yet.

        Args:
            endpoint: The server.
            model: As the server calls it.

        Raises:
            ConfigError: The endpoint cannot be used as it is configured.
        """
        self.name = f"{endpoint.name}/{model}"
        self._endpoint = endpoint
        self._model = model
        self._connection = Connection(endpoint)
        self._concessions = concessions_of(endpoint)

    @property
    def steps(self) -> Counter[str]:
        """See the class."""
        return self._concessions.steps

    async def resolve(self) -> Metadata:
        """Return the provider, the model and what the server's list tells of its content.

        The address is no part of it: a server that moves is the same. Another server wants another name in
        `[providers]`, as for the vectors of an embedder.

        Raises:
            ProviderError: The server cannot be reached, refuses the key, or has no such model.
        """
        told = {"provider": self._endpoint.name, "model": self._model}
        if not self._endpoint.dialect.lists_models:
            return told
        try:
            listed = _entries(await ask_alone(self._endpoint, "models"))
        except ProviderError as error:
            no_json = error.status == 0 and error.wait_s is None
            if error.status in _NO_LIST or no_json:
                return told
            raise
        entry = self._entry(listed)
        content = {name: _stable(entry[name]) for name in _CONTENT if entry.get(name)}
        return told | {name: value for name, value in content.items() if value != self._model}

    async def complete(self, request: Request) -> Completion:
        """Return the answer to a request; thoughts before it are left out.

        Raises:
            ProviderError: There is none; `wait_s` says whether another try makes sense.
        """

        async def ask(wording: Wording) -> Any:
            return await self._connection.ask("chat/completions", self._body(request, wording))

        return self._completion(await self._concessions.asked(request.answer_schema, ask))

    async def aclose(self) -> None:
        """Close the connections; closing twice is harmless."""
        await self._connection.aclose()

    def _body(self, request: Request, wording: Wording) -> dict[str, Any]:
        dialect, sampling, schema = self._endpoint.dialect, request.sampling, request.answer_schema
        messages: list[dict[str, Any]] = [message.model_dump() for message in request.messages]
        way = wording.formats[0] if wording.formats else ""
        if schema is not None and way != "json_schema":
            messages = told_schema(messages, schema)
        parameters: dict[str, Any] = {
            dialect.max_tokens: request.max_new_tokens,
            "temperature": sampling.temperature,
            **dialect.extra,
        }
        # Some servers refuse both at once, or a share beside a greedy choice, where it says nothing.
        if sampling.temperature > 0 and sampling.top_p < 1:
            parameters["top_p"] = sampling.top_p
        if dialect.seed:
            parameters[dialect.seed] = sampling.seed + request.sample
        body = {"model": self._model, "messages": messages, **wording.of(parameters)}
        if schema is not None and way in {"json_schema", "json_object"}:
            body["response_format"] = _strict(schema) if way == "json_schema" else {"type": way}
        return body

    def _completion(self, answer: Any) -> Completion:
        if told := error_message(answer):
            raise ProviderError(
                f"{named(self._endpoint)} broke off its answer: {excerpt(self._endpoint, told)}",
                "look at the server's log",
                wait_s=0,
            )
        choices = answer.get("choices") if isinstance(answer, dict) else None
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict) or not isinstance(turn := choice.get("message"), dict):
            raise ProviderError(
                f"{named(self._endpoint)} sent an answer without a choice: "
                f"{excerpt(self._endpoint, str(answer))}",
                "look at its log",
                wait_s=0,
            )
        usage = answer.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        refused = str(turn.get("refusal") or "")
        finish = _FINISHES.get(str(choice.get("finish_reason") or "stop").casefold(), "other")
        return Completion(
            text=keyless(self._endpoint, without_thoughts(_text(turn.get("content"))) or refused),
            finish="other" if refused else finish,
            prompt_tokens=count(usage.get("prompt_tokens")),
            completion_tokens=count(usage.get("completion_tokens")),
            served_model=str(answer.get("model") or ""),
        )

    def _entry(self, listed: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        if self._model in listed:
            return listed[self._model]
        if listed and self._endpoint.dialect.lists_all:
            raise no_such_model(self._endpoint, self._model, list(listed))
        # llama.cpp answers for any name with the one model that it holds.
        only = next(iter(listed.values())) if len(listed) == 1 else {}
        return only if "meta" in only else {}


def without_thoughts(text: str) -> str:
    """Return an answer without what a model thinks aloud before it, between `<think>` marks."""
    thoughts = _THOUGHTS.match(text)
    return text[thoughts.end() :] if thoughts else text


def count(told: Any) -> int:
    """Return a number of tokens that a server tells; 0 where it tells none, or one that cannot be."""
    return told if isinstance(told, int) and 0 < told <= _MOST_TOKENS else 0


def no_such_model(endpoint: Endpoint, model: str, listed: list[str]) -> ProviderError:
    """Return the error of a model that a server does not have, with the nearest names that it has."""
    near = get_close_matches(model, listed, n=_CLOSE, cutoff=0.3) or sorted(listed)[:_CLOSE]
    return RefusalError(
        f"{named(endpoint)} has no model {model!r}; it has {', '.join(near) or 'none'}.",
        f"write {endpoint.name}/{near[0]}" if near else "load a model into the server",
        status=404,
        wait_s=None,
    )


def _entries(answer: Any) -> dict[str, dict[str, Any]]:
    data = answer.get("data") if isinstance(answer, dict) else answer
    entries = [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []
    return {str(entry["id"]): entry for entry in entries if "id" in entry}


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stable(part) for name, part in value.items() if name not in _NO_CONTENT}
    return value


def _strict(schema: Metadata) -> dict[str, Any]:
    title = str(schema.get("title") or "")
    name = title if _TITLE.fullmatch(title) else "answer"
    told = {"name": name, "schema": schema, "strict": _is_strict(schema)}
    return {"type": "json_schema", "json_schema": told}


def _is_strict(part: Any) -> bool:
    """Return whether OpenAI can hold an answer to a schema word by word: each object is closed and wants all its keys.

    Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if isinstance(part, list):
        return all(map(_is_strict, part))
    if not isinstance(part, dict):
        return True
    if isinstance(properties := part.get("properties"), dict):
        closed = part.get("additionalProperties") is False
        if not closed or set(properties) != set(part.get("required", ())):
            return False
    return all(map(_is_strict, part.values()))


def _text(content: Any) -> str:
    """Return the words of a turn, whose content is a text or a list of parts, thoughts among them."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(str(part.get("text") or "") for part in parts)
    return str(content or "")
