"""mcp: the documentation as a server for agents and chat programs."""

import json
import shlex

import click

from lorewright.cli.session import Session, json_option, with_session

ALL_CLIENTS = "all"


@click.command()
@click.option(
    "--transport",
    envvar="MCP_TRANSPORT",
    show_envvar=True,
    default="stdio",
    show_default=True,
    type=click.Choice(["stdio", "streamable-http"]),
    help="Standard streams, for a client that starts this command; or HTTP.",
)
@click.option(
    "--host",
    envvar="MCP_HOST",
    show_envvar=True,
    default="127.0.0.1",
    show_default=True,
    metavar="HOST",
    help="Address to listen at over HTTP.",
)
@click.option(
    "--port",
    envvar="MCP_PORT",
    show_envvar=True,
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen at over HTTP; 0 for a free one.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name by which clients reach the server, such as a proxy's. Repeatable.",
)
@click.option(
    "--config",
    "client",
    is_flag=False,
    flag_value=ALL_CLIENTS,
    metavar="[CLIENT]",
    help="Print what to paste into a client's configuration, or into each one's, and end.",
)
@json_option
@with_session
def mcp(
    session: Session,
    transport: str,
    host: str,
    port: int,
    names: tuple[str, ...],
    client: str | None,
    as_json: bool,
) -> None:
    """Serve the documents to agents and chat programs by the Model Context Protocol (MCP).

    \b
    Examples:
      lore mcp --config claude-code
      lore mcp --config
      lore mcp
      lore mcp --transport streamable-http --port 8000
    """
    if client is not None:
        _print_configuration(session, client, host, port, as_json=as_json)
        return
    from lorewright.serving.mcp import end_on_signals, is_loopback, make_server, serve_http, serve_stdio

    end_on_signals()
    _, log_level = click.get_current_context().obj
    server = make_server(session.workspace, log_level=log_level)
    if transport == "stdio":
        serve_stdio(server)
    else:
        if not is_loopback(host):
            _say(f"warning: whoever can reach {host} can read the documents: there is no authentication.")
        serve_http(
            server,
            host=host,
            port=port,
            names=names,
            log_level=log_level,
            ready=lambda url: _say(f"Serving {session.workspace.project_dir} at {url}. Ctrl-C ends it."),
        )


def _print_configuration(session: Session, client: str, host: str, port: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from lorewright.core.errors import ConfigError
    from lorewright.serving.mcp import address
    from lorewright.serving.mcp_clients import CLIENTS, configuration, executable

    if client not in {*CLIENTS, ALL_CLIENTS}:
        raise ConfigError(f"There is no client {client!r}.", f"known: {', '.join(CLIENTS)}")
    project_dir = session.workspace.project_dir
    found = [
        configuration(
            name,
            project=session.settings().project.name,
            project_dir=project_dir,
            command=executable(),
            url=address(host, port),
        )
        for name in (CLIENTS if client == ALL_CLIENTS else [client])
    ]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    serving = shlex.join(
        [
            "lore",
            "-C",
            str(project_dir),
            "mcp",
            "--transport=streamable-http",
            f"--host={host}",
            f"--port={port}",
        ]
    )
    for number, one in enumerate(found):
        click.echo(f"{'' if number == 0 else chr(10)}# {one.title}: {one.file}\n\n{one.stdio}")
        if one.http is not None:
            click.echo(f"\n# or, while this runs: {serving}\n\n{one.http}")


def _say(line: str) -> None:
    click.echo(line, err=True)
