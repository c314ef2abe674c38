"""The server over streamable HTTP: the same tools, and closed to web pages of other names."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from mcp import Client
from served_project import LORE, Served  # type: ignore[import-not-found]

from lorewright.serving.mcp import address, is_loopback, transport_security

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def server(documentation: Path) -> Iterator[subprocess.Popen[str]]:
    """A running server, and its one line on standard error."""
    command = [*LORE, "-C", str(documentation), "mcp", "--transport", "streamable-http", "--port", "0"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        yield running
        running.kill()


@pytest.fixture(scope="module")
def url(server: subprocess.Popen[str], documentation: Path) -> str:
    assert server.stderr is not None
    line = server.stderr.readline()
    found = re.fullmatch(r"Serving (\S+) at (http://127\.0\.0\.1:\d+/mcp)\. Ctrl-C ends it\.\n", line)
    assert found is not None, line
    assert found[1] == str(documentation)
    return found[2]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_give_the_same_as_over_standard_streams(url: str, mcp: Served, mode: str) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(url, mode=mode)) as client,
    ):
        over_http = Served(client, portal, Path())
        for tool, arguments in (
            ("search_documentation", {"query": "valve"}),
            ("get_document", {"path": "guide/valves.md"}),
            ("ask", {"question": "What does the gasket weigh?"}),
        ):
            assert over_http.data(tool, **arguments) == mcp.data(tool, **arguments)
        assert over_http.read("lore://documents") == mcp.read("lore://documents")
        assert over_http.call("get_document", path="nowhere.md").is_error


@pytest.mark.parametrize("version", [{}, {"mcp-protocol-version": "2026-07-28"}])
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_foreign_host_or_origin_is_refused(
    url: str, header: dict[str, str], status: int, version: dict[str, str]
) -> None:
    assert httpx2.post(url, json=HELLO, headers={**ACCEPT, **version, **header}).status_code == status


@pytest.mark.parametrize("header", [{}, {"origin": "http://localhost:3000"}, {"host": "localhost:1"}])
def test_what_runs_on_this_machine_is_let_through(url: str, header: dict[str, str]) -> None:
    assert httpx2.post(url, json=HELLO, headers={**ACCEPT, **header}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"no json", b'{"jsonrpc": "2.0"}', b"[" * 5000])
def test_nonsense_is_refused_and_the_server_goes_on(url: str, body: bytes) -> None:
    headers = {**ACCEPT, "content-type": "application/json"}
    assert 400 <= httpx2.post(url, content=body, headers=headers).status_code < 500
    assert httpx2.post(url, json=HELLO, headers=ACCEPT).status_code == 200


def test_a_port_that_is_taken_is_one_message(url: str, documentation: Path) -> None:
    port = url.rpartition(":")[2].removesuffix("/mcp")
    command = [*LORE, "-C", str(documentation), "mcp", "--transport", "streamable-http", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened at: Address already in use." in done.stderr
    assert "--port 0 takes a free port" in done.stderr
    assert done.stdout == ""


def test_a_signal_ends_it_quietly_while_a_client_is_connected(
    url: str, server: subprocess.Popen[str]
) -> None:
    headers = {
        **ACCEPT,
        "mcp-session-id": httpx2.post(url, json=HELLO, headers=ACCEPT).headers["mcp-session-id"],
    }
    with httpx2.stream("GET", url, headers=headers) as listening:
        assert listening.status_code == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    assert server.stderr is not None
    assert server.stdout is not None
    assert server.stderr.read() == ""
    assert server.stdout.read() == ""


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("docs.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_addresses_are_told_from_others(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local


def test_names_that_are_let_through_are_those_of_the_address_and_those_that_were_added() -> None:
    settings = transport_security("10.1.2.3", ("docs.example.org",))
    assert settings.enable_dns_rebinding_protection
    assert {"10.1.2.3:*", "docs.example.org", "docs.example.org:*", "localhost:*"} < set(
        settings.allowed_hosts
    )
    assert {"https://docs.example.org", "http://10.1.2.3:*"} < set(settings.allowed_origins)
    assert not any("evil" in name for name in settings.allowed_hosts)
    assert "[2001:db8::1]:*" in transport_security("2001:db8::1").allowed_hosts
    assert "*" not in "".join(transport_security("0.0.0.0").allowed_hosts).replace(":*", "")


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    assert address("::1", 80) == "http://[::1]:80/mcp"
