import os
import subprocess
from pathlib import Path

import pytest

from lorewright.core.errors import SourceError
from lorewright.sources.git import checkout, state


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _commit(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    _git(folder, "add", "--", name)
    _git(folder, "commit", "--quiet", "-m", name)
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "guide.git"
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, "docs/a.md", "one\n")
    return folder


def test_a_checkout_is_one_commit_without_history(repository: Path, tmp_path: Path) -> None:
    commit = _commit(repository, "docs/a.md", "two\n")
    found = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert (found.commit, found.dirty) == (commit, False)
    assert (found.root / "docs/a.md").read_text() == "two\n"
    assert found.root.name.startswith("guide-")
    assert _git(found.root, "rev-list", "--count", "HEAD") == "1"


def test_without_a_ref_the_default_branch_is_taken(repository: Path, tmp_path: Path) -> None:
    found = checkout(repository.as_uri(), ref="", cache_dir=tmp_path / "cache")
    assert found.commit == _git(repository, "rev-parse", "HEAD")


def test_asking_again_brings_the_new_commit_and_removes_what_is_gone(
    repository: Path, tmp_path: Path
) -> None:
    first = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    (first.root / "left.md").write_text("left behind")
    _git(repository, "rm", "--quiet", "docs/a.md")
    commit = _commit(repository, "b.md", "three\n")
    second = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert (second.root, second.commit, second.dirty) == (first.root, commit, False)
    assert sorted(path.name for path in second.root.iterdir()) == [".git", "b.md"]


def test_a_tag_and_a_full_commit_id_are_refs(repository: Path, tmp_path: Path) -> None:
    old = _git(repository, "rev-parse", "HEAD")
    _git(repository, "tag", "v1")
    _commit(repository, "docs/a.md", "two\n")
    for ref in ("v1", old):
        assert checkout(str(repository), ref=ref, cache_dir=tmp_path / "cache").commit == old


def test_a_commit_that_is_there_is_not_asked_for_again(repository: Path, tmp_path: Path) -> None:
    commit = _git(repository, "rev-parse", "HEAD")
    url = repository.as_uri()
    first = checkout(url, ref=commit, cache_dir=tmp_path / "cache")
    repository.rename(tmp_path / "gone.git")
    assert checkout(url, ref=commit, cache_dir=tmp_path / "cache") == first


def test_a_torn_tree_is_fetched_anew(repository: Path, tmp_path: Path) -> None:
    first = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    (first.root / ".git/index.lock").write_text("")
    (first.root / "docs/a.md").unlink()
    second = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert second == first
    assert (second.root / "docs/a.md").read_text() == "one\n"


def test_a_lock_that_a_killed_git_left_is_named_with_what_to_do(repository: Path, tmp_path: Path) -> None:
    found = checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    (found.root / ".git" / "shallow.lock").touch()
    _commit(repository, "docs/a.md", "two\n")
    with pytest.raises(SourceError, match=r"shallow\.lock") as refused:
        checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert "remove that file" in refused.value.hint


def test_repositories_of_one_name_have_folders_of_their_own(tmp_path: Path) -> None:
    roots = set()
    for owner in ("one", "two"):
        folder = tmp_path / owner / "guide"
        folder.mkdir(parents=True)
        _git(folder, "init", "--quiet", "--initial-branch=main")
        _commit(folder, "a.md", owner)
        roots.add(checkout(str(folder), ref="main", cache_dir=tmp_path / "cache").root)
    assert len(roots) == 2


@pytest.mark.parametrize(
    ("location", "ref", "message"),
    [
        (
            "{repository}",
            "nothing",
            "cannot fetch {repository} at nothing: fatal: couldn't find remote ref nothing",
        ),
        ("{repository}", "--upload-pack=touch x", "is no git ref"),
        ("{repository}", "main:refs/heads/x", "is no git ref"),
        ("{repository}/missing", "main", "missing does not exist"),
        ("--upload-pack=touch x", "main", "is no repository"),
        ("ext::sh -c touch% x", "main", "does not exist"),
    ],
)
def test_what_cannot_be_fetched_is_an_error_with_a_hint_and_leaves_nothing(
    repository: Path, tmp_path: Path, location: str, ref: str, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        checkout(location.format(repository=repository), ref=ref, cache_dir=tmp_path / "cache")
    assert message.format(repository=repository) in caught.value.message
    assert caught.value.hint
    assert {file.suffix for file in (tmp_path / "cache").glob("*")} <= {".lock"}


def test_credentials_stay_out_of_messages_and_folders(repository: Path, tmp_path: Path) -> None:
    address = "http://someone:s3cret@127.0.0.1:1/owner/guide.git"
    with pytest.raises(SourceError) as caught:
        checkout(address, ref="main", cache_dir=tmp_path / "cache")
    assert "s3cret" not in caught.value.message
    assert "http://127.0.0.1:1/owner/guide.git" in caught.value.message


def test_hooks_of_the_user_do_not_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "template/hooks/post-checkout"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert not (tmp_path / "ran").exists()


def test_a_missing_git_command_is_said(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git command is not installed"):
        checkout(str(repository), ref="main", cache_dir=tmp_path / "cache")
    assert state(repository) == ("", False)


def test_state_tells_commit_and_changes_below_the_folder_only(repository: Path) -> None:
    commit = _commit(repository, "other/b.md", "b\n")
    assert state(repository / "docs") == (commit, False)
    (repository / "other/b.md").write_text("changed\n")
    assert state(repository / "docs") == (commit, False)
    assert state(repository) == (commit, True)
    (repository / "docs/new.md").write_text("new\n")
    assert state(repository / "docs") == (commit, True)
    assert state(repository / "docs/a.md") == (commit, False)


def test_state_is_empty_outside_git_before_a_commit_and_for_ignored_folders(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "plain").mkdir()
    assert state(tmp_path / "plain") == ("", False)
    _git(tmp_path / "plain", "init", "--quiet")
    assert state(tmp_path / "plain") == ("", False)
    (repository / ".gitignore").write_text("out/\n")
    (repository / "out").mkdir()
    assert state(repository / "out") == ("", False)


def test_variables_of_another_repository_do_not_mislead(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert len(state(repository)[0]) == 40
    assert "GIT_DIR" in os.environ
