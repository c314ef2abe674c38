"""What a stage is given: its inputs, a place to write, reuse of earlier work, progress."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from lorewright.core.accounts import account
from lorewright.core.engine import Failure, run_local
from lorewright.core.errors import NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.ids import digest, short_id
from lorewright.core.progress import Reporter, Tick
from lorewright.core.records import Record, Run
from lorewright.core.reuse import Reuse
from lorewright.core.tables import read_table, write_table
from lorewright.core.workspace import Workspace

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True)
class Mapped:
    """What became of one record in `Context.map`: its outputs, or the reason why there are none."""

    source: Any
    outputs: tuple[Record, ...]
    error: str = ""


class Context:
    """Carries one run while it grows.

    Attributes:
        workspace: Where the run will stand.
        folder: The growing folder; everything written here becomes part of the run.
        inputs: The finished runs the stage consumes, by stage.
        found: What the stage's fingerprint found outside, if it hands anything on.
        reporter: Shows progress.
        outputs: Artefacts written so far, with the digest of their content.
        counts: Records computed and reused by `map`, for the metrics.
        accounts: By unit what was given, kept, rejected and failed, for the metrics.
    """

    def __init__(
        self,
        workspace: Workspace,
        code: str,
        stage: str,
        folder: Path,
        inputs: Mapping[str, Run],
        reporter: Reporter,
        found: Any = None,
    ) -> None:
        self.workspace = workspace
        self.folder = folder
        self.inputs = inputs
        self.found = found
        self.outputs: dict[str, str] = {}
        self.counts = {"computed": 0, "reused": 0}
        self.accounts: dict[str, dict[str, int]] = {}
        self._code = code
        self._stage = stage
        self.reporter = reporter

    @property
    def checkpoint_dir(self) -> Path:
        """A folder that survives a crash and goes away when the run is finished."""
        path = self.folder / "checkpoints"
        path.mkdir(exist_ok=True)
        return path

    @property
    def cache_dir(self) -> Path:
        """A folder shared by all runs of the workspace, for what can be fetched again."""
        path = self.workspace.root / "cache"
        path.mkdir(exist_ok=True)
        return path

    def path(self, stage: str, artefact: str) -> Path:
        """Return where an input's artefact lies.

        Raises:
            NotFoundError: It is not there, though its manifest says so.
        """
        found = self.workspace.run_dir(stage, self.inputs[stage].id) / artefact
        if not found.exists():
            raise NotFoundError(
                f"{found} is gone, though the run {stage}/{self.inputs[stage].id} lists it.",
                f"remove that run's folder, then lore {stage}",
            )
        return found

    def read(self, stage: str, artefact: str, record_type: type[R]) -> Iterator[R]:
        """Yield the records of an input's artefact."""
        return read_table(self.path(stage, artefact), record_type)

    def write(self, artefact: str, rows: Iterable[R], record_type: type[R]) -> int:
        """Write records as an artefact of this run and return how many there were."""
        count, self.outputs[artefact] = write_table(self.folder / artefact, rows, record_type)
        return count

    def write_json(self, artefact: str, value: Any, *, content: Any = None) -> None:
        """Write a JSON artefact; its digest is of `content` where given, else of the value."""
        spelled = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        write_atomic(self.folder / artefact, spelled.encode("utf-8"))
        self.outputs[artefact] = digest(value if content is None else content)

    def write_text(self, artefact: str, text: str) -> None:
        """Write a text artefact."""
        write_atomic(self.folder / artefact, text.encode("utf-8"))
        self.outputs[artefact] = digest(text)

    def add(self, artefact: str, content: Any) -> None:
        """Register an artefact that a library wrote into the folder; `content` decides its digest."""
        self.outputs[artefact] = digest(content)

    def account(
        self,
        unit: str,
        given: Iterable[str],
        *,
        kept: Iterable[str],
        rejected: Iterable[str] = (),
        failed: Iterable[str] = (),
    ) -> None:
        """Note by their ids what became of the records that went in.

        Raises:
            AccountError: One was lost, doubled or made up.
        """
        made = account(unit, given, kept=kept, rejected=rejected, failed=failed)
        self.accounts[unit] = asdict(made)

    def task(
        self, label: str, *, total: int | None, unit: str, done: int = 0
    ) -> AbstractContextManager[Tick]:
        """Open a piece of work whose progress is shown; `done` units of it were finished before."""
        return self.reporter.task(label, total=total, unit=unit, done=done)

    def say(self, line: str) -> None:
        """Say one line about the work."""
        self.reporter.say(line)

    def map(
        self,
        records: Sequence[T],
        function: Callable[..., Sequence[Record]],
        *,
        name: str,
        key: Callable[[T], Any],
        args: tuple[Any, ...] = (),
        workers: int = 0,
        timeout_s: float = 120.0,
        memory_bytes: int | None = None,
        unit: str = "records",
    ) -> list[Mapped]:
        """Apply a function to each record, copying what the newest run of this stage already holds.

        What a row depends on is its key, `args` and the stage's version: settings reach the function only through
        `args`. Records of one key are computed once. Finished rows are kept in part files, so a killed run goes on
        where it stopped. Failures are not kept: the next run tries them again.

        Args:
            function: Top-level, called as `function(record, *args)`; returns records.
            key: A JSON value that names all of the record that the function looks at.
            workers: Worker processes; 0 computes in this process.
            timeout_s: Seconds one record may take in a worker before it is stopped and fails.
            memory_bytes: Memory one worker may take before its record fails; None for no limit.

        Returns:
            One entry a record, in the order of `records`.
        """
        keys = [short_id(self._code, name, key(record), list(args)) for record in records]
        reuse = Reuse.open(self.workspace, self._stage, self.folder, name)
        first = {row_key: index for index, row_key in reversed(list(enumerate(keys)))}
        missing = sorted(index for row_key, index in first.items() if row_key not in reuse)
        self.counts["reused"] += len(keys) - len(missing)
        self.counts["computed"] += len(missing)
        failures: dict[str, str] = {}
        if missing:
            work = [records[index] for index in missing]
            with self.task(name, total=len(missing), unit=unit) as tick:
                for position, result in run_local(
                    function,
                    work,
                    args=args,
                    workers=workers,
                    timeout_s=timeout_s,
                    memory_bytes=memory_bytes,
                ):
                    row_key = keys[missing[position]]
                    if isinstance(result, Failure):
                        failures[row_key] = result.reason
                    else:
                        reuse.put(row_key, result)
                    tick(1)
        reuse.finish(keys)
        return [
            Mapped(record, (), failures[row_key])
            if row_key in failures
            else Mapped(record, reuse.get(row_key))
            for record, row_key in zip(records, keys, strict=True)
        ]

    def clear_scratch(self) -> None:
        """Remove what is only of use while the run grows."""
        shutil.rmtree(self.folder / "checkpoints", ignore_errors=True)
        Reuse.clear(self.folder)
        for torn in self.folder.glob(".*.tmp"):
            torn.unlink()
