"""Files of a folder that could be documents, in a stable order."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lorewright.core.errors import SourceError
from lorewright.core.making import document_id
from lorewright.core.marks import MARK
from lorewright.core.records import Rejection
from lorewright.sources.ignores import Ignore, ignored, ignores_above, own_ignore, patterns

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
class _Level:
    """A folder that is being walked: what is left of it, and the patterns that count in it."""

    entries: Iterator[os.DirEntry[str]]
    ignores: tuple[Ignore, ...]


@dataclass(frozen=True)
class _Walk:
    """What stays the same during one walk."""

    source: str
    root: Path
    include: "GitIgnoreSpec | None"
    exclude: "GitIgnoreSpec"
    max_bytes: int
    max_depth: int | None
    kind_of: Callable[[str], str | None]


def walk(
    root: Path,
    *,
    source: str,
    include: Sequence[str],
    exclude: Sequence[str],
    max_bytes: int,
    kind_of: Callable[[str], str | None],
    max_depth: int | None = None,
) -> Iterator[SourceFile | Rejection]:
    """Return the documents below a folder, or the one file that the root is, sorted by path.

    Hidden files and folders are skipped, as are folders that lore wrote (they hold `marks.MARK`) and what `.gitignore`
    files name (those above the root included, up
    to the repository's top, unless they ignore the root itself). Links to folders are not followed; a link to a
    file is, when it stays inside the root. A file of no known kind is not a document and is not mentioned.

    Args:
        root: A folder or a file.
        source: Name of the source, which goes into ids.
        include: Patterns in gitignore's language; a document must match one. None means all.
        exclude: Patterns in gitignore's language of what is left out.
        max_bytes: Larger files are rejected.
        kind_of: Says which kind of document a path is, None for none.
        max_depth: How many folders below the root documents may lie; a deeper folder that holds documents is one
            rejection. None is no limit.

    Raises:
        SourceError: The root does not exist or cannot be read, or a pattern is broken.
    """
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
        include=patterns(include, source=source) if include else None,
        exclude=patterns(exclude, source=source),
        max_bytes=max_bytes,
        max_depth=max_depth,
        kind_of=kind_of,
    )
    if not is_folder:
        return iter([_single(setup, real_root, root.name)])
    return _tree(setup, real_root, ignores_above(real_root))


def _single(setup: _Walk, file: Path, name: str) -> SourceFile | Rejection:
    """A file that was named is never passed over in silence."""
    if setup.kind_of(name) is None:
        return _reject(setup, name, f"no parser reads files named like {name}")
    return _sized(setup, file, name)


def _tree(setup: _Walk, top: Path, above: tuple[Ignore, ...]) -> Iterator[SourceFile | Rejection]:
    """Walk without recursion, as trees may be deeper than the stack."""
    levels: list[_Level] = []
    yield from _enter(setup, top, above, levels)
    while levels:
        level = levels[-1]
        entry = next(level.entries, None)
        if entry is None:
            levels.pop()
            continue
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") or ignored(path, is_folder, level.ignores):
            continue
        if not is_folder:
            yield from _file(setup, entry, _relative(setup, path))
        elif not setup.exclude.match_file(_relative(setup, path) + "/"):
            too_deep = setup.max_depth is not None and len(levels) > setup.max_depth
            enter = _too_deep if too_deep else _enter
            yield from enter(setup, path, level.ignores, levels)


def _enter(
    setup: _Walk, folder: Path, above: tuple[Ignore, ...], levels: list[_Level]
) -> Iterator[Rejection]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=_order)
    except OSError as error:
        yield _reject(setup, _relative(setup, folder), f"the folder cannot be read: {error.strerror}")
        return
    if folder != setup.root and any(entry.name == MARK for entry in entries):
        return
    levels.append(_Level(iter(entries), above + own_ignore(folder)))


def _too_deep(
    setup: _Walk, folder: Path, above: tuple[Ignore, ...], _levels: list[_Level]
) -> Iterator[Rejection]:
    if any(_tree(replace(setup, max_depth=None), folder, above)):
        reason = f"its documents lie deeper than the limit of {setup.max_depth} folders"
        yield _reject(setup, _relative(setup, folder), reason)


def _order(entry: os.DirEntry[str]) -> str:
    return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name


def _file(setup: _Walk, entry: os.DirEntry[str], name: str) -> Iterator[SourceFile | Rejection]:
    wanted = setup.include is None or setup.include.match_file(name)
    if not wanted or setup.exclude.match_file(name):
        return
    if entry.is_symlink():
        yield from _link(setup, Path(entry.path), name)
    elif setup.kind_of(name) is not None:
        yield _sized(setup, Path(entry.path), name)


def _link(setup: _Walk, path: Path, name: str) -> Iterator[SourceFile | Rejection]:
    target = Path(os.path.realpath(path))
    inside = target.is_relative_to(setup.root)
    mode = _mode(target)
    if stat.S_ISDIR(mode):
        if not inside:
            yield _reject(setup, name, "a link to a folder outside the source is not followed")
    elif setup.kind_of(name) is not None:
        if not inside:
            yield _reject(setup, name, "a link to a file outside the source is not followed")
        elif not stat.S_ISREG(mode):
            yield _reject(setup, name, "a link that leads to no file")
        else:
            yield _sized(setup, target, name)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


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
