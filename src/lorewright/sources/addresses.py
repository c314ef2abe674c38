"""Addresses of sources: what may be shown of them, the credentials in them, and what a repository is called."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from lorewright.core.errors import SourceError

_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
_HOSTED = re.compile(
    r"(?P<scheme>[A-Za-z][\w+.-]*)://|(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>.*)", re.S
)


@dataclass(frozen=True)
class Credentials:
    """A user name and a password or token, neither of which is ever shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)


def is_hosted(location: str) -> bool:
    """Say whether a location is a URL or `user@host:path`, so no path on this machine."""
    return _HOSTED.match(location) is not None


def public_url(text: str) -> str:
    """Return a URL, or a message with URLs in it, without the credentials before a host."""
    return _USERINFO.sub("", text)


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """Return a URL without the user and password before its host, and those two, percent-decoded.

    The user of an `ssh` URL is a login name and stays; a password there is dropped, as ssh takes none.

    Raises:
        SourceError: The URL has no host or a broken one; the message shows nothing of it but its scheme.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host and not url.lower().startswith("file:"):
        raise SourceError(
            f"an address that begins with {url.partition('://')[0]}:// has no valid host",
            hint="write https://HOST/PATH; percent-encode special characters of a password",
        )
    userinfo, at, place = parts.netloc.rpartition("@")
    if not at:
        return url, None
    username, _, password = userinfo.partition(":")
    if parts.scheme.lower() == "ssh":
        return urlunsplit(parts._replace(netloc=f"{username}@{place}")), None
    return urlunsplit(parts._replace(netloc=place)), Credentials(unquote(username), unquote(password))


def repository_name(location: str) -> str:
    """Return what a repository is called: with its owner or groups when hosted, else by its folder.

    `https://host/owner/name.git`, `ssh://git@host/owner/name` and `git@host:owner/name.git` are `owner/name`. One
    `.git` at the end is left out.
    """
    hosted = _HOSTED.match(location)
    if hosted is None or (hosted["scheme"] or "").lower() == "file":
        return _folder_name(Path(urlsplit(location).path if hosted else location))
    path = urlsplit(location).path if hosted["scheme"] else hosted["path"]
    parts = [part for part in unquote(path).split("/") if part not in {"", ".", "..", "~"}]
    if not parts:
        return urlsplit(location).hostname or hosted["host"] or "repository"
    parts[-1] = parts[-1].removesuffix(".git") or parts[-1]
    return "/".join(parts)


def _folder_name(folder: Path) -> str:
    real = folder.expanduser().resolve()
    name = real.parent.name if real.name == ".git" else real.name
    return name.removesuffix(".git") or "repository"
