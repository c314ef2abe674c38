"""Progress of work, said by libraries and shown by whoever called them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Tick(Protocol):
    """Counts the units done since the last call; the note, where there is one, replaces what stood beside the bar."""

    def __call__(self, units: int, note: str = "") -> None:
        """Count units."""
        ...


class Reporter(Protocol):
    """Shows how far work has come. The terminal has one; the default shows nothing."""

    def task(
        self, label: str, *, total: int | None, unit: str, done: int = 0
    ) -> AbstractContextManager[Tick]:
        """Open one piece of work, of which `done` units were finished before; its tick is called as work goes on."""
        ...

    def say(self, line: str) -> None:
        """Say one line about the work."""
        ...


class Silent:
    """A reporter that shows nothing."""

    @contextmanager
    def task(
        self,
        label: str,  # noqa: ARG002
        *,
        total: int | None,  # noqa: ARG002
        unit: str,  # noqa: ARG002
        done: int = 0,  # noqa: ARG002
    ) -> Iterator[Tick]:
        """Open a piece of work nobody watches."""
        yield lambda _units, _note="": None

    def say(self, line: str) -> None:
        """Drop the line."""
