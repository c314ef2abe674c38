"""The dotted name of a Python module from where its file stands."""

import re
from pathlib import PurePosixPath

_ROOTS = frozenset({"src", "lib", "site-packages", "dist-packages"})


def module_name(path: str) -> str:
    """Return the dotted name of a module from its path: `src/a/b/__init__.py` is `a.b`."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    for place in range(len(parts) - 2, -1, -1):
        if parts[place] in _ROOTS or re.fullmatch(r"python\d(?:\.\d+)?", parts[place]):
            parts = parts[place + 1 :]
            break
    if len(parts) > 1 and parts[-1] in {"__init__", "__main__"}:
        parts.pop()
    return ".".join(parts)
