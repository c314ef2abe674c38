"""Documents by URL: PDF, HTML, Markdown and text over `http` and `https`, kept in a cache."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from lorewright.core.errors import SourceError
from lorewright.core.ids import short_id
from lorewright.core.making import document_id
from lorewright.core.records import Rejection
from lorewright.sources import url_cache
from lorewright.sources.addresses import Credentials, split_credentials
from lorewright.sources.content import UnfitContentError, as_utf8, served_suffix
from lorewright.sources.download import DownloadError, Reply, download
from lorewright.sources.local import SourceFile

Ask = Literal["nothing", "missing", "all"]
_HOST = re.compile(r"(?:[^\s:\[\]@]+|\[[0-9a-f:.]+\])(?::\d+)?")


@dataclass(frozen=True)
class FetchedFile:
    """A document that was fetched.

    Attributes:
        file: Where to read it; its path is the URL's host and path, with a suffix that tells the kind.
        kind: What kind of document it is.
        note: What a person should know, as that the server did not answer and an older copy is used; or empty.
    """

    file: SourceFile
    kind: str
    note: str = ""


@dataclass(frozen=True)
class _Setup:
    """What stays the same for all URLs of a source."""

    source: str
    cache_dir: Path
    max_bytes: int
    timeout_s: float
    ask: Ask
    backoff_s: float
    kind_of: Callable[[str], str | None]


class _RefusedError(Exception):
    """There is no document at a URL; the text says why, without credentials."""


def fetch(
    urls: Iterable[str],
    *,
    source: str,
    cache_dir: Path,
    max_bytes: int,
    timeout_s: float,
    ask: Ask,
    kind_of: Callable[[str], str | None],
    backoff_s: float = 0.5,
) -> Iterator[FetchedFile | Rejection]:
    """Return the document at each URL, or the rejection that says why there is none, in the order of the URLs.

    Of a URL that is asked for again the server says whether its copy changed. A server that does not answer leaves the
    copy in use, with a note. Neither a user and password before the host nor the query after the path is ever shown;
    the former are sent to this host alone.

    Args:
        urls: `http` or `https` URLs.
        source: Name of the source, which goes into ids.
        cache_dir: Folder of the cache; made when missing.
        max_bytes: Larger bodies are rejected, counted after decompression.
        timeout_s: Seconds that one try may take as a whole.
        ask: What is asked for: `all`, only what is `missing` in the cache or failed for a passing reason, or
            `nothing`: then no connection is opened.
        kind_of: Says which kind of document a path is, None for none.
        backoff_s: Seconds before a failed connection is tried again.
    """
    setup = _Setup(source, cache_dir, max_bytes, timeout_s, ask, backoff_s, kind_of)
    seen: set[str] = set()
    for url in urls:
        shown = _path(url)
        try:
            fetched = _fetched(setup, url)
        except _RefusedError as error:
            yield _reject(setup, shown, str(error))
            continue
        if fetched.file.path in seen:
            yield _reject(setup, f"{shown} (again)", "the same address stands in the list twice")
            continue
        seen.add(fetched.file.path)
        yield fetched


def _fetched(setup: _Setup, url: str) -> FetchedFile:
    address, credentials = _checked(url)
    entry = url_cache.load(setup.cache_dir, address)
    note = ""
    if entry is None and setup.ask == "nothing":
        raise _RefusedError("it was not fetched yet: lore ingest")
    if entry is None or setup.ask == "all" or (setup.ask == "missing" and entry.passing):
        entry, note = _renewed(setup, address, credentials, entry)
    if entry.refused:
        raise _RefusedError(entry.refused)
    if entry.size > setup.max_bytes:
        raise _RefusedError(f"{entry.size:,} bytes, more than the limit of {setup.max_bytes:,}")
    path = _path(address)
    if PurePosixPath(path).suffix.lower() != entry.suffix:
        path += entry.suffix
    kind = setup.kind_of(path)
    if kind is None:
        raise _RefusedError(f"no parser reads {entry.suffix} documents")
    file = SourceFile(source=setup.source, path=path, file=setup.cache_dir / entry.body, size=entry.size)
    return FetchedFile(file=file, kind=kind, note=note)


def _renewed(
    setup: _Setup, address: str, credentials: Credentials | None, entry: url_cache.Entry | None
) -> tuple[url_cache.Entry, str]:
    """Return what the server says now, or the copy at hand and why it must do."""
    has_copy = entry is not None and not entry.refused
    try:
        reply = download(
            address,
            credentials=credentials,
            validators=entry.validators if entry else {},
            max_bytes=setup.max_bytes,
            timeout_s=setup.timeout_s,
            backoff_s=setup.backoff_s,
        )
        if entry is not None and has_copy and reply.data is None:
            return entry, ""
        return _kept(setup, address, reply), ""
    except DownloadError as error:
        if not error.passing:
            return url_cache.refuse(setup.cache_dir, address, error.reason), ""
        if entry is None or not has_copy:
            return url_cache.refuse(setup.cache_dir, address, error.reason, passing=True), ""
        return entry, f"{_path(address)}: {error.reason}; the copy of {entry.fetched_at} is used"


def _kept(setup: _Setup, address: str, reply: Reply) -> url_cache.Entry:
    if reply.data is None:
        return url_cache.refuse(setup.cache_dir, address, "the server answered 304 though there is no copy")
    if not reply.data.strip():
        return url_cache.refuse(setup.cache_dir, address, "the server sent nothing")
    try:
        suffix = served_suffix(urlsplit(address).path, reply.content_type, reply.data, setup.kind_of)
    except UnfitContentError as error:
        return url_cache.refuse(setup.cache_dir, address, str(error))
    data = as_utf8(reply.content_type, suffix, reply.data)
    return url_cache.keep(setup.cache_dir, address, data, suffix=suffix, validators=reply.validators)


def _checked(url: str) -> tuple[str, Credentials | None]:
    """Return a URL without fragment and credentials, and these."""
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in {"http", "https"}:
        raise _RefusedError(f"{scheme + '://' if scheme else 'it'} is no http or https address")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise _RefusedError("an address holds no spaces; write %20")
    try:
        address, credentials = split_credentials(url)
    except SourceError as error:
        raise _RefusedError(error.message) from error
    return urlunsplit(urlsplit(address)._replace(fragment="")), credentials


def _path(url: str) -> str:
    """Return host and path of a URL; a query, which may hold a signature, is only a few digits of its digest."""
    rest = (url.partition("://")[2] or url).partition("#")[0]
    before, _, query = rest.partition("?")
    authority, _, path = before.partition("/")
    place = authority.rpartition("@")[2].lower()
    if not _HOST.fullmatch(place):
        return f"address-{short_id('url', url)[:8]}"
    segments = [segment for segment in normpath(f"/{path}").split("/") if segment]
    if path.endswith("/") or not segments:
        segments.append("index")
    if query:
        name = PurePosixPath(segments[-1])
        segments[-1] = f"{name.stem}-{short_id('query', query)[:8]}{name.suffix}"
    shown = "/".join([place, *segments])
    return "".join(one if one.isprintable() else f"%{ord(one):02X}" for one in shown)


def _reject(setup: _Setup, path: str, reason: str) -> Rejection:
    return Rejection(
        record="document",
        record_id=document_id(setup.source, path),
        filter="source",
        reason=reason,
        name=f"{setup.source}/{path}",
    )
