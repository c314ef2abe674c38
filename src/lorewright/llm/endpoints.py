"""Servers that speak the OpenAI-compatible HTTP API: where they are, who asks, and what goes wrong on the way.

A connection that is lost before there is an answer, and the answers 429 and 5xx, are tried three times.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field

from lorewright.core.errors import ConfigError, ProviderError
from lorewright.core.records import Metadata, Record
from lorewright.llm.server_errors import (
    CONNECT_S,
    MAX_REFUSAL_BYTES,
    RefusalError,
    decoded,
    guarded,
    refusal,
)

if TYPE_CHECKING:
    import ssl

    import httpx2

T = TypeVar("T")
AnswerFormat = Literal["json_schema", "json_object", "none"]
_TRIES = 3
_BACKOFF_S = 0.5
_MAX_WAIT_S = 30.0
# More seconds than this a socket may not be told to wait.
_LONGEST_S = 1e6
JSON = {"Content-Type": "application/json"}
_SECRET = re.compile(r"(?<=//).*@|^[^/]*@")


class Dialect(Record):
    """How a server's chat completions differ from OpenAI's; what is not known beforehand is learned from refusals.

    Attributes:
        formats: How it can be held to JSON, the strictest first; `none` has the schema in the prompt.
        seed: What it calls the seed; empty where it heeds none.
        max_tokens: What it calls the longest answer.
        extra: Sent with each request.
        lists_models: Whether `GET models` works with the key that answers do.
        lists_all: Whether it answers for no other models than those it lists.
    """

    formats: tuple[AnswerFormat, ...] = ("json_schema", "json_object", "none")
    seed: str = "seed"
    max_tokens: str = "max_tokens"
    extra: Metadata = Field(default_factory=dict)
    lists_models: bool = True
    lists_all: bool = False


class Endpoint(Record):
    """A server with an OpenAI-compatible API, whatever else it speaks.

    Attributes:
        name: As in `[providers.NAME]`.
        base_url: Up to and with the version, as in `http://127.0.0.1:8080/v1`.
        api_key_env: The environment variable that holds the key; empty when the server wants none.
        api: What answers are asked for by: `openai` or Ollama's own.
        timeout_s: Seconds to wait for its next bytes.
        dialect: Of its OpenAI-compatible API.
    """

    name: str
    base_url: str
    api_key_env: str = ""
    api: Literal["openai", "ollama"] = "openai"
    timeout_s: float = 120.0
    dialect: Dialect = Dialect()


def headers(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers that a request needs. The key is in no message.

    Raises:
        ConfigError: The variable of the key is not set, or holds what no header can.
    """
    told = {"User-Agent": "lorewright"}
    if key := _key(endpoint):
        told["Authorization"] = f"Bearer {key}"
    return told


def connect(endpoint: Endpoint, *, timeout_s: float) -> "httpx2.Client":
    """Return a client for requests to one server, to be used in a `with` statement.

    What the environment says of proxies is heeded for servers elsewhere, never for this machine's own.

    Args:
        endpoint: The server.
        timeout_s: Seconds to wait for its next bytes; making the connection has 10.

    Raises:
        ConfigError: The address is no HTTP address, or holds a password; or see `headers`.
    """
    import httpx2

    return httpx2.Client(**client_options(endpoint, timeout_s))


def post(client: "httpx2.Client", endpoint: Endpoint, route: str, body: dict[str, Any]) -> Any:
    """Return the JSON that a server answers to JSON.

    Raises:
        ProviderError: It cannot be reached, refuses, or sends no JSON.
    """

    def once() -> Any:
        with guarded(endpoint, read_s=_read_s(client)):
            response = _sent(client, endpoint, route, body)
            try:
                return decoded(endpoint, response.read())
            finally:
                response.close()

    return _tried(once)


@contextmanager
def post_for_stream(
    client: "httpx2.Client", endpoint: Endpoint, route: str, body: dict[str, Any]
) -> Iterator["httpx2.Response"]:
    """Yield the answer to JSON with its body still to come; leaving the block hangs up.

    Raises:
        ProviderError: The server cannot be reached or refuses, or the connection breaks within the block.
    """

    def once() -> "httpx2.Response":
        with guarded(endpoint, read_s=_read_s(client)):
            return _sent(client, endpoint, route, body)

    response = _tried(once)
    try:
        with guarded(endpoint, read_s=_read_s(client)):
            yield response
    finally:
        response.close()


def check(endpoint: Endpoint) -> None:
    """Raise what is wrong with how a server is configured, without asking it.

    Raises:
        ConfigError: As `connect`.
    """
    _checked_address(endpoint)
    headers(endpoint)


def is_loopback(endpoint: Endpoint) -> bool:
    """Return whether a server is on this machine, by its address."""
    host = (urlsplit(endpoint.base_url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def client_options(endpoint: Endpoint, timeout_s: float) -> dict[str, Any]:
    """Return what every client of a server is made with.

    Raises:
        ConfigError: As `connect`.
    """
    import httpx2

    return {
        "base_url": _checked_address(endpoint),
        "headers": headers(endpoint),
        "timeout": httpx2.Timeout(min(timeout_s, _LONGEST_S), connect=CONNECT_S),
        "trust_env": not is_loopback(endpoint),
        "verify": _trusted(),
    }


def _key(endpoint: Endpoint) -> str:
    if not endpoint.api_key_env:
        return ""
    key = os.environ.get(endpoint.api_key_env, "").strip()
    setting = f"api_key_env of [providers.{endpoint.name}]"
    if not key:
        raise ConfigError(
            f"The environment variable {endpoint.api_key_env}, {setting}, is not set.",
            f"export {endpoint.api_key_env}=...",
        )
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(
            f"The environment variable {endpoint.api_key_env}, {setting}, holds characters that no key has.",
            f"export {endpoint.api_key_env}=... anew",
        )
    return key


def _checked_address(endpoint: Endpoint) -> str:
    try:
        parts = urlsplit(endpoint.base_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        usable = usable and endpoint.base_url.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"base_url of [providers.{endpoint.name}] is no HTTP address: {_unsecret(endpoint.base_url)!r}.",
            'write for example base_url = "http://127.0.0.1:8080/v1"',
        )
    if "@" in parts.netloc:
        raise ConfigError(
            f"base_url of [providers.{endpoint.name}] holds a password.",
            "take it out, put it in an environment variable and name that in api_key_env",
        )
    if parts.query or parts.fragment:
        raise ConfigError(
            f"base_url of [providers.{endpoint.name}] goes on after its path, with {'?' if parts.query else '#'}.",
            "end it in the path, as in /v1; put a key in an environment variable and name that in api_key_env",
        )
    return endpoint.base_url.rstrip("/") + "/"


def _unsecret(address: str) -> str:
    """Return an address without what may be a secret in it: what stands before the host, and what follows the path."""
    return _SECRET.sub("***@", address).partition("?")[0]


@cache
def _trusted() -> "ssl.SSLContext":
    import httpx2

    return httpx2.create_ssl_context()


def encoded(body: dict[str, Any]) -> bytes:
    """Return JSON as it is sent; half a surrogate pair, which a text may hold, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _sent(client: "httpx2.Client", endpoint: Endpoint, route: str, body: dict[str, Any]) -> "httpx2.Response":
    request = client.build_request("POST", route, content=encoded(body), headers=JSON)
    response = client.send(request, stream=True)
    if response.status_code == 200:
        return response
    try:
        raise refused(endpoint, response, _beginning(response))
    finally:
        response.close()


def refused(endpoint: Endpoint, response: "httpx2.Response", body: bytes) -> RefusalError:
    """Return the error of an answer with another status than 200, of which the beginning was read."""
    return refusal(
        endpoint,
        status=response.status_code,
        reason=response.reason_phrase,
        headers=response.headers,
        body=body,
    )


def _read_s(client: "httpx2.Client") -> float:
    return client.timeout.read or _LONGEST_S


def _tried(once: Callable[[], T]) -> T:
    for again in range(_TRIES):
        try:
            return once()
        except ProviderError as error:
            if error.wait_s is None or again == _TRIES - 1:
                raise
            time.sleep(min(max(_BACKOFF_S * 2**again, error.wait_s), _MAX_WAIT_S))
    raise AssertionError


def _beginning(response: "httpx2.Response") -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= MAX_REFUSAL_BYTES:
            break
    return bytes(body)
