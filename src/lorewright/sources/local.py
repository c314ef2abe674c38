"""Files of a folder that could be documents, in a stable order."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lorewright.core.errors import SourceError
from lorewright.core.records import Rejection, document_id

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True)
class SourceFile:
    """A file that a parser can read.

    Attributes:
        source: Name of its source.
        path: Its path below the root of the source, with forward slashes.
        file: Where to read it.
        size: Bytes.
    """

    source: str
    path: str
    file: Path
    size: int


@dataclass(frozen=True)
class _Ignore:
    """The patterns of one `.gitignore`, which count below its own folder."""

    folder: Path
    spec: "GitIgnoreSpec"


@dataclass(frozen=True)
class _Walk:
    """What stays the same during one walk."""

    source: str
    root: Path
    include: "GitIgnoreSpec | None"
    exclude: "GitIgnoreSpec"
    max_bytes: int
    kind_of: Callable[[str], str | None]


def walk(
    root: Path,
    *,
    source: str,
    include: Sequence[str],
    exclude: Sequence[str],
    max_bytes: int,
    kind_of: Callable[[str], str | None],
) -> Iterator[SourceFile | Rejection]:
    """Return the documents below a folder, or the one file that the root is, sorted by path.

    Hidden files and folders are skipped, as is what `.gitignore` files name (those above the root included, up
    to the repository's top, unless they ignore the root itself). Links to folders are not followed; a link to a
    file is, when it stays inside the root. A file of no known kind is not a document and is not mentioned.

    Args:
        root: A folder or a file.
        source: Name of the source, which goes into ids.
        include: Patterns in gitignore's language; a document must match one. None means all.
        exclude: Patterns in gitignore's language of what is left out.
        max_bytes: Larger files are rejected.
        kind_of: Says which kind of document a path is, None for none.

    Raises:
        SourceError: The root does not exist or cannot be read.
    """
    from pathspec import GitIgnoreSpec

    try:
        real_root = root.resolve(strict=True)
        is_folder = real_root.is_dir()
        if is_folder:
            os.scandir(real_root).close()
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"source {source}: cannot read {root}: {reason}",
            hint="correct the path of this source in lore.toml, or remove it",
        ) from error
    setup = _Walk(
        source=source,
        root=real_root if is_folder else real_root.parent,
        include=GitIgnoreSpec.from_lines(include) if include else None,
        exclude=GitIgnoreSpec.from_lines(exclude),
        max_bytes=max_bytes,
        kind_of=kind_of,
    )
    if not is_folder:
        return iter([_single(setup, real_root, root.name)])
    return _folder(setup, real_root, _ignores_above(real_root))


def _single(setup: _Walk, file: Path, name: str) -> SourceFile | Rejection:
    """A file that was named is never passed over in silence."""
    if setup.kind_of(name) is None:
        return _reject(setup, name, f"no parser reads files named like {name}")
    return _sized(setup, file, name)


def _folder(setup: _Walk, folder: Path, above: tuple[_Ignore, ...]) -> Iterator[SourceFile | Rejection]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=_order)
    except OSError as error:
        yield _reject(setup, _relative(setup, folder), f"the folder cannot be read: {error.strerror}")
        return
    ignores = above + _own_ignore(folder)
    for entry in entries:
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") or _ignored(path, is_folder, ignores):
            continue
        if not is_folder:
            yield from _file(setup, path, _relative(setup, path))
        elif not setup.exclude.match_file(_relative(setup, path) + "/"):
            yield from _folder(setup, path, ignores)


def _order(entry: os.DirEntry[str]) -> str:
    return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name


def _file(setup: _Walk, path: Path, name: str) -> Iterator[SourceFile | Rejection]:
    wanted = setup.include is None or setup.include.match_file(name)
    if not wanted or setup.exclude.match_file(name):
        return
    if path.is_symlink():
        yield from _link(setup, path, name)
    elif setup.kind_of(name) is not None and path.is_file():
        yield _sized(setup, path, name)


def _link(setup: _Walk, path: Path, name: str) -> Iterator[SourceFile | Rejection]:
    target = Path(os.path.realpath(path))
    inside = target.is_relative_to(setup.root)
    if target.is_dir():
        if not inside:
            yield _reject(setup, name, "a link to a folder outside the source is not followed")
    elif setup.kind_of(name) is not None:
        if not inside:
            yield _reject(setup, name, "a link to a file outside the source is not followed")
        elif not target.is_file():
            yield _reject(setup, name, "a link that leads to no file")
        else:
            yield _sized(setup, target, name)


def _sized(setup: _Walk, file: Path, name: str) -> SourceFile | Rejection:
    try:
        name.encode()
        status = file.stat()
    except UnicodeEncodeError:
        return _reject(setup, name, "its name is not UTF-8")
    except OSError as error:
        return _reject(setup, name, f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(status.st_mode):
        return _reject(setup, name, "is no regular file")
    if status.st_size > setup.max_bytes:
        return _reject(setup, name, f"{status.st_size:,} bytes, more than the limit of {setup.max_bytes:,}")
    return SourceFile(source=setup.source, path=name, file=file, size=status.st_size)


def _reject(setup: _Walk, name: str, reason: str) -> Rejection:
    readable = name.encode("utf-8", "backslashreplace").decode()
    return Rejection(
        record="document",
        record_id=document_id(setup.source, readable),
        filter="source",
        reason=reason.encode("utf-8", "backslashreplace").decode(),
        name=f"{setup.source}/{readable}",
    )


def _relative(setup: _Walk, path: Path) -> str:
    return PurePosixPath(path.relative_to(setup.root)).as_posix()


def _own_ignore(folder: Path) -> tuple[_Ignore, ...]:
    from pathspec import GitIgnoreSpec

    try:
        lines = (folder / ".gitignore").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return (_Ignore(folder, GitIgnoreSpec.from_lines(lines)),)


def _ignores_above(root: Path) -> tuple[_Ignore, ...]:
    """Patterns from the repository's top down to the root's parent; none where they would ignore the root."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    between = [folder for folder in reversed(root.parents) if folder.is_relative_to(top)]
    ignores: tuple[_Ignore, ...] = ()
    for folder, child in pairwise([*between, root]):
        ignores += _own_ignore(folder)
        if _ignored(child, True, ignores):
            return ()
    return ignores


def _ignored(path: Path, is_folder: bool, ignores: tuple[_Ignore, ...]) -> bool:
    """The deepest `.gitignore` that says anything decides."""
    for ignore in reversed(ignores):
        name = path.relative_to(ignore.folder).as_posix() + ("/" if is_folder else "")
        decision = ignore.spec.check_file(name).include
        if decision is not None:
            return decision
    return False
