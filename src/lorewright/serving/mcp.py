"""The MCP server: a project's documentation for agents and chat programs, over standard streams or HTTP.

Protocol: https://modelcontextprotocol.io/specification
"""

import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from lorewright import __version__
from lorewright.core.errors import ConfigError, MissingDependencyError
from lorewright.core.workspace import Workspace

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings

PATH = "/mcp"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Streams that clients hold open would otherwise keep a server that is told to end.
_SECONDS_TO_FINISH = 2


def make_server(workspace: Workspace, *, log_level: str = "error") -> "MCPServer[Any]":
    """Return the server of a project, with its tools and resources; no index is opened yet.

    Raises:
        MissingDependencyError: The library mcp is not installed.
        ConfigError: The settings of the project cannot be used.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError as error:
        raise MissingDependencyError(
            "The MCP server needs the library mcp.", "pip install 'lorewright[serve]'"
        ) from error
    from lorewright.serving.mcp_project import Project
    from lorewright.serving.mcp_quoting import DATA_NOTICE, quoted_line
    from lorewright.serving.mcp_resources import add_resources
    from lorewright.serving.mcp_tools import add_tools

    project = Project(workspace)
    subject = quoted_line(project.settings().project.name)
    server: MCPServer[Any] = MCPServer(
        "lorewright",
        title=f"{subject} documentation",
        version=__version__,
        instructions=(
            f"The documentation of {subject}. Search it before you answer about {subject}, and cite path and lines. "
            f"{DATA_NOTICE}"
        ),
        log_level=_LEVELS[log_level],
        subscriptions=False,
    )
    add_tools(server, project)
    add_resources(server, project)
    return server


_LEVELS: dict[str, Any] = {level: level.upper() for level in ("debug", "info", "warning", "error")}


def end_on_signals() -> None:
    """Make SIGINT and SIGTERM end this process at once and with success.

    The thread that waits for standard input could not be interrupted otherwise. A running HTTP server handles signals
    itself, finishes what it answers, and hands them on to these handlers.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)


def serve_stdio(server: "MCPServer[Any]") -> NoReturn:
    """Serve over standard input and output until the client closes them; then the process ends."""
    try:
        server.run("stdio")
    except* (BrokenPipeError, ConnectionError):
        pass  # the client is gone, which is what it was waited for
    _end()


def _end(*_: object) -> NoReturn:
    """End this process without waiting for calls that are under way or for libraries to be unloaded.

    Nothing is left to be written, and clients kill a server that is not gone two seconds after it was told to end.
    """
    os._exit(0)


def serve_http(
    server: "MCPServer[Any]",
    *,
    host: str,
    port: int,
    names: Sequence[str] = (),
    log_level: str = "error",
    ready: Callable[[str], None],
) -> None:
    """Serve over streamable HTTP at /mcp until it is told to end.

    Args:
        server: Of `make_server`.
        host: Address to listen at.
        port: Port to listen at; 0 for a free one.
        names: Further names by which clients reach it, such as a proxy's.
        log_level: Of the HTTP server.
        ready: Told the address once the port is taken.

    Raises:
        ConfigError: The address cannot be listened at.
    """
    import uvicorn

    listening = _listen(host, port)
    bound = listening.getsockname()[1]
    app = server.streamable_http_app(
        streamable_http_path=PATH, host=host, transport_security=transport_security(host, names)
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=log_level,
        access_log=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )

    ready(address(host, bound))
    running = uvicorn.Server(config)
    # What it complains of while it ends are clients that were still listening.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not running.should_exit)
    running.run(sockets=[listening])


def address(host: str, port: int) -> str:
    """Return where a server at a host and port is reached."""
    return f"http://{_named(host)}:{port}{PATH}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def transport_security(host: str, names: Sequence[str] = ()) -> "TransportSecuritySettings":
    """Return the Host and Origin headers that are let through, which keeps web pages from reaching the server.

    A page whose name is made to resolve to this address (DNS rebinding) still sends its own name.

    Args:
        host: Address that is listened at.
        names: Further names by which clients reach it.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    known = list(dict.fromkeys([*LOOPBACK, *_names_of(host), *map(_named, names)]))
    return TransportSecuritySettings(
        allowed_hosts=[form for name in known for form in (name, f"{name}:*")],
        allowed_origins=[
            f"{scheme}://{form}"
            for scheme in ("http", "https")
            for name in known
            for form in (name, f"{name}:*")
        ],
    )


def _names_of(host: str) -> list[str]:
    """Return the names of an address; of a wildcard, those of this machine and all its addresses."""
    try:
        is_any = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        is_any = False
    if not is_any:
        return [_named(host)]
    import psutil

    addresses = [
        one.address.partition("%")[0]
        for found in psutil.net_if_addrs().values()
        for one in found
        if one.family in {socket.AF_INET, socket.AF_INET6}
    ]
    return [socket.gethostname(), socket.getfqdn(), *map(_named, addresses)]


def _named(host: str) -> str:
    """Return a host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"{_named(host)}:{port} cannot be listened at: {error.strerror}.",
            "lore mcp --transport streamable-http --port 0 takes a free port",
        ) from error
    return listening
