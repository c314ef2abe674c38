"""The workspace: finished runs, their manifests, locks and refs under `.lore/` beside `lore.toml`."""

import errno
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from lorewright.core.errors import NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.records import Run
from lorewright.core.refs import Refs

MANIFEST = "run.json"
PARTIAL = ".partial"
SETTINGS_FILE = "lore.toml"
_IGNORE_ALL = b"# Made by lore; all can be made again, but not lore.sqlite: what people decided.\n*\n"


class Workspace:
    """What is stored beside one project file.

    Attributes:
        project_dir: The folder that holds `lore.toml`.
        root: Its `.lore` folder.
    """

    def __init__(self, project_dir: Path) -> None:
        self.project_dir = project_dir.resolve()
        self.root = self.project_dir / ".lore"
        self.refs = Refs(self.root / "refs.jsonl")

    def prepare(self) -> None:
        """Make the folders; git is told to leave them alone."""
        (self.root / "runs").mkdir(parents=True, exist_ok=True)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            write_atomic(ignore, _IGNORE_ALL)

    def run_dir(self, stage: str, run_id: str) -> Path:
        """Return the folder of a finished run."""
        return self.root / "runs" / stage / run_id

    def partial_dir(self, stage: str, run_id: str) -> Path:
        """Return the folder where a run grows."""
        return self.root / "runs" / stage / f"{run_id}{PARTIAL}"

    def lock_path(self, stage: str, run_id: str) -> Path:
        """Return the lock of a run."""
        return self.root / "locks" / f"{stage}-{run_id}.lock"

    def find(self, stage: str, run_id: str) -> Run | None:
        """Return a finished run, or None."""
        path = self.run_dir(stage, run_id) / MANIFEST
        try:
            return Run.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in {errno.ENAMETOOLONG, errno.ENOTDIR}:
                return None
            raise
        except ValidationError as error:
            raise NotFoundError(
                f"The manifest {path} cannot be read: {error.error_count()} faults.",
                f"remove the folder {path.parent} and run the stage again",
            ) from error

    def manifest(self, stage: str, run_id: str) -> Run | None:
        """Return a run's manifest, even of a run whose data `lore gc` has removed; None if nothing is known of it."""
        kept = self.manifest_path(stage, run_id)
        return self.find(stage, run_id) or (
            Run.model_validate_json(kept.read_bytes()) if kept.exists() else None
        )

    def manifest_path(self, stage: str, run_id: str) -> Path:
        """Return where the manifest of a removed run is kept for lineage."""
        return self.root / "manifests" / stage / f"{run_id}.json"

    def runs(self, stage: str | None = None) -> Iterator[Run]:
        """Yield finished runs, oldest first within a stage."""
        base = self.root / "runs"
        stages = [stage] if stage else sorted(p.name for p in base.iterdir()) if base.is_dir() else []
        for name in stages:
            folder = base / name
            ids = [p.parent.name for p in folder.glob(f"*/{MANIFEST}") if not p.parent.name.endswith(PARTIAL)]
            found = [run for run in (self.find(name, run_id) for run_id in ids) if run]
            yield from sorted(found, key=lambda run: run.finished_at)

    def known(self) -> Iterator[Run]:
        """Yield finished runs, then those of which `lore gc` has left the manifest."""
        yield from self.runs()
        for path in sorted((self.root / "manifests").glob("*/*.json")):
            if not self.run_dir(path.parent.name, path.stem).exists():
                yield Run.model_validate_json(path.read_bytes())

    def newest(self, stage: str) -> Run | None:
        """Return the run that the stage's ref stands for, or else the one finished last."""
        value = self.refs.current().get(f"latest/{stage}")
        if value and (run := self.find(stage, value.partition("/")[2])):
            return run
        return max(self.runs(stage), key=lambda run: run.finished_at, default=None)

    def partials(self) -> list[Path]:
        """Return the folders of runs that were begun and not finished."""
        return sorted((self.root / "runs").glob(f"*/*{PARTIAL}"))

    def resolve(self, name: str) -> Run:
        """Return the run behind `STAGE`, `STAGE/ID`, an id or its beginning, or a ref.

        Raises:
            NotFoundError: Nothing or more than one run answers to it.
        """
        value = self.refs.current().get(name, name)
        stage, _, run_id = value.partition("/")
        if stage and (run := self.find(stage, run_id) if run_id else self.newest(stage)) is not None:
            return run
        beginning = run_id or stage
        candidates = self.runs(stage if run_id else None)
        matches = [run for run in candidates if beginning and run.id.startswith(beginning)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            listed = ", ".join(f"{run.stage}/{run.id}" for run in matches)
            raise NotFoundError(f"{name!r} fits more than one run: {listed}.", "write more of the id")
        raise NotFoundError(f"There is no run or ref named {name!r}.", "`lore status` lists them")


def find_project(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that holds `lore.toml`.

    Raises:
        NotFoundError: There is none.
    """
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise NotFoundError(f"There is no {SETTINGS_FILE} in {start.resolve()} or above it.", "lore init PATH")
