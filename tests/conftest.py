"""A small project that the tests of stages and commands share, and a way to run `lore` on it."""

import io
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings as hypothesis_settings

from lorewright.core.locks import exclusive
from lorewright.loganalysis.synthesis import synthesize

# The same cases in every run; LORE_RANDOM_TESTS=1 lets hypothesis look further.
hypothesis_settings.register_profile("same", derandomize=True, deadline=None)
if not os.environ.get("LORE_RANDOM_TESTS"):
    hypothesis_settings.load_profile("same")

# Where tests run in the background, Ctrl-C may be ignored, and what they start would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

Lore = Callable[..., CompletedProcess[str]]
_look_up = socket.getaddrinfo

SETTINGS = """\
[project]
name = "Pumphouse"

[[sources]]
path = "docs"

[[sources]]
path = "logs"

[ingest]
workers = 0

[index]
exclude_kinds = ["log"]

[generation]
tasks = ["qa", "log_analysis"]
labels = ["labels.jsonl"]

[dataset]
split_by = "template"
ratios = [0.6, 0.2, 0.2]
min_examples = 4

[training]
rank = 4
alpha = 8
epochs = 1
batch_size = 4
max_length = 512
learning_rate = 1e-3
device = "cpu"
threads = 1
save_steps = 1

[training.tiny]
vocabulary_size = 400
steps = 6
hidden_size = 48
layers = 1
sequence_length = 64

[evaluation]
max_examples = 4
max_new_tokens = 8
passages = 1
context_chars = 300

[export]
types = ["q8_0"]
check_prompts = 1
"""

INSTALL = """\
# Installing Pumphouse

Pumphouse is a scheduler for water pumps that runs on one small computer beside the pumps.

## Requirements

Pumphouse needs Python 3.11 or newer, 512 MB of memory and a serial port for each pump controller.

## Upgrading from version 1

An upgrade from version 1 keeps all schedules, but the alarm rules must be written again in the new rule language.

## Removing Pumphouse

The command `pumphouse purge` stops every pump and removes the schedules, the logs and the service unit.
"""

OPTIONS = """\
# Configuration reference

Every option stands in the file `pumphouse.toml`, which is read again whenever it changes.

## Options

| Option | Default | Description |
| --- | --- | --- |
| `max_pressure` | 6.5 | Highest pressure in bar that a pump may build up before it is stopped. |
| `poll_seconds` | 15 | Seconds between two readings of the pressure sensors of one pump. |
| `night_mode` | false | Whether pumps run only at night, when electricity is cheap. |
| `alarm_mail` | none | Address that is told when a pump has stopped because of an alarm. |

## Order of precedence

An environment variable wins over the file, and an option on the command line wins over both of them.
"""

ALARMS = """\
# Alarms

Pumphouse raises an alarm when a reading leaves the range that its rule allows.

## Silencing an alarm

A silenced alarm stays in the list of alarms but sends no mail for the next twelve hours.

## Dry running

Dry running is detected when the current of the motor drops below a third of its usual value for ten seconds.

## Sensor failure

A sensor that gives no reading for one minute counts as failed, and its pump goes on at half of its speed.
"""

SCHEDULES = """\
Schedules
=========

A schedule says when a pump runs and how much water it should move.

Weekly schedules
----------------

A weekly schedule repeats every seven days and is shifted by one hour when daylight saving time begins.

Priorities
----------

When two schedules want the same pump, the schedule with the larger priority number gets it for the whole slot.

Catching up
-----------

A slot that was missed because of a power cut is made up for in the following night, at most once.
"""

GLOSSARY = """\
Glossary of the pump house

A controller is the box between the computer and the pump, connected by a serial line.

A slot is the smallest time for which a pump can be scheduled, which is five minutes.
"""

VALVES = '''\
"""Open and close the valves of a pump house."""


class Valve:
    """One valve, known by its number on the controller."""

    def open_slowly(self, seconds: float = 3.0) -> None:
        """Open the valve over a number of seconds, so that no pressure wave runs through the pipe.

        Args:
            seconds: How long the opening takes; less than one second is refused.
        """

    def close(self) -> bool:
        """Close the valve at once and return whether the end switch has confirmed that it is closed."""
        return True


def leak_rate(before: float, after: float, hours: float) -> float:
    """Return the litres lost in an hour, computed from two readings of the meter with all valves closed."""
    return (before - after) / hours
'''

DOCUMENTS = {
    "install.md": INSTALL,
    "reference/options.md": OPTIONS,
    "alarms.md": ALARMS,
    "schedules.rst": SCHEDULES,
    "glossary.txt": GLOSSARY,
    "valves.py": VALVES,
}


def _make_project(folder: Path) -> None:
    for name, text in DOCUMENTS.items():
        _write(folder / "docs" / name, text)
    labels = []
    for log in synthesize(seed=1, templates=20, per_template=2):
        _write(folder / "logs" / log.path, log.text)
        labels.append(json.dumps(log.label))
    _write(folder / "labels.jsonl", "\n".join(labels) + "\n")
    _write(folder / "lore.toml", SETTINGS)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _offline(host: Any, *arguments: Any, **options: Any) -> Any:
    if host not in {"127.0.0.1", "localhost", "::1"}:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not looked up in tests")
    return _look_up(host, *arguments, **options)


def _run_lore(*arguments: str, cwd: Path, stdin: str = "") -> "CompletedProcess[str]":
    """Run a command line inside this process, loading the libraries once, as on a machine without network."""
    from lorewright.cli.failures import guarded
    from lorewright.cli.main import lore as command

    out, err = io.StringIO(), io.StringIO()
    before = Path.cwd()
    argv, stdin_before = sys.argv, sys.stdin
    os.chdir(cwd)
    sys.argv, sys.stdin = ["lore", *arguments], io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err), mock.patch("socket.getaddrinfo", _offline):
            try:
                code = guarded(command)
            except SystemExit as stop:
                code = int(stop.code or 0)
    finally:
        os.chdir(before)
        sys.argv, sys.stdin = argv, stdin_before
    return CompletedProcess(list(arguments), code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def lore() -> Lore:
    """`lore(*arguments, cwd=...)` runs one command line and returns its exit code and what it printed."""
    return _run_lore


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of six documents and forty labelled logs, with nothing made yet."""
    folder = tmp_path / "project"
    _make_project(folder)
    return folder


def _built_once(tmp_path_factory: pytest.TempPathFactory, name: str, *commands: str) -> Path:
    """Return a project that some commands were run on, made by the first test process that asks."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "popen-gw" in shared.name else shared
    folder, done = shared / name, shared / f"{name}.done"
    with exclusive(shared / f"{name}.lock", what=name, wait_s=550):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make_project(folder)
            for command in commands:
                finished = _run_lore(*command.split(), cwd=folder)
                assert finished.returncode == 0, f"lore {command}: {finished.stdout}{finished.stderr}"
            done.touch()
    return folder


@pytest.fixture(scope="session")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built_once(tmp_path_factory, "prepared-project", "run")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built_once(tmp_path_factory, "trained-project", "run --train")


@pytest.fixture
def prepared(prepared_once: Path, tmp_path: Path) -> Path:
    """A copy of the project with everything cheap made: index and dataset."""
    return Path(shutil.copytree(prepared_once, tmp_path / "project"))


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of the project with the whole road made: trained, evaluated, exported."""
    return Path(shutil.copytree(trained_once, tmp_path / "project"))
