"""Ten edits, a rename and a deletion: only changed passages are written, and search equals that of a fresh index."""

import json
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess, run
from threading import Thread
from typing import Any

import pytest

from lorewright.core.workspace import Workspace
from lorewright.retrieval import store
from lorewright.stages import index as index_stage
from lorewright.stages.settings import load

Lore = Callable[..., CompletedProcess[str]]
NAMES = [f"Pump {letter}{number}" for letter in "ABCDEF" for number in range(5)]
QUERIES = ("limit of pump A1", "alarm pressure", "who starts pump C3 by hand", "bar 17", "edited words", "F4")
PAGE = """# {name}

{name} is a part of the pump house that an operator starts by hand each day before the morning shift begins.

## Limits of {name}

The limit of {name} is {limit} bar, and an alarm of the controller tells the operator on duty when it is reached.

## Alarms of {name}

An alarm of {name} is red when its pressure is above {limit} bar and yellow when the water is too warm for it.
"""


class Embeddings(BaseHTTPRequestHandler):
    """Vectors that count letters, and a log of what was asked for."""

    shown: list[str]

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        type(self).shown += texts
        rows = [
            [text.count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz0123456789"] for text in texts
        ]
        body = json.dumps({"data": [{"index": n, "embedding": row} for n, row in enumerate(rows)]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Embeddings.shown = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Embeddings) as found:
        Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def project(tmp_path: Path, server: ThreadingHTTPServer) -> Path:
    folder = tmp_path / "project"
    (folder / "docs").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (folder / "docs" / f"{name.replace(' ', '-')}.md").write_text(PAGE.format(name=name, limit=number))
    (folder / "lore.toml").write_text(
        '[project]\nname = "Pumps"\n[[sources]]\npath = "docs"\n[ingest]\nworkers = 0\n'
        '[chunking]\nmin_chars = 0\n[probe]\nsections = 0\n[index]\nembedder = "office/letters"\n'
        f'[providers.office]\nbase_url = "http://127.0.0.1:{server.server_port}/v1"\n'
    )
    return folder


def index(lore: Lore, project: Path) -> dict[str, Any]:
    done = lore("index", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["metrics"]
    return found


def answers(lore: Lore, project: Path) -> list[Any]:
    return [
        json.loads(lore("search", query, "-k", "8", "--mode", mode, "--json", cwd=project).stdout)
        for query in QUERIES
        for mode in ("full-text", "dense", "hybrid")
    ]


def change(docs: Path) -> None:
    for name in NAMES[:10]:
        page = docs / f"{name.replace(' ', '-')}.md"
        page.write_text(page.read_text().replace("yellow", "edited"))
    (docs / "Pump-D0.md").rename(docs / "Renamed.md")
    (docs / "Pump-C0.md").unlink()


def test_only_changed_passages_are_written_and_embedded_and_the_result_equals_a_fresh_index(
    lore: Lore, project: Path
) -> None:
    first = index(lore, project)
    assert (first["passages"], first["added"], first["embedded"]) == (90, 90, 90)
    Embeddings.shown.clear()
    change(project / "docs")
    second = index(lore, project)
    # Ten edited passages, and three of a page that stand at another path now; three are gone.
    assert (second["added"], second["removed"], second["kept"]) == (13, 16, 74)
    assert second["embedded"] == len(Embeddings.shown) == 10
    grown = answers(lore, project)
    assert any(grown)
    shutil.rmtree(project / ".lore")
    assert index(lore, project)["added"] == 87
    assert answers(lore, project) == grown


def test_nothing_is_written_where_nothing_changed_or_a_change_was_undone(lore: Lore, project: Path) -> None:
    first = index(lore, project)
    kept = {page: page.read_text() for page in (project / "docs").iterdir()}
    change(project / "docs")
    index(lore, project)
    Embeddings.shown.clear()
    (project / "docs" / "Renamed.md").unlink()
    for page, text in kept.items():
        page.write_text(text)
    assert index(lore, project)["version"] == first["version"]
    assert Embeddings.shown == []


def test_a_prefix_of_questions_embeds_nothing_and_changes_what_the_stages_after_it_read(
    lore: Lore, project: Path
) -> None:
    def run_of_index() -> dict[str, Any]:
        done = lore("index", "--json", cwd=project)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    first = run_of_index()
    Embeddings.shown.clear()
    text = (project / "lore.toml").read_text()
    (project / "lore.toml").write_text(text.replace("[index]\n", '[index]\nquery_prefix = "query: "\n'))
    second = run_of_index()
    assert Embeddings.shown == []
    assert second["id"] != first["id"]
    assert second["outputs"]["index.json"] != first["outputs"]["index.json"]


def test_a_new_format_of_the_index_is_a_new_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(project)
    part = index_stage.select(load(project))
    before = index_stage.fingerprint(part, workspace)
    monkeypatch.setattr("lorewright.stages.index.FORMAT", store.FORMAT + 1)
    assert index_stage.fingerprint(part, workspace) != before


def test_citations_name_the_commit_that_is_checked_out_where_others_have_the_same_documents(
    lore: Lore, project: Path
) -> None:
    def git(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        return run(
            ["git", *who, *words], cwd=project / "docs", check=True, capture_output=True, text=True
        ).stdout

    def cited() -> str:
        index(lore, project)
        found = lore("search", "alarm", "--mode", "full-text", "--json", cwd=project)
        return str(json.loads(found.stdout)[0]["commit"])

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    first = git("rev-parse", "HEAD").strip()
    assert cited() == first
    (project / "docs" / ".gitattributes").write_text("*.md text\n")
    git("add", "--all")
    git("commit", "--quiet", "--message", "second")
    assert cited() == git("rev-parse", "HEAD").strip() != first
    git("checkout", "--quiet", first)
    assert cited() == first


def test_status_opens_no_connection_for_an_embedder_that_is_not_here_yet(
    lore: Lore, project: Path, server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    index(lore, project)
    asked: list[str] = []
    monkeypatch.setattr(Embeddings, "do_GET", lambda self: asked.append(self.path), raising=False)
    monkeypatch.setattr(Embeddings, "do_HEAD", lambda self: asked.append(self.path), raising=False)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    elsewhere = ("--set", 'index.embedder="sentence-transformers/no-such-model"')
    done = lore("index", "--dry-run", *elsewhere, cwd=project)
    assert done.returncode == 0, done.stderr
    assert "stale" in done.stdout
    assert asked == []


def test_words_are_searched_without_the_embedder_and_its_failure_says_how(
    lore: Lore, project: Path, server: ThreadingHTTPServer
) -> None:
    index(lore, project)
    server.shutdown()
    server.server_close()
    failed = lore("ask", "alarm of pump A1", cwd=project)
    assert failed.returncode != 0
    assert "--mode full-text" in failed.stderr
    answered = lore("ask", "alarm of pump A1", "--mode", "full-text", cwd=project)
    assert answered.returncode == 0, answered.stderr
    assert "Pump-A1.md" in answered.stdout
