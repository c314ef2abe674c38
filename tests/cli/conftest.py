"""What the tests of questions share: a project that knows when it does not know, a server that answers, a terminal."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.locks import exclusive

Lore = Callable[..., CompletedProcess[str]]

_RUN = "from lorewright.cli.main import main; main()"
CUT = "\0cut"
HOLD = "\0hold"
"""In place of a piece: hang up there; or say nothing more and wait for the client to hang up."""

_MINERALS = """
    basalt granite quartz marble gypsum pumice flint slate gneiss chalk talc mica beryl topaz opal jade agate onyx
    garnet zircon rutile galena pyrite halite calcite dolomite bauxite cinnabar malachite azurite barite borax
    epidote fluorite graphite hematite jasper kyanite magnetite obsidian
"""


@dataclass
class ChatServer:
    """A server with scripted answers, one a request, the last one for ever.

    Attributes:
        address: With its version, as `base_url` wants it.
        scripts: Pieces of each answer.
        asked: The messages of each request.
        hung_up: Set when a client left an answer that was held.
    """

    address: str
    scripts: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[list[dict[str, str]]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer("")
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as listener:
        server.address = f"http://127.0.0.1:{listener.server_port}/v1"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.asked.append(body["messages"])
            script = server.scripts.pop(0) if len(server.scripts) > 1 else server.scripts[0]
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for piece in script:
                if piece == CUT:
                    return
                if piece == HOLD:
                    self._hold()
                    return
                self._send(json.dumps({"choices": [{"delta": {"content": piece}}]}))
            self._send("[DONE]")

        def _send(self, data: str) -> None:
            self.wfile.write(f"data: {data}\n\n".encode())
            self.wfile.flush()

        def _hold(self) -> None:
            try:
                while True:
                    self.wfile.write(b": still here\n\n")
                    self.wfile.flush()
                    time.sleep(0.01)
            except OSError:
                server.hung_up.set()

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@pytest.fixture(scope="session")
def quarry_once(tmp_path_factory: pytest.TempPathFactory, lore: Lore) -> Path:
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "popen-gw" in shared.name else shared
    folder, done = shared / "quarry", shared / "quarry.done"
    with exclusive(shared / "quarry.lock", what="quarry", wait_s=550):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _write_documents(folder / "docs")
            finished = lore("init", "docs", "--name", "Quarry", cwd=folder)
            assert finished.returncode == 0, finished.stderr
            done.touch()
    return folder


def _write_documents(docs: Path) -> None:
    docs.mkdir(parents=True)
    names = _MINERALS.split()
    for number, (name, other) in enumerate(zip(names, names[1:] + names[:1], strict=True), 3):
        (docs / f"{name}.md").write_text(
            f"# Shelf {number}\n\n## Washing the {name} sieve\n\nThe {name} sieve is rinsed with water for {number} "
            f"minutes, then dried beside the oven. Washing it in a lye would spoil its mesh. A worn sieve is replaced "
            f"by a new {name} one, which lies behind the {other} crates on shelf {number}.\n\n"
            f"## Carting from shelf {number}\n\nA cart carries {number} sacks to gate {number}, covered with a "
            "tarpaulin against the rain. The driver counts them at the gate, signs the list, and brings the empty cart "
            "back before noon, so that the next load can go.\n"
        )
    subprocess.run(["git", "init", "-q", str(docs)], check=True)
    author = ("-c", "user.name=Quarry", "-c", "user.email=quarry@example.org")
    subprocess.run(["git", "-C", str(docs), "add", "."], check=True)
    subprocess.run(["git", "-C", str(docs), *author, "commit", "-qm", "Sieves"], check=True)


@pytest.fixture
def quarry(quarry_once: Path, tmp_path: Path) -> Path:
    """A project of forty documents about sieves, indexed, which has learned when it does not know."""
    folder = Path(shutil.copytree(quarry_once, tmp_path / "quarry"))
    _append(folder, "[ask]\nmin_evidence = 0.3\n")
    return folder


@pytest.fixture
def served(quarry: Path, chat_server: ChatServer) -> Path:
    """The same with the chat server as its provider `office`."""
    _append(quarry, f'[providers.office]\nbase_url = "{chat_server.address}"\n')
    return quarry


def _append(project: Path, text: str) -> None:
    settings = project / "lore.toml"
    settings.write_text(f"{settings.read_text()}\n{text}")


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *arguments: str, cwd: Path, **environ: str) -> None:
        self._leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN, *arguments],
            cwd=cwd,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "60", **environ},
        )
        os.close(follower)
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def interrupt(self, *, after_s: float = 0.0) -> None:
        """What Ctrl-C does to the program in the foreground.

        Args:
            after_s: Seconds to wait first. Python shows a prompt some instructions before it waits for a line, and a
                signal in between is heeded with the next key only.
        """
        time.sleep(after_s)
        self.process.send_signal(signal.SIGINT)

    def expect(self, text: str, *, within_s: float = 60) -> str:
        """Read until a text comes, and return what came before it."""
        end = time.monotonic() + within_s
        while text not in self.shown:
            ready, _, _ = select.select([self._leader], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{text!r} did not come, only {self.shown!r}"
            try:
                piece = os.read(self._leader, 4096)
            except OSError:
                piece = b""
            assert piece, f"{text!r} did not come before the end, only {self.shown!r}"
            self.shown += piece.decode("utf-8", "replace")
        before, _, self.shown = self.shown.partition(text)
        return before

    def rest(self) -> str:
        """Read to the end and return it, with what was read before."""
        with suppress(OSError):
            while piece := os.read(self._leader, 4096):
                self.shown += piece.decode("utf-8", "replace")
        return self.shown

    def leave(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(timeout=60)
        os.close(self._leader)
        return code


@pytest.fixture
def terminal_in() -> Iterator[Callable[..., Terminal]]:
    """`terminal_in(folder, *arguments)` starts `lore` there."""
    started: list[Terminal] = []

    def start(folder: Path, *arguments: str, **environ: str) -> Terminal:
        started.append(Terminal(*arguments, cwd=folder, **environ))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.leave()


@pytest.fixture
def terminal(served: Path, terminal_in: Callable[..., Terminal]) -> Callable[..., Terminal]:
    """`terminal(*arguments)` starts `lore` on the served project."""
    return partial(terminal_in, served)
