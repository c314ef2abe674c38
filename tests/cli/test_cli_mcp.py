"""mcp: configuration for clients, options and environment, and quiet ends."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.errors import ConfigError
from lorewright.serving import mcp as serving
from lorewright.serving.mcp_clients import CLIENTS, server_key

Lore = Callable[..., CompletedProcess[str]]
LORE = [sys.executable, "-c", "from lorewright.cli.main import main; main()"]
HELLO = (
    b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
    b'"clientInfo":{"name":"test","version":"1"}}}\n'
)
LOADED = """
import json, sys
from pathlib import Path
from lorewright.core.workspace import Workspace
from lorewright.serving.mcp import make_server
make_server(Workspace(Path(sys.argv[1])))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A project with nothing made, in a folder whose name needs quoting."""
    folder = tmp_path / 'my "docs" é'
    folder.mkdir()
    (folder / "lore.toml").write_text('[project]\nname = "Acme Handbook"\n[[sources]]\npath = "docs"\n')
    return folder


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command would serve with, without serving."""
    told: dict[str, Any] = {}
    monkeypatch.setattr(serving, "end_on_signals", lambda: None)
    monkeypatch.setattr(serving, "serve_stdio", lambda _server: told.update(transport="stdio"))
    monkeypatch.setattr(
        serving, "serve_http", lambda _server, **options: told.update(options, transport="streamable-http")
    )
    for name in ("MCP_TRANSPORT", "MCP_HOST", "MCP_PORT"):
        monkeypatch.delenv(name, raising=False)
    return told


def entry(client: str, text: str) -> dict[str, Any]:
    """Return the one server in a client's configuration."""
    section = CLIENTS[client].section
    tree = tomllib.loads(text) if CLIENTS[client].is_toml else json.loads(text)
    assert list(tree) == [section]
    assert list(tree[section]) == ["acme-handbook-docs"]
    found: dict[str, Any] = tree[section]["acme-handbook-docs"]
    return found


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_printed_for_a_client_starts_this_lore_on_this_project(
    lore: Lore, bare: Path, client: str
) -> None:
    done = lore("mcp", "--config", client, "--json", cwd=bare)
    assert done.returncode == 0, done.stderr
    (printed,) = json.loads(done.stdout)
    started = entry(client, printed["stdio"])
    assert Path(started["command"]).is_absolute()
    assert Path(started["command"]).name == "lore"
    assert started["args"] == ["-C", str(bare), "mcp"]
    shown = lore("mcp", "--config", client, cwd=bare).stdout
    assert printed["stdio"] in shown
    assert printed["file"] in shown


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("claude-code", {"type": "http", "url": "http://127.0.0.1:8000/mcp"}),
        ("cursor", {"url": "http://127.0.0.1:8000/mcp"}),
        ("vscode", {"type": "http", "url": "http://127.0.0.1:8000/mcp"}),
        ("codex", {"url": "http://127.0.0.1:8000/mcp"}),
        ("windsurf", {"serverUrl": "http://127.0.0.1:8000/mcp"}),
        ("zed", {"url": "http://127.0.0.1:8000/mcp"}),
        ("gemini-cli", {"httpUrl": "http://127.0.0.1:8000/mcp"}),
    ],
)
def test_each_client_is_given_the_address_in_its_own_words(
    lore: Lore, bare: Path, client: str, expected: dict[str, str]
) -> None:
    done = lore("mcp", "--port", "8000", "--config", client, "--json", cwd=bare)
    assert entry(client, json.loads(done.stdout)[0]["http"]) == expected


def test_a_client_whose_file_takes_no_address_is_given_none(lore: Lore, bare: Path) -> None:
    printed = json.loads(lore("mcp", "--config", "claude-desktop", "--json", cwd=bare).stdout)
    assert printed[0]["http"] is None


def test_without_a_name_all_clients_are_printed_each_under_its_heading(lore: Lore, bare: Path) -> None:
    done = lore("mcp", "--config", cwd=bare)
    assert done.returncode == 0, done.stderr
    for client in CLIENTS.values():
        assert f"# {client.title}: {client.file}\n" in done.stdout
    assert len(json.loads(lore("mcp", "--config", "--json", cwd=bare).stdout)) == len(CLIENTS)


def test_an_unknown_client_lists_the_known_ones(lore: Lore, bare: Path) -> None:
    done = lore("mcp", "--config", "notepad", cwd=bare)
    assert done.returncode == 2
    assert "There is no client 'notepad'" in done.stderr
    assert all(name in done.stderr for name in CLIENTS)


def test_the_configuration_names_the_lore_that_is_running() -> None:
    from lorewright.serving.mcp_clients import executable

    found = executable()
    assert found.is_absolute()
    assert os.access(found, os.X_OK)


@pytest.mark.parametrize(
    ("project", "key"),
    [
        ("Acme", "acme-docs"),
        ("acme docs", "acme-docs"),
        ("日本語", "docs"),
        ("A very long name of a large handbook", "a-very-long-name-of-a-la-docs"),
    ],
)
def test_a_server_is_called_after_its_project(project: str, key: str) -> None:
    assert server_key(project) == key


@pytest.mark.parametrize(
    ("environment", "options", "expected"),
    [
        ({}, [], {"transport": "stdio"}),
        (
            {"MCP_TRANSPORT": "streamable-http"},
            [],
            {"transport": "streamable-http", "host": "127.0.0.1", "port": 8080},
        ),
        (
            {"MCP_TRANSPORT": "streamable-http", "MCP_HOST": "127.0.0.2", "MCP_PORT": "9"},
            [],
            {"transport": "streamable-http", "host": "127.0.0.2", "port": 9},
        ),
        (
            {"MCP_TRANSPORT": "streamable-http", "MCP_HOST": "127.0.0.2", "MCP_PORT": "9"},
            ["--host", "::1", "--port", "10"],
            {"transport": "streamable-http", "host": "::1", "port": 10},
        ),
        ({"MCP_TRANSPORT": "streamable-http"}, ["--transport", "stdio"], {"transport": "stdio"}),
        ({"MCP_TRANSPORT": "", "MCP_PORT": ""}, [], {"transport": "stdio"}),
    ],
)
def test_the_environment_counts_and_options_outrank_it(
    lore: Lore,
    bare: Path,
    heard: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: list[str],
    expected: dict[str, Any],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = lore("mcp", *options, cwd=bare)
    assert done.returncode == 0, done.stderr
    assert {name: heard[name] for name in expected} == expected
    assert done.stdout == ""
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("MCP_TRANSPORT", "sse"), ("MCP_PORT", "eighty"), ("MCP_PORT", "65536"), ("MCP_PORT", "-1")],
)
def test_a_wrong_value_in_the_environment_is_one_message_that_names_it(
    lore: Lore, bare: Path, heard: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    done = lore("mcp", cwd=bare)
    assert done.returncode == 2
    assert name in done.stderr
    assert value in done.stderr
    assert heard == {}


@pytest.mark.parametrize(("host", "warns"), [("0.0.0.0", True), ("docs.example.org", True), ("::1", False)])
def test_an_address_that_others_reach_is_warned_about(
    lore: Lore, bare: Path, heard: dict[str, Any], host: str, warns: bool
) -> None:
    done = lore("mcp", "--transport", "streamable-http", "--host", host, "--allow-host", "proxy", cwd=bare)
    assert done.returncode == 0
    assert ("there is no authentication" in done.stderr) is warns
    assert done.stdout == ""
    assert heard["names"] == ("proxy",)


def test_a_host_that_is_not_here_is_one_message() -> None:
    with pytest.raises(ConfigError, match="cannot be listened at"):
        serving._listen("203.0.113.77", 0)


def test_a_server_is_made_without_loading_an_index_or_a_model(bare: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(bare)], check=True, capture_output=True, text=True
    )
    loaded = set(json.loads(done.stdout))
    assert "mcp" in loaded
    assert loaded.isdisjoint({"lancedb", "torch", "transformers", "xllamacpp"})


def test_configuration_is_printed_without_the_protocol_s_library(bare: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from lorewright.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "-C", str(bare), "mcp", "--config", "zed"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    serve = subprocess.run(
        [sys.executable, "-c", code, "-C", str(bare), "mcp"], capture_output=True, text=True, check=False
    )
    assert serve.returncode == 1
    assert "pip install 'lorewright[serve]'" in serve.stderr
    assert serve.stdout == ""


def start(project: Path) -> "subprocess.Popen[bytes]":
    """Start a server and say hello to it."""
    running = subprocess.Popen(
        [*LORE, "-C", str(project), "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(HELLO)
    running.stdin.flush()
    assert b'"serverInfo"' in running.stdout.readline()
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_quietly(bare: Path, number: signal.Signals) -> None:
    with start(bare) as running:
        running.send_signal(number)
        assert running.wait(20) == 0
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read() == b""
        assert running.stderr.read() == b""


def test_closed_input_ends_the_server_quietly(bare: Path) -> None:
    with start(bare) as running:
        out, err = running.communicate(timeout=20)
        assert (running.returncode, out, err) == (0, b"", b"")


def test_lines_that_are_no_protocol_do_not_end_the_server(bare: Path) -> None:
    ping = b'{"jsonrpc":"2.0","id":2,"method":"ping"}\n'
    with start(bare) as running:
        out, _ = running.communicate(b'garbage\n\xff\xfe\n{"jsonrpc":"2.0"}\n{}\n' + ping, timeout=20)
        assert running.returncode == 0
        answers = [json.loads(line) for line in out.splitlines()]
        assert [one["id"] for one in answers if "result" in one] == [2]


def test_a_project_that_is_not_there_is_one_message_on_standard_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [*LORE, "-C", str(tmp_path), "mcp"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "There is no lore.toml" in done.stderr
