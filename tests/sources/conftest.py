"""Servers on 127.0.0.1: any answers to HTTP requests, and git's own smart HTTP server behind a password."""

import base64
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest


@dataclass
class Request:
    """What a server was asked."""

    method: str
    path: str
    headers: dict[str, str]


Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A running server, what it was asked so far, and what it answers."""

    address: str
    answer: Answer
    requests: list[Request] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)

    @property
    def authorizations(self) -> list[str]:
        return [request.headers.get("authorization", "") for request in self.requests]


Serve = Callable[[Answer], Server]


@contextmanager
def _served(answer: Answer) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Request(self.command, self.path, headers))
            server.answer(self)

        do_GET = do_POST = _answer

        def log_message(self, *_: object, **__: object) -> None:
            """Keep the test's output clean."""

    class Listener(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up early is part of some tests."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server = Server(f"http://127.0.0.1:{listener.server_port}", answer)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve(answer)` starts a server; all of them end with the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(_served(answer))


def _backend(handler: BaseHTTPRequestHandler, folder: Path) -> None:
    """Answer one request by `git http-backend`, which speaks CGI."""
    url = urlsplit(handler.path)
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
    }
    sent = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    done = subprocess.run(
        ["git", "http-backend"], env=environment, input=sent, capture_output=True, check=True
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    handler.send_response(int(headers.pop("Status", "200").split()[0]))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _arguments_of_all_processes() -> set[str]:
    found = set()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


@dataclass
class GitHost:
    """A git host with the repository `owner/guide.git`; `accepted` is the one user or password that it takes."""

    server: Server
    folder: Path
    accepted: str = ""

    @property
    def url(self) -> str:
        return f"{self.server.address}/owner/guide.git"


@pytest.fixture
def git_host(tmp_path: Path, serve: Serve) -> GitHost:
    folder = tmp_path / "host"
    work = folder / "owner/guide.git"
    work.mkdir(parents=True)
    _git(work, "init", "--quiet", "--initial-branch=main")
    (work / "a.md").write_text("one\n")
    _git(work, "add", "a.md")
    _git(work, "commit", "--quiet", "-m", "a")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        said = handler.headers.get("Authorization", "").removeprefix("Basic ")
        if host.accepted and host.accepted not in base64.b64decode(said).decode().split(":"):
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if said:
            host.server.arguments |= _arguments_of_all_processes()
        _backend(handler, folder)

    host = GitHost(serve(answer), folder)
    return host


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, check=True)
