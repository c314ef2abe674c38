"""Where to look: some sources, kinds of document or paths; as a condition of the table, or as a mask of its rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lorewright.core.errors import NotFoundError
from lorewright.core.printable import one_line
from lorewright.retrieval.store import one_of


@dataclass(frozen=True)
class Filters:
    """Where to look.

    Attributes:
        kinds: Kinds of document; empty for all.
        sources: Names of sources; empty for all.
        path: Gitignore-style pattern of paths, such as `core/**/*.rst`; empty for all.
    """

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    path: str = ""


EVERYWHERE = Filters()


@dataclass(frozen=True)
class Known:
    """What an index holds: the values that filters choose among."""

    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    paths: tuple[str, ...]


def chosen(filters: Filters, known: Known) -> dict[str, Sequence[str]]:
    """Return the values wanted by column, for the columns that are filtered; an empty list lets nothing through.

    Raises:
        NotFoundError: A kind or a source is not in the index, or no path fits the pattern.
    """
    wanted: dict[str, Sequence[str]] = {}
    if filters.kinds:
        wanted["kind"] = _checked(filters.kinds, known.kinds, "documents of kind", "--kind")
    if filters.sources:
        wanted["source"] = _checked(filters.sources, known.sources, "source", "--source")
    if filters.path:
        wanted["path"] = _matching(filters.path, known.paths)
    return wanted


def condition(wanted: Mapping[str, Sequence[str]]) -> str | None:
    """Return the condition of the table, or None where nothing is filtered."""
    return " AND ".join(one_of(column, values) for column, values in wanted.items()) or None


def mask(wanted: Mapping[str, Sequence[str]], columns: Mapping[str, Any]) -> Any | None:
    """Return which rows pass as a boolean array (rows,), or None where nothing is filtered."""
    import pyarrow as pa
    import pyarrow.compute as pc

    passed = None
    for column, values in wanted.items():
        one = pc.is_in(columns[column], value_set=pa.array(values, pa.string()))
        passed = one if passed is None else pc.and_(passed, one)
    return None if passed is None else passed.to_numpy(zero_copy_only=False)


def _checked(asked: Iterable[str], known: Sequence[str], what: str, option: str) -> tuple[str, ...]:
    for value in asked:
        if value not in known:
            near = get_close_matches(value, known, n=1)
            hint = f"{option} {near[0]}" if near else f"known are: {', '.join(known[:20])}"
            raise NotFoundError(f"The index has no {what} {value!r}.", one_line(hint))
    return tuple(asked)


def _matching(pattern: str, paths: Sequence[str]) -> tuple[str, ...]:
    from pathspec import GitIgnoreSpec

    try:
        found = tuple(GitIgnoreSpec.from_lines([pattern]).match_files(paths))
    except (ValueError, re.error):  # half an escape, or a range of characters in reverse
        found = ()
    if not found:
        example = f", such as {one_line(paths[0])}" if paths else ""
        raise NotFoundError(
            f"No path in the index fits {pattern!r}.", f"--path takes a glob of paths{example}"
        )
    return found
