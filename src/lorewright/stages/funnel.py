"""The funnel of finished runs: what came into each stage, what stayed, and why the rest did not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lorewright.core.records import Example, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.wants import wants
from lorewright.pages.funnel import FunnelStep, reasons_of, viewer
from lorewright.stages import curate, dataset, generate, ingest


@dataclass(frozen=True)
class _Level:
    """What a stage's metrics call the records that came in and stayed, and where those that came in lie."""

    stage: str
    records: str
    rejections: str
    came_in: Callable[[Run], int]
    kept: Callable[[Run], int]
    given: tuple[str, str] | None = None


_LEVELS = (
    _Level(
        "ingest",
        "files",
        ingest.REJECTIONS,
        came_in=lambda run: int(run.metrics["files"]),
        kept=lambda run: int(run.metrics["documents"]),
    ),
    _Level(
        "generate",
        "candidates",
        generate.REJECTIONS,
        came_in=lambda run: int(run.metrics["candidates"] + run.metrics["rejected"]),
        kept=lambda run: int(run.metrics["candidates"]),
    ),
    _Level(
        "curate",
        "examples",
        curate.REJECTIONS,
        came_in=lambda run: int(run.metrics["candidates"]),
        kept=lambda run: int(run.metrics["examples"]),
        given=("generate", generate.CANDIDATES),
    ),
    _Level(
        "dataset",
        "examples",
        dataset.REJECTIONS,
        came_in=lambda run: int(run.metrics["examples"]),
        kept=lambda run: int(run.metrics["accounts"]["examples"]["kept"]),
        given=("curate", curate.EXAMPLES),
    ),
)


def funnel(workspace: Workspace, runs: Mapping[str, Run]) -> tuple[FunnelStep, ...]:
    """Return the steps of the runs given by stage, as far as there are any, with ten records of each reason."""
    return tuple(_step(level, workspace, runs) for level in _LEVELS if level.stage in runs)


def _step(level: _Level, workspace: Workspace, runs: Mapping[str, Run]) -> FunnelStep:
    run = runs[level.stage]
    rejections = list(_read(workspace, run, level.rejections))
    given = runs.get(level.given[0]) if level.given else None
    path = workspace.run_dir(given.stage, given.id) / level.given[1] if given and level.given else None
    examples = read_table(path, Example) if path and path.exists() else iter(())
    return FunnelStep(
        stage=level.stage,
        records=level.records,
        came_in=level.came_in(run),
        kept=level.kept(run),
        reasons=reasons_of(rejections, view=viewer(rejections, examples), wants=wants),
    )


def _read(workspace: Workspace, run: Run, artefact: str) -> Iterator[Rejection]:
    path = workspace.run_dir(run.stage, run.id) / artefact
    return read_table(path, Rejection) if path.exists() else iter(())
