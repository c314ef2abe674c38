"""What goes wrong on the way to a server and back, in this project's words. The key is in none of them."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ProviderError

if TYPE_CHECKING:
    from lorewright.llm.endpoints import Endpoint

CONNECT_S = 10.0
TOO_LARGE = "too large to process"
"""The words of llama.cpp where others refuse a text that is too long with 400 or 413; its status is 500."""
MAX_REFUSAL_BYTES = 1 << 16
_EXCERPT_CHARS = 200
# A quota that is used up is told by 429 or 400, in these words: OpenAI's, Anthropic's.
_NO_CREDIT = re.compile(r"insufficient_quota|credit balance is too low")
_PAYMENT_REQUIRED = 402


class RefusalError(ProviderError):
    """A server answered with another status than 200.

    Attributes:
        told: All it said, in lower case and without the key.
    """

    def __init__(self, message: str, hint: str, *, status: int, wait_s: float | None, told: str = "") -> None:
        super().__init__(message, hint, status=status, wait_s=wait_s)
        self.told = told


@contextmanager
def guarded(endpoint: "Endpoint", *, read_s: float, late_wait_s: float | None = None) -> Iterator[None]:
    """Turn what happens to a connection within the block into a `ProviderError`.

    Args:
        endpoint: The server.
        read_s: Seconds that its next bytes are waited for.
        late_wait_s: What the error of a server that is late says of another try; see `ProviderError.wait_s`.
    """
    import httpx2

    running = f"is the server running? curl {endpoint.base_url.rstrip('/')}/models"
    try:
        yield
    except httpx2.ConnectTimeout as error:
        raise ProviderError(
            f"{named(endpoint)} cannot be reached within {CONNECT_S:g} s.", running, wait_s=late_wait_s
        ) from error
    except httpx2.TimeoutException as error:
        raise ProviderError(
            f"{named(endpoint)} sent nothing for {read_s:g} s.",
            "is it overloaded? look at its log, or wait longer: timeout_s",
            wait_s=late_wait_s,
        ) from error
    except httpx2.ConnectError as error:
        raise ProviderError(f"{named(endpoint)} cannot be reached: {error}", running, wait_s=0) from error
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise hung_up(endpoint) from error
    except (httpx2.InvalidURL, httpx2.HTTPError, UnicodeError) as error:
        raise ProviderError(
            f"{named(endpoint)} cannot be asked: {type(error).__name__}", "check base_url"
        ) from error


def refusal(
    endpoint: "Endpoint", *, status: int, reason: str, headers: Mapping[str, str], body: bytes
) -> RefusalError:
    """Return the error of an answer with another status than 200; 429 and 5xx may pass, the others do not.

    A server that has no more credit says so in several ways: the error's status is 402 then, and it does not pass.

    Args:
        endpoint: The server.
        status: Of the answer.
        reason: The words beside it.
        headers: Of the answer, by lower-case name.
        body: Its beginning.
    """
    told, all_told = excerpt(endpoint, _said(body)), keyless(endpoint, body).casefold()
    message = f"{named(endpoint)} answered {status} {reason}".rstrip() + (f": {told}" if told else "")
    if _NO_CREDIT.search(all_told):
        status = _PAYMENT_REQUIRED
    passing = status == 429 or (status >= 500 and TOO_LARGE not in told)
    return RefusalError(
        message,
        _advice(endpoint, status),
        status=status,
        wait_s=_wait_s(headers.get("retry-after", "")) if passing else None,
        told=all_told,
    )


def hung_up(endpoint: "Endpoint") -> ProviderError:
    """Return the error of an answer that is cut."""
    return ProviderError(
        f"{named(endpoint)} hung up before the end of its answer: it is cut.",
        "look at the server's log, then ask again",
        wait_s=0,
    )


def decoded(endpoint: "Endpoint", data: bytes | str) -> Any:
    """Return what a JSON text of a server says.

    Raises:
        ProviderError: It is no JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        told = excerpt(endpoint, data) or "nothing"
        raise ProviderError(
            f"{named(endpoint)} did not answer in JSON but: {told}",
            "does base_url end in /v1, and is an OpenAI-compatible server behind it?",
        ) from error


def excerpt(endpoint: "Endpoint", data: bytes | str) -> str:
    """Return the first 200 printable characters of a server's words, without the key if it repeats that."""
    text = keyless(endpoint, data)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _EXCERPT_CHARS else f"{text[:_EXCERPT_CHARS]}..."


def error_message(answer: Any) -> str:
    """Return what an error object of this API says, in the spellings that servers have for it; empty for none."""
    if isinstance(answer, list) and len(answer) == 1:
        return error_message(answer[0])
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or json.dumps(error, ensure_ascii=False))
    return str(error or "")


def named(endpoint: "Endpoint") -> str:
    """Return how messages name a server."""
    return f"{endpoint.name} ({endpoint.base_url})"


def keyless(endpoint: "Endpoint", data: bytes | str) -> str:
    """Return a server's words without the key, if it repeats that."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    key = os.environ.get(endpoint.api_key_env or "-", "").strip()
    return text.replace(key, "***") if key else text


def _said(body: bytes) -> bytes | str:
    """Return the message in an answer that is an error object, or else all of it."""
    try:
        return error_message(json.loads(body)) or body
    except (ValueError, RecursionError):
        return body


def _wait_s(asked: str) -> float:
    """Return the seconds that Retry-After asks for, as a number or as a date; 0 where it says neither.

    Format: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _advice(endpoint: "Endpoint", status: int) -> str:
    if status in {401, 403}:
        variable = endpoint.api_key_env
        return (
            f"check the key in {variable}" if variable else f"set api_key_env in [providers.{endpoint.name}]"
        )
    if status == _PAYMENT_REQUIRED:
        return "the account has no credit left there"
    if status == 429:
        return "the server limits how often it is asked: try again later"
    if status >= 500:
        return "look at the server's log, then try again"
    if status in {301, 302, 303, 307, 308, 404, 405}:
        return (
            f"does base_url end in /v1, and is the model there? curl {endpoint.base_url.rstrip('/')}/models"
        )
    return "check the model's name and the length of what was sent"
