"""Git repositories as sources, through the `git` command."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from lorewright.core.errors import SourceError
from lorewright.core.ids import short_id
from lorewright.core.locks import exclusive
from lorewright.sources.addresses import Credentials, is_hosted, public_url, split_credentials
from lorewright.sources.tokens import git_access, token_of, token_variables

_WAIT_S = 600.0
# A server that sends next to nothing for a minute has hung.
_GIVE_UP = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")
_REF = re.compile(r"[^\s:~^?*\[\\\x00-\x1f-][^\s:~^?*\[\\\x00-\x1f]*")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_COMMIT = re.compile(r"[0-9a-f]{4,39}")
_REFUSED = re.compile(r"could not read (?:Username|Password)|Authentication failed")


@dataclass(frozen=True)
class _Remote:
    """What to fetch, and as whom to try, one after the other; None stands for what git knows by itself."""

    url: str
    ref: str
    access: tuple[Credentials | None, ...]
    token_env: str


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


def checkout(
    location: str, *, ref: str, cache_dir: Path, refresh: bool = True, token_env: str = ""
) -> Checkout:
    """Return a working tree of one commit, fetched without history.

    The tree lies in its own folder of the cache; asking again fetches only what changed, and a full commit id
    that is already there is not asked for at all. Git never asks for a password; hooks and submodules stay off.
    A public repository is read without a token. Only when its host refuses that, the token goes to this host, from
    the environment; neither it nor a password inside the URL is in an argument, a message or a file.

    Args:
        location: A URL or the path of a repository.
        ref: A branch, a tag or a full commit id; empty for the repository's own default.
        cache_dir: Folder of the cache; made when missing.
        refresh: Whether to ask a repository on another machine for news when the cache has a tree of it.
        token_env: Name of the environment variable with the token; empty for GITHUB_TOKEN or GH_TOKEN,
            GITLAB_TOKEN and HF_TOKEN at their hosts and LORE_GIT_TOKEN at any other that asks for one.

    Raises:
        SourceError: The git command is missing, the repository or the ref is not there or may not be read.
    """
    remote = _remote(location, ref, token_env)
    if ref and not _REF.fullmatch(ref):
        raise SourceError(f"{ref!r} is no git ref", hint="give a branch, a tag or a full commit id")
    public = public_url(remote.url)
    name = re.sub(r"[^\w.-]", "-", public.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"))
    root = cache_dir / f"{name}-{short_id('git', public, ref)}"
    asks = refresh or remote.url.startswith("file://")
    with exclusive(root.with_name(f"{root.name}.lock"), what=f"fetching {public}", wait_s=_WAIT_S):
        _bring(root, remote, asks=asks, ref=ref)
    commit, dirty = state(root)
    return Checkout(root=root, commit=commit, dirty=dirty)


def _bring(root: Path, remote: _Remote, *, asks: bool, ref: str) -> None:
    """Make or renew a tree; whoever wants the same one waits meanwhile."""
    if root.exists() and asks and not (_COMMIT.fullmatch(ref) and state(root) == (ref, False)):
        try:
            _fetch(root, remote)
            _check_out(root)
        except _TornTreeError:
            shutil.rmtree(root)
    if not root.exists():
        _fetch_anew(root, remote)


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


def _remote(location: str, ref: str, token_env: str) -> _Remote:
    if location.startswith("-") or "\x00" in location:
        raise SourceError(f"{location!r} is no repository", hint="give a URL or the path of a repository")
    if not is_hosted(location):
        return _Remote(_folder_url(location), ref, (None,), token_env)
    if "://" not in location:
        return _Remote(location, ref, (None,), token_env)
    url, given = split_credentials(location)
    if given and given.password:
        return _Remote(url, ref, (given,), token_env)
    token = token_of(url, token_env, username=given.username if given else "") or given
    return _Remote(url, ref, (None, token) if token else (None,), token_env)


def _folder_url(location: str) -> str:
    folder = Path(location).expanduser()
    if not folder.exists():
        raise SourceError(
            f"repository {location} does not exist",
            hint="give a URL or the path of a repository on this machine",
        )
    return folder.resolve().as_uri()


def _fetch_anew(root: Path, remote: _Remote) -> None:
    partial = root.with_name(root.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        _require(_git(partial, "init", "--quiet", "--template="), remote)
        _fetch(partial, remote)
        _check_out(partial)
        partial.rename(root)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.filename == "git":
            raise SourceError("the git command is not installed", hint="install git") from error
        raise SourceError(f"cannot write {root}: {error.strerror}", hint="free some space") from error
    except _TornTreeError as error:
        raise SourceError(
            f"cannot check out {_shown(remote.url)}: {error}", hint="check the free disk space"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fetch(root: Path, remote: _Remote) -> None:
    wanted = ("fetch", "--quiet", "--depth=1", "--no-tags", "--force", "--", remote.url, remote.ref or "HEAD")
    for credentials in remote.access:
        options, secrets = git_access(remote.url, credentials)
        fetched = _git(root, *options, *wanted, secrets=secrets)
        if not (fetched.returncode and _REFUSED.search(fetched.stderr)):
            break
    _require(fetched, remote)


def _check_out(root: Path) -> None:
    for arguments in (("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"), ("clean", "-ffdxq")):
        done = _git(root, *arguments)
        if done.returncode:
            raise _TornTreeError(_last_line(done.stderr))


def _require(done: subprocess.CompletedProcess[str], remote: _Remote) -> None:
    if done.returncode:
        shown = _shown(remote.url)
        wanted = f"{shown} at {remote.ref}" if remote.ref else shown
        said = _last_line(done.stderr)
        for secret in (one.password for one in remote.access if one and one.password):
            said = said.replace(secret, "***")
        raise SourceError(f"cannot fetch {wanted}: {said}", hint=_hint(remote, said))


def _hint(remote: _Remote, said: str) -> str:
    variables = " or ".join(token_variables(remote.url, remote.token_env))
    if _REFUSED.search(said) and remote.access == (None,):
        return f"a private repository needs a token: set {variables}"
    if _REFUSED.search(said):
        return f"check that the token in {variables}, or the one in the address, may read this repository"
    if _SHORT_COMMIT.fullmatch(remote.ref) and "remote ref" in said:
        return f"{remote.ref} may be a short commit id, which no server knows: give all of its 40 digits"
    if ".lock': File exists" in said:
        return "wait where another lore is at work; where none is, one was killed: remove that file"
    return "check the address, the ref and your access with `git ls-remote`"


def _git(
    folder: Path, *arguments: str, secrets: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """Run git without prompts, hooks, or variables that point it at another repository."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    for kept in ("GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY", "GIT_CONFIG_GLOBAL"):
        if kept in os.environ:
            environment[kept] = os.environ[kept]
    environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=30")
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GCM_INTERACTIVE": "Never",
        "LC_ALL": "C",
        **secrets,
    }
    quiet = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", *_GIVE_UP)
    return subprocess.run(
        ["git", "-C", str(folder), *quiet, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _shown(url: str) -> str:
    """A file URL is shown as the path that the user gave."""
    return urlsplit(url).path if url.startswith("file://") else public_url(url)


def _last_line(output: str) -> str:
    lines = [line for line in public_url(output).splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or ["git said nothing"])[0]
