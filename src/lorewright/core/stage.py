"""A stage: a named, versioned step from finished runs to a new one.

The run's id is known before anything is computed. It holds the digests of the artefacts consumed, not the ids of the
runs that made them: when an input was made anew with the same content, the chain ends there.
"""

import logging
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from lorewright import __version__
from lorewright.core.context import Context
from lorewright.core.errors import AccountError, NotFoundError
from lorewright.core.files import storage_errors, sync_folder, write_atomic
from lorewright.core.ids import short_id
from lorewright.core.locks import exclusive
from lorewright.core.logs import log_file
from lorewright.core.progress import Reporter
from lorewright.core.records import Metadata, Run
from lorewright.core.settings import result_settings
from lorewright.core.workspace import MANIFEST, Workspace

S = TypeVar("S", bound=BaseModel)
Needs = Mapping[str, tuple[str, ...]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outside:
    """What lies outside a workspace, as a stage found it.

    Attributes:
        value: JSON values that name it; they go into the run's id.
        found: What the run goes on with, so that it makes of it what its id says.
    """

    value: Any
    found: Any


@dataclass(frozen=True)
class Stage(Generic[S]):
    """One step of the road.

    Attributes:
        name: The verb, also the folder of its runs.
        version: Raised when the same inputs and settings would give another result.
        settings: The model of its settings.
        run: Does the work through the context; returns the run's metrics.
        needs: From settings to input stages and the artefacts consumed of each.
        fingerprint: What lies outside: file contents, a model's revision. JSON values, or an `Outside`.
        costly: Whether it runs only when asked for by name or inside the budget, by its settings.
        accounts: Units whose records it must account for (`Context.account`) before its run is finished.
    """

    name: str
    version: int
    settings: type[S]
    run: Callable[[S, Context], Metadata]
    needs: Callable[[S], Needs]
    fingerprint: Callable[[S, Workspace], Any] | None = None
    costly: Callable[[S], bool] = lambda _settings: False
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identity:
    """What a run would be, before it is made."""

    id: str
    settings: Metadata
    consumed: dict[str, str]
    fingerprint: str
    found: Any = None


def identify(stage: Stage[S], settings: S, inputs: Mapping[str, Run], workspace: Workspace) -> Identity:
    """Return the identity of the run that a stage would make of these inputs.

    Raises:
        NotFoundError: An input lacks an artefact that the stage consumes.
    """
    consumed = {}
    for name, artefacts in stage.needs(settings).items():
        for artefact in artefacts:
            if artefact not in inputs[name].outputs:
                raise NotFoundError(
                    f"The run {name}/{inputs[name].id} has no {artefact}, which {stage.name} needs.",
                    f"lore {name}",
                )
            consumed[f"{name}/{artefact}"] = inputs[name].outputs[artefact]
    outside = stage.fingerprint(settings, workspace) if stage.fingerprint else None
    value, found = (outside.value, outside.found) if isinstance(outside, Outside) else (outside, None)
    kept = result_settings(settings)
    fingerprint = "" if value is None else short_id(value)
    run_id = short_id(stage.name, stage.version, kept, consumed, fingerprint)
    return Identity(run_id, kept, consumed, fingerprint, found)


def execute(
    stage: Stage[S],
    settings: S,
    inputs: Mapping[str, Run],
    workspace: Workspace,
    reporter: Reporter,
    *,
    identity: Identity | None = None,
) -> Run:
    """Make the run, or return it if it is there already.

    Args:
        stage: What to run.
        settings: Its settings.
        inputs: The finished runs it consumes.
        workspace: Where the run will stand.
        reporter: Shows progress.
        identity: What `identify` said just now; asked for when None.

    Raises:
        BusyError: Another process is making this very run.
        StorageError: The disk refused; what was finished is kept for the next try.
        LoreError: Whatever the stage raises.
    """
    with storage_errors(f"running {stage.name}"):
        workspace.prepare()
        identity = identity or identify(stage, settings, inputs, workspace)
        lock = workspace.lock_path(stage.name, identity.id)
        with exclusive(lock, what=f"lore {stage.name} ({identity.id})"):
            run = workspace.find(stage.name, identity.id) or _make(
                stage, settings, inputs, identity, workspace, reporter
            )
        workspace.refs.move({f"latest/{stage.name}": f"{stage.name}/{run.id}"}, why=f"lore {stage.name}")
        return run


def _make(
    stage: Stage[S],
    settings: S,
    inputs: Mapping[str, Run],
    identity: Identity,
    workspace: Workspace,
    reporter: Reporter,
) -> Run:
    partial = workspace.partial_dir(stage.name, identity.id)
    partial.mkdir(parents=True, exist_ok=True)
    started_at, clock = datetime.now(UTC), time.monotonic()
    code = f"{stage.name}@{stage.version}"
    context = Context(workspace, code, stage.name, partial, inputs, reporter, identity.found)
    with log_file(partial / "log.txt"):
        _log.info("%s %s begins, settings %s", stage.name, identity.id, identity.settings)
        metrics = _accounted(stage, stage.run(settings, context), context)
        _log.info("%s %s is finished: %s", stage.name, identity.id, metrics)
    run = Run(
        id=identity.id,
        stage=stage.name,
        version=stage.version,
        settings=identity.settings,
        inputs={name: inputs[name].id for name in stage.needs(settings)},
        consumed=identity.consumed,
        fingerprint=identity.fingerprint,
        outputs=context.outputs,
        metrics=metrics,
        environment=_environment(time.monotonic() - clock),
        started_at=started_at,
        finished_at=datetime.now(UTC),
    )
    context.clear_scratch()
    write_atomic(partial / MANIFEST, run.model_dump_json(indent=2).encode("utf-8"))
    final = workspace.run_dir(stage.name, identity.id)
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    sync_folder(final.parent)
    return run


def _accounted(stage: Stage[S], metrics: Metadata, context: Context) -> Metadata:
    missing = [unit for unit in stage.accounts if unit not in context.accounts]
    if missing:
        raise AccountError(
            f"{stage.name} does not say what became of its {missing[0]}.",
            "this is a fault of the program: please report it with the command that you typed",
        )
    return {**metrics, "accounts": context.accounts} if context.accounts else metrics


def _environment(seconds: float) -> Metadata:
    return {
        "seconds": round(seconds, 3),
        "lorewright": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }
