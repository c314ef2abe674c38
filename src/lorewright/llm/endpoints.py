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
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from lorewright.core.errors import ConfigError, ProviderError
from lorewright.core.records import Record

if TYPE_CHECKING:
    import ssl

    import httpx2

T = TypeVar("T")
TOO_LARGE = "too large to process"
"""The words of llama.cpp where others refuse a text that is too long with 400 or 413; its status is 500."""
_TRIES = 3
_BACKOFF_S = 0.5
_MAX_WAIT_S = 30.0
_CONNECT_S = 10.0
# More seconds than this a socket may not be told to wait.
_LONGEST_S = 1e6
_EXCERPT_CHARS = 200
_MAX_REFUSAL_BYTES = 1 << 16
_SECRET = re.compile(r"(?<=//).*@|^[^/]*@")


class Endpoint(Record):
    """An OpenAI-compatible server.

    Attributes:
        name: As in `[providers.NAME]`.
        base_url: Up to and with the version, as in `http://127.0.0.1:8080/v1`.
        api_key_env: The environment variable that holds the key; empty when the server wants none.
    """

    name: str
    base_url: str
    api_key_env: str = ""


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

    return httpx2.Client(
        base_url=_checked_address(endpoint),
        headers=headers(endpoint),
        timeout=httpx2.Timeout(min(timeout_s, _LONGEST_S), connect=_CONNECT_S),
        trust_env=not _is_loopback(endpoint),
        verify=_trusted(),
    )


def post(client: "httpx2.Client", endpoint: Endpoint, route: str, body: dict[str, Any]) -> Any:
    """Return the JSON that a server answers to JSON.

    Raises:
        ProviderError: It cannot be reached, refuses, or sends no JSON.
    """

    def once() -> Any:
        with _guarded(client, endpoint):
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
        with _guarded(client, endpoint):
            return _sent(client, endpoint, route, body)

    response = _tried(once)
    try:
        with _guarded(client, endpoint):
            yield response
    finally:
        response.close()


def decoded(endpoint: Endpoint, data: bytes | str) -> Any:
    """Return what a JSON text of a server says.

    Raises:
        ProviderError: It is no JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        told = excerpt(endpoint, data) or "nothing"
        raise ProviderError(
            f"{_named(endpoint)} did not answer in JSON but: {told}",
            "does base_url end in /v1, and is an OpenAI-compatible server behind it?",
        ) from error


def excerpt(endpoint: Endpoint, data: bytes | str) -> str:
    """Return the first 200 printable characters of a server's words, without the key if it repeats that."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    if key := os.environ.get(endpoint.api_key_env or "-", "").strip():
        text = text.replace(key, "***")
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _EXCERPT_CHARS else f"{text[:_EXCERPT_CHARS]}..."


def hung_up(endpoint: Endpoint) -> ProviderError:
    """Return the error of an answer that is cut."""
    return ProviderError(
        f"{_named(endpoint)} hung up before the end of its answer: it is cut.",
        "look at the server's log, then ask again",
        wait_s=0,
    )


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


def _is_loopback(endpoint: Endpoint) -> bool:
    host = (urlsplit(endpoint.base_url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@cache
def _trusted() -> "ssl.SSLContext":
    import httpx2

    return httpx2.create_ssl_context()


def _sent(client: "httpx2.Client", endpoint: Endpoint, route: str, body: dict[str, Any]) -> "httpx2.Response":
    # Half a surrogate pair, which a text may hold, becomes a question mark.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    told = {"Content-Type": "application/json"}
    response = client.send(client.build_request("POST", route, content=content, headers=told), stream=True)
    if response.status_code == 200:
        return response
    try:
        raise _refusal(endpoint, response)
    finally:
        response.close()


def _tried(once: Callable[[], T]) -> T:
    for again in range(_TRIES):
        try:
            return once()
        except ProviderError as error:
            if error.wait_s is None or again == _TRIES - 1:
                raise
            time.sleep(min(max(_BACKOFF_S * 2**again, error.wait_s), _MAX_WAIT_S))
    raise AssertionError


@contextmanager
def _guarded(client: "httpx2.Client", endpoint: Endpoint) -> Iterator[None]:
    """Tell what happens to a connection in this project's words."""
    import httpx2

    running = f"is the server running? curl {endpoint.base_url.rstrip('/')}/models"
    try:
        yield
    except httpx2.ConnectTimeout as error:
        raise ProviderError(
            f"{_named(endpoint)} cannot be reached within {_CONNECT_S:g} s.", running
        ) from error
    except httpx2.TimeoutException as error:
        raise ProviderError(
            f"{_named(endpoint)} sent nothing for {client.timeout.read:g} s.",
            "is it overloaded? look at its log, or wait longer: timeout_s",
        ) from error
    except httpx2.ConnectError as error:
        raise ProviderError(f"{_named(endpoint)} cannot be reached: {error}", running, wait_s=0) from error
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise hung_up(endpoint) from error
    except (httpx2.InvalidURL, httpx2.HTTPError, UnicodeError) as error:
        raise ProviderError(
            f"{_named(endpoint)} cannot be asked: {type(error).__name__}", "check base_url"
        ) from error


def _refusal(endpoint: Endpoint, response: "httpx2.Response") -> ProviderError:
    status, told = response.status_code, excerpt(endpoint, _said(_beginning(response)))
    asked = response.headers.get("retry-after", "")
    passing = status == 429 or (status >= 500 and TOO_LARGE not in told)
    return ProviderError(
        f"{_named(endpoint)} answered {status} {response.reason_phrase}".rstrip()
        + (f": {told}" if told else ""),
        _advice(endpoint, status),
        status=status,
        wait_s=(float(asked) if asked.isdecimal() else 0.0) if passing else None,
    )


def _beginning(response: "httpx2.Response") -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= _MAX_REFUSAL_BYTES:
            break
    return bytes(body)


def _said(body: bytes) -> bytes | str:
    """Return the message in an answer that is an error object, or else all of it."""
    try:
        return error_message(json.loads(body)) or body
    except (ValueError, RecursionError):
        return body


def error_message(answer: Any) -> str:
    """Return what an error object of this API says, in the spellings that servers have for it; empty for none."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or json.dumps(error, ensure_ascii=False))
    return str(error or "")


def _advice(endpoint: Endpoint, status: int) -> str:
    if status in {401, 403}:
        variable = endpoint.api_key_env
        return (
            f"check the key in {variable}" if variable else f"set api_key_env in [providers.{endpoint.name}]"
        )
    if status == 429:
        return "the server limits how often it is asked: try again later"
    if status >= 500:
        return "look at the server's log, then try again"
    if status in {301, 302, 303, 307, 308, 404, 405}:
        return (
            f"does base_url end in /v1, and is the model there? curl {endpoint.base_url.rstrip('/')}/models"
        )
    return "check the model's name and the length of what was sent"


def _named(endpoint: Endpoint) -> str:
    return f"{endpoint.name} ({endpoint.base_url})"
