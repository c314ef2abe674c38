"""Configuration of well-known MCP clients for one project, ready to paste.

Formats, as their makers document them:
https://modelcontextprotocol.io/docs/develop/connect-local-servers (Claude Desktop),
https://code.claude.com/docs/en/mcp, https://cursor.com/docs/mcp,
https://code.visualstudio.com/docs/agents/reference/mcp-configuration,
https://developers.openai.com/codex/mcp, https://docs.windsurf.com/windsurf/cascade/mcp, https://zed.dev/docs/ai/mcp,
https://geminicli.com/docs/tools/mcp-server
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMMANDS = frozenset({"lore", "lorewright"})
_MAX_KEY_CHARS = 24


@dataclass(frozen=True)
class Client:
    """A program that takes MCP servers.

    Attributes:
        title: For people.
        file: Where its configuration goes.
        section: Key of the servers in that file.
        stdio: What each entry of a server that it starts holds besides command and arguments.
        http: What it calls the address of a server, and what stands beside it; None where its file takes none.
        is_toml: Whether the file is TOML; else JSON.
    """

    title: str
    file: str
    section: str
    stdio: Mapping[str, str]
    http: tuple[str, Mapping[str, str]] | None
    is_toml: bool = False


CLIENTS: dict[str, Client] = {
    "claude-desktop": Client(
        "Claude Desktop",
        "macOS: ~/Library/Application Support/Claude/claude_desktop_config.json, "
        "Linux: ~/.config/Claude/claude_desktop_config.json",
        "mcpServers",
        {},
        None,
    ),
    "claude-code": Client(
        "Claude Code",
        ".mcp.json in the folder you work in",
        "mcpServers",
        {"type": "stdio"},
        ("url", {"type": "http"}),
    ),
    "cursor": Client(
        "Cursor",
        "~/.cursor/mcp.json, or .cursor/mcp.json in the folder you work in",
        "mcpServers",
        {},
        ("url", {}),
    ),
    "vscode": Client(
        "VS Code",
        ".vscode/mcp.json in the folder you work in",
        "servers",
        {"type": "stdio"},
        ("url", {"type": "http"}),
    ),
    "codex": Client("Codex", "~/.codex/config.toml", "mcp_servers", {}, ("url", {}), is_toml=True),
    "windsurf": Client(
        "Windsurf", "~/.codeium/windsurf/mcp_config.json", "mcpServers", {}, ("serverUrl", {})
    ),
    "zed": Client("Zed", "~/.config/zed/settings.json", "context_servers", {}, ("url", {})),
    "gemini-cli": Client("Gemini CLI", "~/.gemini/settings.json", "mcpServers", {}, ("httpUrl", {})),
}


@dataclass(frozen=True)
class Pasted:
    """What to paste for one client.

    Attributes:
        client: Its name among `CLIENTS`.
        title: For people.
        file: Where it goes.
        stdio: For a server that the client starts.
        http: For one that runs already; None where the client's file takes no address.
    """

    client: str
    title: str
    file: str
    stdio: str
    http: str | None


def configuration(name: str, *, project: str, project_dir: Path, command: Path, url: str) -> Pasted:
    """Return what to paste for one client.

    Args:
        name: One of `CLIENTS`.
        project: Name of the project; the server is called after it.
        project_dir: Its folder.
        command: The executable `lore`.
        url: Where the server is reached over HTTP.
    """
    client = CLIENTS[name]
    key = server_key(project)
    started = {**client.stdio, "command": str(command), "args": ["-C", str(project_dir), "mcp"]}
    write = _toml if client.is_toml else _json
    reached = (
        None if client.http is None else write(client.section, key, {**client.http[1], client.http[0]: url})
    )
    return Pasted(name, client.title, client.file, write(client.section, key, started), reached)


def executable() -> Path:
    """Return the absolute path of the `lore` that is running, or of the one beside the running Python."""
    called = Path(sys.argv[0])
    if called.name in _COMMANDS and called.is_file():
        return called.absolute()
    return Path(sys.executable).absolute().with_name("lore")


def server_key(project: str) -> str:
    """Return what clients call the server: letters, digits and dashes, for it becomes part of the tools' names."""
    slug = re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-")[:_MAX_KEY_CHARS].strip("-")
    return slug if slug.endswith("docs") else f"{slug}-docs".strip("-")


def _json(section: str, key: str, entry: Mapping[str, Any]) -> str:
    return json.dumps({section: {key: entry}}, indent=2, ensure_ascii=False)


def _toml(section: str, key: str, entry: Mapping[str, Any]) -> str:
    # A JSON string or list of strings is a TOML one too.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()]
    return "\n".join([f"[{section}.{key}]", *lines])
