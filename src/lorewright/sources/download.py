"""One HTTP download: bounded in bytes, seconds, redirects and tries."""

import time
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from lorewright.sources.addresses import Credentials

if TYPE_CHECKING:
    import ssl

    import httpx2

_TRIES = 3
_MAX_REDIRECTS = 5
_MAX_WAIT_S = 10.0
_PIECE_BYTES = 1 << 18
_BUSY = {429, 500, 502, 503, 504}
_MOVED = {301, 302, 303, 307, 308}


class DownloadError(Exception):
    """A download failed.

    Attributes:
        reason: In words, without the URL.
        passing: Whether it may succeed later.
        wait_s: Seconds that the server asked to wait before another try; None where another makes no sense now.
    """

    def __init__(self, reason: str, *, passing: bool = False, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing
        self.wait_s = wait_s


@dataclass(frozen=True)
class Reply:
    """What a server sent.

    Attributes:
        data: The body, decompressed; None when the copy that was asked about is still right.
        content_type: The header; empty when it was not sent.
        validators: `ETag` and `Last-Modified`, as far as they were sent.
    """

    data: bytes | None
    content_type: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)


def download(
    url: str,
    *,
    credentials: Credentials | None,
    validators: Mapping[str, str],
    max_bytes: int,
    timeout_s: float,
    backoff_s: float,
) -> Reply:
    """Return what is served at a URL.

    Connections that fail or break, and the answers 429, 500, 502, 503 and 504, are tried three times.

    Args:
        url: An `http` or `https` URL without credentials.
        credentials: Sent to this host alone.
        validators: Of the copy at hand; empty for none.
        max_bytes: Largest body, decompressed.
        timeout_s: Seconds for one try as a whole.
        backoff_s: Seconds before the second try, doubled before the third, more if the server asks for it.

    Raises:
        DownloadError: There is no body; the reason says why.
    """
    for again in range(_TRIES):
        try:
            return _attempt(url, credentials, validators, max_bytes, timeout_s)
        except DownloadError as error:
            if error.wait_s is None or again == _TRIES - 1:
                raise
            time.sleep(min(max(backoff_s * 2**again, error.wait_s), _MAX_WAIT_S))
    raise AssertionError


def _attempt(
    url: str,
    credentials: Credentials | None,
    validators: Mapping[str, str],
    max_bytes: int,
    timeout_s: float,
) -> Reply:
    import httpx2

    deadline = time.monotonic() + timeout_s
    headers = {"Accept-Encoding": "gzip", "User-Agent": "lorewright"}
    if "etag" in validators:
        headers["If-None-Match"] = validators["etag"]
    if "last-modified" in validators:
        headers["If-Modified-Since"] = validators["last-modified"]
    if credentials:
        both = f"{credentials.username}:{credentials.password}".encode()
        headers["Authorization"] = f"Basic {b64encode(both).decode()}"
    try:
        with httpx2.Client(verify=_trusted(), timeout=timeout_s) as client:
            request = client.build_request("GET", url, headers=headers)
            return _answer(client, request, max_bytes, deadline, timeout_s)
    except httpx2.TimeoutException as error:
        raise DownloadError(f"the server did not answer within {timeout_s:g} s", passing=True) from error
    except httpx2.RemoteProtocolError as error:
        raise DownloadError("the connection broke before the end", passing=True, wait_s=0) from error
    except httpx2.TransportError as error:
        raise DownloadError(f"the server cannot be reached: {error}", passing=True, wait_s=0) from error
    except (httpx2.InvalidURL, httpx2.HTTPError, UnicodeError) as error:
        raise DownloadError(f"the address cannot be used: {type(error).__name__}") from error


def _answer(
    client: "httpx2.Client", request: "httpx2.Request", max_bytes: int, deadline: float, timeout_s: float
) -> Reply:
    for _ in range(_MAX_REDIRECTS + 1):
        response = client.send(request, stream=True)
        try:
            if response.status_code in _MOVED and response.headers.get("location"):
                request = _followed(response)
                continue
            if response.status_code == 304:
                return Reply(None)
            if response.status_code != 200:
                raise _refusal(response)
            late = f"the download was not finished within {timeout_s:g} s"
            body = _bounded(response, max_bytes, deadline, late)
            names = ("etag", "last-modified")
            return Reply(
                data=body,
                content_type=response.headers.get("content-type", ""),
                validators={name: response.headers[name] for name in names if name in response.headers},
            )
        finally:
            response.close()
    raise DownloadError(f"more than {_MAX_REDIRECTS} redirects")


def _followed(response: "httpx2.Response") -> "httpx2.Request":
    """Return the next request; the client takes credentials out when the host is another one."""
    following = response.next_request
    schemes = {"https"} if response.request.url.scheme == "https" else {"http", "https"}
    if following is None or following.url.scheme not in schemes:
        scheme = following.url.scheme if following else "an unknown scheme"
        raise DownloadError(f"a redirect from {response.request.url.scheme} to {scheme} is not followed")
    return following


def _refusal(response: "httpx2.Response") -> DownloadError:
    asked, busy = response.headers.get("retry-after", ""), response.status_code in _BUSY
    return DownloadError(
        f"the server answered {response.status_code} {response.reason_phrase}".rstrip(),
        passing=busy,
        wait_s=(float(asked) if asked.isdecimal() else 0.0) if busy else None,
    )


def _bounded(response: "httpx2.Response", max_bytes: int, deadline: float, late: str) -> bytes:
    told = response.headers.get("content-length", "")
    if told.isdecimal() and int(told) > max_bytes:
        raise DownloadError(f"{int(told):,} bytes, more than the limit of {max_bytes:,}")
    body = bytearray()
    for piece in _decompressed(response):
        body += piece
        if len(body) > max_bytes:
            raise DownloadError(f"more than the limit of {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise DownloadError(late, passing=True)
    return bytes(body)


def _decompressed(response: "httpx2.Response") -> Iterator[bytes]:
    """Yield the body in small pieces, whatever it inflates to; a stream that stops short is an error."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise DownloadError(f"the server sent the content encoding {encoding!r}, which was not asked for")
    if encoding == "identity":
        yield from response.iter_raw()
        return
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for raw in response.iter_raw():
            rest = raw
            while rest:
                if inflating.eof:
                    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield inflating.decompress(rest, _PIECE_BYTES)
                rest = inflating.unused_data if inflating.eof else inflating.unconsumed_tail
        yield inflating.flush()
    except zlib.error as error:
        raise DownloadError("the body is no valid gzip stream") from error
    if not inflating.eof:
        raise DownloadError("the compressed body stops before its end", passing=True, wait_s=0)


@cache
def _trusted() -> "ssl.SSLContext":
    import httpx2

    return httpx2.create_ssl_context()
