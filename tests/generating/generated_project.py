"""A small project whose examples a scripted server makes, what came of it, and `lore` in a process of its own."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, TypeVar

from lorewright.core.records import Call, Chunk, Example, Record, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.generation.task import Task, builtin_task
from lorewright.llm.structured import read_json

R = TypeVar("R", bound=Record)
Lore = Callable[..., CompletedProcess[str]]
COMMAND = (sys.executable, "-c", "from lorewright.cli.main import main; main()")
PUMPS = ("Ajax", "Boreas", "Ceres", "Dione")

SETTINGS = """\
[project]
name = "Pumphouse"

[[sources]]
path = "docs"

[ingest]
workers = 0

[chunking]
min_chars = 0

[providers.office]
base_url = "{base_url}"
{provider}

[generation]
model = "office/scripted-1"
tasks = {tasks}
concurrency = 4
{generation}

{more}
"""

VALVES = '''\
"""Open and close the valves of a pump house."""


class Valve:
    """One valve, known by its number on the controller."""

    def close(self, seconds: float) -> bool:
        """Close the valve within some seconds and return whether the end switch has confirmed that it is closed."""
        return seconds > 0


def leak_rate(before: float, after: float, hours: float) -> float:
    """Return the litres lost in an hour, computed from two readings of the meter with all valves closed."""
    return (before - after) / hours
'''


PAGE = """\
# The pump {pump}

The pump {pump} moves {size}40 litres of water a minute and stands in the hall {hall}, beside the meter of the same
name. It is inspected each spring.

## Starting {pump}

To start {pump}, open its inlet valve by two turns, wait until the pressure of {pump} is above {size} bar, then press
the green button of {pump} for three seconds.

## Alarms of {pump}

The controller raises an alarm when the motor of {pump} draws less than {size} ampere for ten seconds, which means that
{pump} runs dry.
"""


def page(pump: str) -> str:
    """Return a document of three passages about a pump."""
    return PAGE.format(pump=pump, size=len(pump), hall=pump[0])


@dataclass
class Project:
    """A project of four documents of three passages each, and of some code.

    Attributes:
        folder: Where its lore.toml lies.
        lore: Runs a command line in this process.
    """

    folder: Path
    lore: Lore

    @property
    def workspace(self) -> Path:
        """Its `.lore`."""
        return self.folder / ".lore"

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def configure(
        self,
        base_url: str,
        *,
        tasks: Sequence[str] = ("qa",),
        generation: str = "",
        provider: str = "",
        more: str = "",
    ) -> None:
        """Write lore.toml."""
        self.write(
            "lore.toml",
            SETTINGS.format(
                base_url=base_url,
                tasks=json.dumps(list(tasks)),
                generation=generation,
                provider=provider,
                more=more,
            ),
        )

    def generate(self, *options: str, code: int = 0) -> "CompletedProcess[str]":
        """Run `lore generate`, which has to end with an exit code."""
        done = self.lore("generate", *options, cwd=self.folder)
        assert done.returncode == code, f"{done.stdout}{done.stderr}"
        return done

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start `lore` in a process of its own."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self) -> Run:
        """Return the newest run of generate."""
        done = self.lore("show", "generate", "--json", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return Run.model_validate_json(done.stdout)

    def runs(self) -> list[str]:
        """Return the ids of the finished runs of generate."""
        found = (self.workspace / "runs" / "generate").glob("*/run.json")
        return sorted(path.parent.name for path in found)

    def examples(self) -> list[Example]:
        """Return what was kept."""
        return self._rows("candidates", Example)

    def rejections(self) -> list[Rejection]:
        """Return what was not."""
        return self._rows("rejections", Rejection)

    def calls(self) -> list[Call]:
        """Return what became of the prompts."""
        return self._rows("calls", Call)

    def chunks(self) -> dict[str, Chunk]:
        """Return all passages by id."""
        path = self.workspace / "runs" / "chunk" / self.run().inputs["chunk"] / "chunks.parquet"
        return {chunk.id: chunk for chunk in read_table(path, Chunk)}

    def _rows(self, name: str, kind: type[R]) -> list[R]:
        folder = self.workspace / "runs" / "generate" / self.run().id
        return list(read_table(folder / f"{name}.parquet", kind))


def check(project: Project, own: Sequence[Task] = ()) -> None:
    """Check what every run promises: sound examples, and nothing lost on the way to them.

    Args:
        project: Its newest run has asked tasks that show no passages.
        own: Tasks besides the built-in ones.
    """
    run, examples, rejections, calls = (
        project.run(),
        project.examples(),
        project.rejections(),
        project.calls(),
    )
    chunks = project.chunks()
    for example in examples:
        assert [turn.role for turn in example.messages[-2:]] == ["user", "assistant"]
        assert all(turn.content.strip() for turn in example.messages)
        assert example.evidence or example.metadata.get("refusal")
        for piece in example.evidence:
            assert piece.quote.strip()
            assert chunks[piece.chunk_id].text[piece.start : piece.end] == piece.quote
    assert len({example.id for example in examples}) == len(examples)
    assert all(one.reason and one.filter for one in rejections)
    made = run.metrics
    assert (made["candidates"], made["rejected"], made["calls"]) == (
        len(examples),
        len(rejections),
        len(calls),
    )
    assert made["by_outcome"] == Counter(call.outcome for call in calls)
    assert all(bool(call.problem) == (call.outcome in {"invalid", "refused", "unanswered"}) for call in calls)
    failed = sum(one.filter == "failed" for one in rejections)
    assert failed == sum(bool(call.problem) for call in calls)
    tasks = {task.name: task for task in own}
    entries = (_entries(call, tasks.get(call.task) or builtin_task(call.task)) for call in calls)
    assert sum(entries) == len(examples) + len(rejections) - failed


def _entries(call: Call, task: Task) -> int:
    """Return how many records have to come of a call."""
    if call.problem:
        return 0
    reading = read_json(call.text, task.answer_schema, cut=call.outcome == "cut")
    items = reading.value[task.items] if task.items else [reading.value]
    return max(len(items), 1) + len(reading.dropped)


def kept_texts(project: Project) -> list[str]:
    """Return the texts of all replies that are kept, of a finished or a killed run."""
    path = project.workspace / "replies.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as replies:
        return [text for (text,) in replies.execute("SELECT text FROM replies")]


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    """Wait for something that a process does; it must not end before."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        if process is not None and process.poll() is not None:
            out, err = process.communicate()
            raise AssertionError(f"it ended before with {process.returncode}: {out}{err}")
        time.sleep(0.002)


def lines(text: str) -> Iterator[Any]:
    """Yield the values of JSON lines."""
    return (json.loads(line) for line in text.splitlines())
