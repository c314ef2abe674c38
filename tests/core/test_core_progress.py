"""Work says how far it has come; the library's default listens to nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.context import Context
from lorewright.core.errors import ParseError
from lorewright.core.progress import Reporter, Silent, Tick
from lorewright.core.records import Prediction, Record
from lorewright.core.workspace import Workspace


class Counting:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, int | None, str]] = []
        self.done: list[int] = []

    @contextmanager
    def task(self, label: str, *, total: int | None, unit: str, done: int = 0) -> Iterator[Tick]:
        self.tasks.append((label, total, unit))
        yield lambda units, _note="": self.done.append(units)

    def say(self, line: str) -> None:
        self.tasks.append((line, None, ""))


def parse(item: str) -> list[Record]:
    if item == "torn":
        raise ParseError("torn")
    return [Prediction(example_id=item, system="s", text=item)]


def context(folder: Path, reporter: Reporter) -> Context:
    folder.mkdir(parents=True, exist_ok=True)
    return Context(Workspace(folder), "parse@1", "parse", folder, {}, reporter)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_map_ticks_once_for_each_record_it_computes_failures_too(tmp_path: Path, workers: int) -> None:
    reporter = Counting()
    records = ["a", "torn", "b"]
    context(tmp_path, reporter).map(records, parse, name="parse", key=str, unit="documents", workers=workers)
    assert reporter.tasks == [("parse", 3, "documents")]
    assert reporter.done == [1, 1, 1]


def test_a_map_with_nothing_to_compute_shows_nothing(tmp_path: Path) -> None:
    reporter = Counting()
    assert context(tmp_path, reporter).map([], parse, name="parse", key=str) == []
    assert reporter.tasks == []


def test_silence_shows_nothing_and_lets_errors_pass(capfd: pytest.CaptureFixture[str]) -> None:
    silent: Any = Silent()
    silent.say("nobody hears this")
    with silent.task("work", total=3, unit="steps") as tick:
        tick(3)
    with pytest.raises(ParseError), silent.task("work", total=None, unit="steps"):
        raise ParseError("torn")
    assert capfd.readouterr() == ("", "")
