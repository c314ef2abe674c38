"""What happened to the files of all sources since the run before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from lorewright.core.records import FileState

KINDS_OF_CHANGE = ("added", "modified", "renamed", "deleted", "unchanged")


def compared(now: Sequence[FileState], before: Iterable[FileState]) -> tuple[list[FileState], dict[str, int]]:
    """Return the files with their change filled in, and how many of each change there were.

    A file is renamed when its content stood in the run before at a path that is gone now, in its own source or in
    another; each path that is gone stands for one rename at most. A renamed file that was edited too counts as added
    and the old one as deleted.
    """
    old = {(one.source, one.path): one for one in before}
    present = {(one.source, one.path) for one in now}
    gone: dict[str, list[FileState]] = defaultdict(list)
    for place, one in sorted(old.items(), reverse=True):
        if place not in present and one.digest:
            gone[one.digest].append(one)
    compared_files = [_compared(one, old, gone) for one in now]
    counts = Counter(str(one.change) for one in compared_files)
    counts["deleted"] = len(old.keys() - present) - counts["renamed"]
    return compared_files, {change: counts[change] for change in KINDS_OF_CHANGE}


def _compared(
    one: FileState, old: Mapping[tuple[str, str], FileState], gone: dict[str, list[FileState]]
) -> FileState:
    known = old.get((one.source, one.path))
    if known:
        same = (known.digest, known.kind, known.bytes) == (one.digest, one.kind, one.bytes)
        return one.model_copy(update={"change": "unchanged" if same else "modified"})
    moved = gone.get(one.digest)
    if not moved:
        return one.model_copy(update={"change": "added"})
    origin = next((known for known in reversed(moved) if known.source == one.source), moved[-1])
    moved.remove(origin)
    where = origin.path if origin.source == one.source else f"{origin.source}/{origin.path}"
    return one.model_copy(update={"change": "renamed", "before": where})
