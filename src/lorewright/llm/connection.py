"""Requests to one server, many at a time, each asked once: whether to ask again is for the caller to say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lorewright.llm.endpoints import JSON, Endpoint, check, client_options, encoded, refused
from lorewright.llm.server_errors import MAX_REFUSAL_BYTES, decoded, guarded

if TYPE_CHECKING:
    import httpx2


class Connection:
    """Opened by the first request, within whose event loop all later ones are made; after `aclose` it may be reopened.

    No connection is kept before an answer has told that the server can do with it.

    Attributes:
        endpoint: The server.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: The endpoint cannot be used as it is configured.
        """
        check(endpoint)
        self.endpoint = endpoint
        self._client: httpx2.AsyncClient | None = None
        self._keeps: bool | None = None

    async def ask(self, route: str, body: dict[str, Any] | None = None) -> Any:
        """Return the JSON that the server answers to JSON, or to a mere look where there is none.

        Args:
            route: After its address, or a whole address.
            body: What is sent.

        Raises:
            RefusalError: It answers with another status than 200.
            ProviderError: It cannot be reached, is late, or sends no JSON. `wait_s` of each says whether to ask again.
        """
        client = self._opened()
        told = {} if self._keeps else {"Connection": "close"}
        if body is None:
            request = client.build_request("GET", route, headers=told)
        else:
            request = client.build_request("POST", route, content=encoded(body), headers=JSON | told)
        with guarded(self.endpoint, read_s=self.endpoint.timeout_s, late_wait_s=0.0):
            response = await client.send(request)
        if self._keeps is None:
            self._keeps = _may_keep(response.headers)
        if response.status_code != 200:
            raise refused(self.endpoint, response, response.content[:MAX_REFUSAL_BYTES])
        return decoded(self.endpoint, response.content)

    async def aclose(self) -> None:
        """Hang up; closing twice is harmless."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _opened(self) -> "httpx2.AsyncClient":
        import httpx2

        if self._client is None:
            # How many are asked at a time is for the caller to say. Servers close what was idle for a few seconds.
            self._client = httpx2.AsyncClient(
                **client_options(self.endpoint, self.endpoint.timeout_s),
                limits=httpx2.Limits(
                    max_connections=None, max_keepalive_connections=None, keepalive_expiry=4.0
                ),
            )
        return self._client


def _may_keep(told: Mapping[str, str]) -> bool:
    """Return whether connections to a server may be kept for the next requests, by the headers of its first answer.

    llama.cpp has a thread a connection and few threads: connections that are kept would leave those beyond them
    waiting as long as there is work. It names itself, and the library that it serves with counts requests in
    `Keep-Alive`.
    """
    return "llama.cpp" not in told.get("server", "") and "max=" not in told.get("keep-alive", "")


async def ask_alone(endpoint: Endpoint, route: str, body: dict[str, Any] | None = None) -> Any:
    """Return the JSON that a server answers, and hang up; see `Connection.ask`.

    Raises:
        ConfigError: The endpoint cannot be used as it is configured.
        ProviderError: As `Connection.ask`.
    """
    connection = Connection(endpoint)
    try:
        return await connection.ask(route, body)
    finally:
        await connection.aclose()
