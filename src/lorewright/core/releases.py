"""Releases of installed libraries: where another release gives another result, it belongs to a run's id."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release(name: str) -> str:
    """Return a library as `name=release`; the release is empty where it is not installed."""
    try:
        return f"{name}={version(name)}"
    except PackageNotFoundError:
        return f"{name}="
