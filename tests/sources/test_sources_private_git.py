import os
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lorewright.core.errors import SourceError
from lorewright.sources.git import checkout

if TYPE_CHECKING:
    from tests.sources.conftest import GitHost, Serve

SECRET = "tok-5ecret-0123456789"
VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "HF_TOKEN", "LORE_GIT_TOKEN", "OFFICE")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No token and no helper of the machine's user; a helper of git's that stores what it is told."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "gitconfig"
    config.write_text(f"[credential]\n\thelper = store --file={tmp_path}/stored\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    return config


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of the arguments of each git command, and of the names in its environment."""
    log, wrapper = tmp_path / "called", tmp_path / "bin/git"
    wrapper.parent.mkdir()
    wrapper.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> {log}\nenv | cut -d= -f1 | grep LORE >> {log}\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    return log


def _files_with(secret: str, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_a_public_repository_is_read_without_the_token_that_is_set(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORE_GIT_TOKEN", "stale")
    found = checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache")
    assert (found.root / "a.md").read_text() == "one\n"
    assert set(git_host.server.authorizations) == {""}


def test_a_private_repository_is_read_with_the_token_which_is_seen_nowhere(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: Path
) -> None:
    git_host.accepted = SECRET
    monkeypatch.setenv("LORE_GIT_TOKEN", SECRET)
    found = checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache")
    again = checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache")
    assert found == again
    assert (found.root / "a.md").read_text() == "one\n"
    log = called.read_text()
    assert "LORE_GIT_PASSWORD" in log
    assert SECRET not in log
    assert git_host.server.arguments
    assert not [line for line in git_host.server.arguments if SECRET in line]
    assert _files_with(SECRET, tmp_path) == []


def test_the_variable_that_a_source_names_is_the_only_one_that_counts(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_host.accepted = SECRET
    monkeypatch.setenv("LORE_GIT_TOKEN", SECRET)
    with pytest.raises(SourceError) as caught:
        checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache", token_env="OFFICE")
    assert caught.value.hint == "a private repository needs a token: set OFFICE"
    monkeypatch.setenv("OFFICE", SECRET)
    assert checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache", token_env="OFFICE").commit


def test_a_refused_token_is_named_by_its_variable_and_not_shown(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_host.accepted = "another"
    monkeypatch.setenv("LORE_GIT_TOKEN", SECRET)
    with pytest.raises(SourceError) as caught:
        checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache")
    assert "Authentication failed" in caught.value.message
    assert "LORE_GIT_TOKEN" in caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint + repr(caught.value.__context__)
    assert {file.suffix for file in (tmp_path / "cache").glob("*")} <= {".lock"}


@pytest.mark.parametrize("userinfo", [f"someone:{SECRET}", f"{SECRET}"])
def test_credentials_inside_a_url_reach_the_host_and_nothing_else(
    git_host: "GitHost", tmp_path: Path, called: Path, userinfo: str
) -> None:
    git_host.accepted = SECRET
    address = git_host.url.replace("://", f"://{userinfo}@")
    found = checkout(address, ref="main", cache_dir=tmp_path / "cache")
    assert found.root == checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache", refresh=False).root
    assert SECRET not in called.read_text()
    assert _files_with(SECRET, tmp_path) == []


def test_credentials_that_the_user_keeps_with_git_are_tried_first(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_host.accepted = SECRET
    (tmp_path / "stored").write_text(git_host.url.replace("://", f"://someone:{SECRET}@") + "\n")
    monkeypatch.setenv("LORE_GIT_TOKEN", "stale")
    assert checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache").commit


def test_a_redirect_to_another_host_gets_no_token(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: "Serve"
) -> None:
    git_host.accepted = "of the other host"
    monkeypatch.setenv("LORE_GIT_TOKEN", SECRET)
    elsewhere = git_host.server.address.replace("127.0.0.1", "localhost")

    def away(handler: BaseHTTPRequestHandler) -> None:
        asks = not handler.headers.get("Authorization")
        handler.send_response(401 if asks else 302)
        if asks:
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
        else:
            handler.send_header("Location", elsewhere + handler.path)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    first = serve(away)
    with pytest.raises(SourceError, match="cannot fetch"):
        checkout(f"{first.address}/owner/guide.git", ref="main", cache_dir=tmp_path / "cache")
    assert any(first.authorizations)
    assert git_host.server.requests
    assert set(git_host.server.authorizations) == {""}


def test_a_token_with_a_line_break_is_refused_by_the_name_of_its_variable(
    git_host: "GitHost", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORE_GIT_TOKEN", f"{SECRET}\nhost=elsewhere")
    with pytest.raises(SourceError, match="LORE_GIT_TOKEN holds more than one line"):
        checkout(git_host.url, ref="main", cache_dir=tmp_path / "cache")


def test_branches_tags_and_full_commits_come_without_history_and_short_ids_are_explained(
    git_host: "GitHost", tmp_path: Path
) -> None:
    work = git_host.folder / "owner/guide.git"

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(work), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    first = git("rev-parse", "HEAD")
    git("tag", "-a", "v1", "-m", "first")
    git("commit", "--quiet", "--allow-empty", "-m", "second")
    for ref, commit in (("main", git("rev-parse", "HEAD")), ("v1", first), (first, first)):
        found = checkout(git_host.url, ref=ref, cache_dir=tmp_path / "cache")
        assert found.commit == commit
        assert git("-C", str(found.root), "rev-list", "--count", "HEAD") == "1"
    with pytest.raises(SourceError) as caught:
        checkout(git_host.url, ref=first[:9], cache_dir=tmp_path / "cache")
    assert f"{first[:9]} may be a short commit id" in caught.value.hint
