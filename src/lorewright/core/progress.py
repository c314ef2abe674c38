"""Progress of work, said by libraries and shown by whoever called them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tick = Callable[[int], None]


class Reporter(Protocol):
    """Shows how far work has come. The terminal has one; the default shows nothing."""

    def task(self, label: str, *, total: int | None, unit: str) -> AbstractContextManager[Tick]:
        """Open one piece of work; the tick it gives is called with the units done since the last call."""
        ...

    def say(self, line: str) -> None:
        """Say one line about the work."""
        ...


class Silent:
    """A reporter that shows nothing."""

    @contextmanager
    def task(self, label: str, *, total: int | None, unit: str) -> Iterator[Tick]:  # noqa: ARG002
        """Open a piece of work nobody watches."""
        yield lambda _units: None

    def say(self, line: str) -> None:
        """Drop the line."""
