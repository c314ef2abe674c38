"""Patterns in gitignore's language: a user's own, and those of the `.gitignore` files of a tree."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from lorewright.core.errors import SourceError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Ignore:
    """The patterns of one `.gitignore`, which count below its own folder."""

    folder: Path
    spec: "GitIgnoreSpec"


def patterns(lines: Sequence[str], *, source: str) -> "GitIgnoreSpec":
    """Return a user's patterns, compiled.

    Raises:
        SourceError: One of them is broken.
    """
    for line in lines:
        if _compiled([line]) is None:
            raise SourceError(
                f"source {source}: {line!r} is no pattern",
                hint="correct `include` or `exclude` of this source in lore.toml",
            )
    return _tolerant(lines)


def own_ignore(folder: Path) -> tuple[Ignore, ...]:
    """Return the patterns of a folder's `.gitignore`, if that is a regular file; as in git, broken ones match none."""
    file = folder / ".gitignore"
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MAX_BYTES:
            return ()
        lines = file.read_text("utf-8-sig", errors="replace").split("\n")
    except OSError:
        return ()
    return (Ignore(folder, _tolerant(lines)),)


def ignores_above(root: Path) -> tuple[Ignore, ...]:
    """Return patterns from the repository's top down to the root's parent; none where they would ignore the root."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    between = [folder for folder in reversed(root.parents) if folder.is_relative_to(top)]
    ignores: tuple[Ignore, ...] = ()
    for folder, child in pairwise([*between, root]):
        ignores += own_ignore(folder)
        if ignored(child, True, ignores):
            return ()
    return ignores


def ignored(path: Path, is_folder: bool, ignores: Sequence[Ignore]) -> bool:
    """Say whether a path is ignored; the deepest `.gitignore` that says anything decides."""
    for ignore in reversed(ignores):
        name = path.relative_to(ignore.folder).as_posix() + ("/" if is_folder else "")
        decision = ignore.spec.check_file(name).include
        if decision is not None:
            return decision
    return False


def _tolerant(lines: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    whole = _compiled(lines)
    if whole is not None:
        return whole
    return GitIgnoreSpec([one.patterns[0] for line in lines if (one := _compiled([line])) and one.patterns])


def _compiled(lines: Sequence[str]) -> "GitIgnoreSpec | None":
    from pathspec import GitIgnoreSpec

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return None
