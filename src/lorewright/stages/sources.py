"""Sources as they are now: from settings to the files of each, with the digest of their content."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lorewright.core.errors import ConfigError, SourceError
from lorewright.core.progress import Reporter
from lorewright.core.records import Rejection
from lorewright.core.workspace import SETTINGS_FILE, Workspace
from lorewright.parsing.dispatch import kind_of
from lorewright.parsing.libraries import libraries
from lorewright.sources.addresses import is_hosted
from lorewright.sources.git import Checkout, checkout, state
from lorewright.sources.licences import nearest_licence
from lorewright.sources.lists import read_repositories, read_urls
from lorewright.sources.local import SourceFile, walk
from lorewright.sources.urls import Ask, FetchedFile, fetch
from lorewright.stages.source_settings import IngestSettings, SourceSettings


@dataclass(frozen=True)
class Read:
    """A file that was read: `digest` is the SHA-256 of its bytes, `licence` what its repository states."""

    file: SourceFile
    kind: str
    digest: str
    licence: str = ""

    @property
    def source(self) -> str:
        """Name of its source."""
        return self.file.source

    @property
    def path(self) -> str:
        """Its path in that source."""
        return self.file.path

    @property
    def identity(self) -> list[str]:
        """All that its document depends on."""
        return [self.path, *self.content, self.licence]

    @property
    def content(self) -> list[str]:
        """All that parsing it depends on, wherever it stands."""
        return [self.kind, self.digest, libraries(self.kind)]


@dataclass(frozen=True)
class Unread:
    """A file or folder that is left out, and why."""

    source: str
    path: str
    reason: str

    @property
    def identity(self) -> list[str]:
        """All that its rejection depends on."""
        return [self.path, self.reason]


Entry = Read | Unread


@dataclass(frozen=True)
class Reading:
    """One source as it was read."""

    source: str
    location: str
    commit: str
    dirty: bool
    entries: tuple[Entry, ...]


def readings(
    sources: Sequence[SourceSettings], ingest: IngestSettings, workspace: Workspace
) -> Iterator[Reading]:
    """Yield every source as it is now: addresses as they were fetched last, repositories too, or fetched if never.

    The project's own lore.toml is no document: else each change of a setting would be one of the documents.

    Raises:
        ConfigError: A list of sources cannot be read, or two sources have one name.
        SourceError: A folder or a repository cannot be read.
    """
    for source in expanded(sources, workspace):
        yield _fetched(source, ingest, workspace) if source.urls else _walked(source, ingest, workspace)


def fetch_all(
    sources: Sequence[SourceSettings],
    ingest: IngestSettings,
    workspace: Workspace,
    reporter: Reporter,
    *,
    refresh: bool,
) -> list[str]:
    """Fetch what lies on other machines, showing how it goes on.

    Args:
        sources: As in lore.toml.
        ingest: Limits of size and time.
        workspace: Whose cache keeps what is fetched.
        reporter: Shows the progress.
        refresh: Whether to ask for news of what was fetched before; else only what never was is fetched.

    Returns:
        What a person should know, as that an address did not answer and its older copy is used.

    Raises:
        ConfigError: A list of sources cannot be read, or two sources have one name.
        SourceError: A repository cannot be read.
    """
    away = [one for one in expanded(sources, workspace) if one.urls or is_hosted(one.git)]
    notes: list[str] = []
    for source in away:
        total = len(source.urls) or 1
        with reporter.task(f"fetch {source.label}", total=total, unit="sources") as tick:
            if source.git:
                _checked_out(source, workspace, refresh=refresh)
                tick(1)
            for one in _addresses(source, ingest, workspace, ask="all" if refresh else "missing"):
                tick(1)
                if isinstance(one, FetchedFile) and one.note:
                    notes.append(one.note)
    return notes


def expanded(sources: Sequence[SourceSettings], workspace: Workspace) -> list[SourceSettings]:
    """Return the sources, each list of repositories or addresses replaced by what it holds.

    Raises:
        ConfigError: A list cannot be read, or two sources have one name.
    """
    found = [one for source in sources for one in _listed(source, workspace)]
    labels = [one.label for one in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise ConfigError(f"Two sources are called {twice[0]!r}.", "give one of them a `name` in lore.toml")
    return found


def _listed(source: SourceSettings, workspace: Workspace) -> Iterator[SourceSettings]:
    if source.repos:
        for listed in read_repositories(workspace.project_dir / Path(source.repos).expanduser()):
            update = {"repos": "", "git": listed.url, "ref": listed.branch or source.ref, "name": listed.name}
            yield source.model_copy(update=update)
    elif source.pdfs:
        urls = read_urls(workspace.project_dir / Path(source.pdfs).expanduser())
        if not urls:
            raise ConfigError(f"{source.pdfs} lists no address.", "add one, or remove the source")
        yield source.model_copy(update={"pdfs": "", "urls": urls, "name": source.label})
    else:
        yield source


def _walked(source: SourceSettings, ingest: IngestSettings, workspace: Workspace) -> Reading:
    if source.git:
        found = _checked_out(source, workspace, refresh=False)
        root, top, commit, dirty = found.root, found.root, found.commit, found.dirty
    else:
        root = _folder(source, workspace)
        commit, dirty = state(root)
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    kinds = partial(kind_of, kinds=ingest.kinds)
    files = walk(
        root,
        source=source.label,
        include=source.include,
        exclude=source.exclude,
        max_bytes=ingest.max_bytes,
        max_depth=ingest.max_depth,
        kind_of=kinds,
    )
    licence = nearest_licence(top)
    entries = tuple(
        _unread(source, one) if isinstance(one, Rejection) else _read(one, kinds(one.path), licence)
        for one in files
        if isinstance(one, Rejection) or one.file != workspace.project_dir / SETTINGS_FILE
    )
    return Reading(source.label, str(root), commit, dirty, entries)


def _folder(source: SourceSettings, workspace: Workspace) -> Path:
    try:
        root = (workspace.project_dir / Path(source.path).expanduser()).resolve(strict=True)
        if root.is_dir():
            os.scandir(root).close()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"source {source.label}: cannot read {source.path}: {reason}",
            "correct the path of this source in lore.toml, or remove it",
        ) from error
    return root


def _checked_out(source: SourceSettings, workspace: Workspace, *, refresh: bool) -> Checkout:
    return checkout(
        source.git if is_hosted(source.git) else _near(source.git, workspace),
        ref=source.ref,
        cache_dir=workspace.root / "cache" / "git",
        refresh=refresh,
        token_env=source.token_env,
    )


def _near(location: str, workspace: Workspace) -> str:
    """Return the path of a repository beside lore.toml, or what was written where none is."""
    try:
        inside = workspace.project_dir / Path(location).expanduser()
        return str(inside) if inside.exists() else location
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"cannot read the repository {location}: {reason}",
            "give a URL or the path of a repository on this machine",
        ) from error


def _fetched(source: SourceSettings, ingest: IngestSettings, workspace: Workspace) -> Reading:
    entries = tuple(
        _unread(source, one) if isinstance(one, Rejection) else _read(one.file, one.kind, lambda _: "")
        for one in _addresses(source, ingest, workspace, ask="nothing")
    )
    return Reading(source.label, source.pdfs or f"{len(source.urls)} addresses", "", False, entries)


def _addresses(
    source: SourceSettings, ingest: IngestSettings, workspace: Workspace, *, ask: Ask
) -> Iterator[FetchedFile | Rejection]:
    if not source.urls:
        return iter(())
    return fetch(
        source.urls,
        source=source.label,
        cache_dir=workspace.root / "cache" / "urls",
        max_bytes=ingest.max_bytes,
        timeout_s=ingest.timeout_s,
        ask=ask,
        kind_of=partial(kind_of, kinds=ingest.kinds),
    )


def _read(file: SourceFile, kind: str | None, licence: Callable[[Path], str]) -> Entry:
    try:
        data = file.file.read_bytes()
    except OSError as error:
        return Unread(file.source, file.path, f"cannot be read: {error.strerror}")
    digest = hashlib.sha256(data).hexdigest()
    return Read(replace(file, size=len(data)), kind or "", digest, licence(file.file))


def content(read: Read) -> bytes | None:
    """Return what a file held when it was read; None if it holds something else now.

    What was appended to it since, as to a log, is left to the next run.
    """
    with read.file.file.open("rb") as stream:
        data = stream.read(read.file.size)
    return data if hashlib.sha256(data).hexdigest() == read.digest else None


def _unread(source: SourceSettings, rejection: Rejection) -> Unread:
    return Unread(source.label, rejection.name.removeprefix(f"{source.label}/"), rejection.reason)
