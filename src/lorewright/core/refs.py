"""Refs: names for runs, in one append-only journal.

A line of `refs.jsonl` is one change: when, who, why, and moves that happen together. Each move says the value it
expects to find, so that two writers cannot overwrite each other without noticing.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from lorewright.core.errors import BusyError
from lorewright.core.locks import exclusive
from lorewright.core.users import user_name


@dataclass(frozen=True)
class Move:
    """One name going from an old value to a new one; None is "not set"."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    time: str
    who: str
    why: str
    moves: tuple[Move, ...]


class Refs:
    """The journal of a workspace."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        """Return every change, oldest first. A torn last line (a crash while writing) is left out."""
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_bytes().split(b"\n"):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            moves = tuple(Move(**move) for move in row["moves"])
            found.append(Entry(row["time"], row["who"], row["why"], moves))
        return found

    def current(self) -> dict[str, str]:
        """Return each name with the run it stands for now, as `stage/id`."""
        values: dict[str, str] = {}
        for entry in self.entries():
            for move in entry.moves:
                if move.new is None:
                    values.pop(move.name, None)
                else:
                    values[move.name] = move.new
        return values

    def move(
        self, targets: Mapping[str, str | None], *, why: str, expected: Mapping[str, str | None] | None = None
    ) -> None:
        """Point names at runs, all in one line; names already there are left out.

        Raises:
            BusyError: A name does not stand where `expected` says.
        """
        with exclusive(self._path.with_suffix(".lock"), what="the refs journal", wait_s=10.0):
            now = self.current()
            for name, value in (expected or {}).items():
                if now.get(name) != value:
                    raise BusyError(
                        f"The ref {name!r} is at {now.get(name)!r}, not at {value!r}: somebody moved it.",
                        "look at `lore status`, then try again",
                    )
            moves = [Move(name, now.get(name), new) for name, new in targets.items() if now.get(name) != new]
            if moves:
                self._append(moves, why)

    def _append(self, moves: Sequence[Move], why: str) -> None:
        row = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": user_name(),
            "why": why,
            "moves": [asdict(move) for move in moves],
        }
        line = json.dumps(row, ensure_ascii=False) + "\n"
        with self._path.open("ab+") as stream:
            if stream.tell() and not _ends_with_newline(self._path):
                line = "\n" + line
            stream.write(line.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
