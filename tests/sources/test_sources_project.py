"""Sources as a project has them: lists, addresses, private repositories, and the licence of each document."""

import json
import subprocess
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sources.conftest import GitHost, Serve

Lore = Callable[..., CompletedProcess[str]]
SECRET = "tok-5ecret-0123456789"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Valves</title></head><body><main><h1>Valves</h1><p>Words.</p></main>"
)


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def repository(folder: Path, *, text: str, licence: str = "") -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "guide.md").write_text(text)
    if licence:
        (folder / "pyproject.toml").write_text(f'[project]\nname = "x"\nlicense = "{licence}"\n')
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def project(folder: Path, *sources: str) -> Path:
    folder.mkdir()
    tables = "\n".join(f"[[sources]]\n{source}\n" for source in sources)
    (folder / "lore.toml").write_text(f'[project]\nname = "p"\n[ingest]\nworkers = 0\n{tables}')
    return folder


def rows(lore: Lore, place: Path, *options: str) -> list[dict[str, Any]]:
    done = lore("cat", "ingest", *options, cwd=place)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_two_repositories_of_one_name_and_a_list_of_papers_are_read_as_they_are_listed(
    lore: Lore, tmp_path: Path, serve: "Serve"
) -> None:
    one = repository(tmp_path / "a" / "docs", text="# One\n\nWords of one.\n", licence="MIT")
    two = repository(tmp_path / "b" / "docs", text="# Two\n\nWords of two.\n")
    git(two, "checkout", "-q", "-b", "next")
    (two / "guide.md").write_text("# Two\n\nWords of the next two.\n")
    git(two, "commit", "-q", "-a", "-m", "two")
    git(two, "checkout", "-q", "main")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        found = handler.path == "/papers/valves.html"
        handler.send_response(200 if found else 404)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(PAGE) if found else 0))
        handler.end_headers()
        handler.wfile.write(PAGE if found else b"")

    server = serve(answer)
    place = project(tmp_path / "project", 'repos = "repos.json"', 'pdfs = "pdfs.json"')
    (place / "repos.json").write_text(
        json.dumps({"ONE": {"url": str(one), "branch": "main"}, "TWO": {"url": str(two), "branch": "next"}})
    )
    (place / "pdfs.json").write_text(
        json.dumps([f"{server.address}/papers/valves.html", f"{server.address}/papers/gone.pdf"])
    )
    done = lore("ingest", cwd=place)
    assert done.returncode == 0, done.stderr
    found = {(row["source"], row["path"].rpartition("/")[2]): row for row in rows(lore, place)}
    assert found["ONE", "guide.md"]["licence"] == "MIT"
    assert "Words of the next two." in found["TWO", "guide.md"]["text"]
    assert found["TWO", "guide.md"]["licence"] == ""
    assert found["pdfs", "valves.html"]["kind"] == "html"
    (rejected,) = rows(lore, place, "--file", "rejections")
    assert "404" in rejected["reason"]
    asked = len(server.requests)
    assert "up to date" in lore("ingest", cwd=place).stdout
    assert len(server.requests) == asked


def test_the_token_of_a_private_repository_is_in_no_file_of_the_workspace_and_no_output(
    lore: Lore, tmp_path: Path, git_host: "GitHost", monkeypatch: pytest.MonkeyPatch
) -> None:
    git_host.accepted = SECRET
    monkeypatch.setenv("OFFICE_TOKEN", SECRET)
    place = project(tmp_path / "project", f'git = "{git_host.url}"\ntoken_env = "OFFICE_TOKEN"')
    said = [lore("--log-level", "debug", command, cwd=place) for command in ("ingest", "chunk", "status")]
    assert [done.returncode for done in said] == [0, 0, 0], said[0].stderr
    assert [row["source"] for row in rows(lore, place)] == ["owner/guide"]
    assert not [done for done in said if SECRET in done.stdout + done.stderr]
    assert not [file for file in place.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    git_host.accepted = "another"
    refused = lore("ingest", "--refresh", cwd=place)
    assert refused.returncode == 1
    assert "OFFICE_TOKEN" in refused.stderr
    assert SECRET not in refused.stderr


@pytest.mark.parametrize("address", ["https://user:word@host/a.git", "https://ghp_123@host/a.git"])
def test_a_secret_in_lore_toml_is_refused_and_not_repeated(lore: Lore, tmp_path: Path, address: str) -> None:
    place = project(tmp_path / "project", f'git = "{address}"')
    done = lore("ingest", cwd=place)
    assert done.returncode == 2
    assert "token_env" in done.stderr
    assert "word" not in done.stderr.replace("password", "")
    assert "ghp_123" not in done.stderr


def test_init_takes_folders_lists_and_addresses_together(lore: Lore, tmp_path: Path, serve: "Serve") -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(PAGE)))
        handler.end_headers()
        handler.wfile.write(PAGE)

    address = f"{serve(answer).address}/valves.html"
    repository(tmp_path / "code", text="# Code\n\nWords of code.\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A\n\nWords.\n")
    (tmp_path / "repos.json").write_text(json.dumps({"CODE": {"url": str(tmp_path / "code")}}))
    done = lore("init", "docs", "repos.json", address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 files: 3 read" in done.stdout
    assert {row["source"] for row in rows(lore, tmp_path)} == {"docs", "CODE", "127.0.0.1"}


def test_a_suffix_of_one_s_own_needs_a_line_and_no_release(lore: Lore, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "Pump.res").write_text(
        "// How fast the pump turns.\nlet speed = 3\n\nlet stop = () => speed\n"
    )
    place = project(tmp_path / "project", f'path = "{tmp_path / "src"}"')
    refused = lore("ingest", cwd=place)
    assert refused.returncode == 1
    assert "[ingest.kinds]" in refused.stderr
    with (place / "lore.toml").open("a") as file:
        file.write('[ingest.kinds]\n".res" = "code"\n')
    done = lore("chunk", cwd=place)
    assert done.returncode == 0, done.stderr
    (row,) = rows(lore, place)
    assert (row["kind"], row["path"]) == ("code", "Pump.res")
    unknown = lore("ingest", "--set", 'ingest.kinds={".res"="rescript"}', cwd=place)
    assert unknown.returncode == 2
    assert "unknown kind 'rescript'" in unknown.stderr
