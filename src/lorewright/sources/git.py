"""Git repositories as sources, through the `git` command."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lorewright.core.errors import SourceError
from lorewright.core.ids import short_id

_REF = re.compile(r"[^\s:~^?*\[\\\x00-\x1f-][^\s:~^?*\[\\\x00-\x1f]*")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
_HOSTED = re.compile(r"[\w+.-]+://|[\w.-]+@[\w.-]+:")


@dataclass(frozen=True)
class Checkout:
    """A working tree.

    Attributes:
        root: Its folder.
        commit: Full commit id; empty outside git.
        dirty: Whether files below the root differ from the commit.
    """

    root: Path
    commit: str
    dirty: bool


def checkout(location: str, *, ref: str, cache_dir: Path, refresh: bool = True) -> Checkout:
    """Return a working tree of one commit, fetched without history.

    The tree lies in its own folder of the cache; asking again fetches only what changed, and a full commit id
    that is already there is not asked for at all. Git never asks for a password; hooks and submodules stay off.

    Args:
        location: A URL or the path of a repository.
        ref: A branch, a tag or a full commit id; empty for the repository's own default.
        cache_dir: Folder of the cache; made when missing.
        refresh: Whether to ask a repository on another machine for news when the cache has a tree of it.

    Raises:
        SourceError: The git command is missing, the repository or the ref is not there or may not be read.
    """
    url = _url(location)
    if ref and not _REF.fullmatch(ref):
        raise SourceError(f"{ref!r} is no git ref", hint="give a branch, a tag or a full commit id")
    public = _CREDENTIALS.sub("", url)
    name = re.sub(r"[^\w.-]", "-", public.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"))
    root = cache_dir / f"{name}-{short_id('git', public, ref)}"
    asks = refresh or url.startswith("file://")
    if root.exists() and asks and not (_COMMIT.fullmatch(ref) and state(root) == (ref, False)):
        try:
            _fetch(root, url, ref)
            _check_out(root)
        except _TornTreeError:
            shutil.rmtree(root)
    if not root.exists():
        _fetch_anew(root, url, ref)
    commit, dirty = state(root)
    return Checkout(root=root, commit=commit, dirty=dirty)


def state(root: Path) -> tuple[str, bool]:
    """Return the commit a folder or file stands at, and whether anything in it differs from that commit.

    Outside git, in a repository without commits, for an ignored path and without the git command: ("", False).
    """
    folder, name = (root, ".") if root.is_dir() else (root.parent, root.name)
    try:
        head = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
        ignored = _git(folder, "check-ignore", "--quiet", "--", name)
        changes = _git(folder, "status", "--porcelain", "--", name)
    except OSError:
        return "", False
    if head.returncode or changes.returncode or ignored.returncode == 0:
        return "", False
    return head.stdout.strip(), bool(changes.stdout.strip())


class _TornTreeError(Exception):
    """A cached tree cannot be brought to its commit, for instance after a kill."""


def _url(location: str) -> str:
    if location.startswith("-") or "\x00" in location:
        raise SourceError(f"{location!r} is no repository", hint="give a URL or the path of a repository")
    if _HOSTED.match(location):
        return location
    folder = Path(location).expanduser()
    if not folder.exists():
        raise SourceError(
            f"repository {location} does not exist",
            hint="give a URL or the path of a repository on this machine",
        )
    return folder.resolve().as_uri()


def _fetch_anew(root: Path, url: str, ref: str) -> None:
    partial = root.with_name(root.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        _require(_git(partial, "init", "--quiet", "--template="), url, ref)
        _fetch(partial, url, ref)
        _check_out(partial)
        partial.rename(root)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.filename == "git":
            raise SourceError("the git command is not installed", hint="install git") from error
        raise SourceError(f"cannot write {root}: {error.strerror}", hint="free some space") from error
    except _TornTreeError as error:
        raise SourceError(
            f"cannot check out {_public(url)}: {error}", hint="check the free disk space"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fetch(root: Path, url: str, ref: str) -> None:
    fetched = _git(root, "fetch", "--quiet", "--depth=1", "--no-tags", "--force", "--", url, ref or "HEAD")
    _require(fetched, url, ref)


def _check_out(root: Path) -> None:
    for arguments in (("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"), ("clean", "-ffdxq")):
        done = _git(root, *arguments)
        if done.returncode:
            raise _TornTreeError(_last_line(done.stderr))


def _require(done: subprocess.CompletedProcess[str], url: str, ref: str) -> None:
    if done.returncode:
        wanted = f"{_public(url)} at {ref}" if ref else _public(url)
        raise SourceError(
            f"cannot fetch {wanted}: {_last_line(done.stderr)}",
            hint="check the address, the ref and your access with `git ls-remote`",
        )


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git without prompts, hooks, or variables that point it at another repository."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    for kept in ("GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY", "GIT_CONFIG_GLOBAL"):
        if kept in os.environ:
            environment[kept] = os.environ[kept]
    environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "LC_ALL": "C",
    }
    quiet = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
    return subprocess.run(
        ["git", "-C", str(folder), *quiet, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _public(url: str) -> str:
    """A file URL is shown as the path that the user gave."""
    return urlsplit(url).path if url.startswith("file://") else _CREDENTIALS.sub("", url)


def _last_line(output: str) -> str:
    lines = [line for line in _CREDENTIALS.sub("", output).splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or ["git said nothing"])[0]
