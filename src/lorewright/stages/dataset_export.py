"""dataset export: the sets of a version or a run in the formats that other programs read, each a folder of its own.

It makes no run; what it writes names what it was made from, and says what the format could not hold.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lorewright import __version__
from lorewright.core.errors import ConfigError
from lorewright.core.files import storage_errors, write_atomic
from lorewright.core.ids import short_id
from lorewright.core.locks import exclusive
from lorewright.core.marks import MARK
from lorewright.core.progress import Reporter
from lorewright.datasets.formats import FORMATS, Entry, Format, load_format
from lorewright.datasets.formats.format import PARTS, TRAIN, VALIDATION
from lorewright.datasets.formats.instructions import share_to_move
from lorewright.datasets.formats.lines import json_text
from lorewright.stages.dataset_sets import Sets
from lorewright.stages.export_files import FileMade, Tally, examine, write_format
from lorewright.stages.whole_folder import place_for, replacing

KIND = "export"
"""What the mark of an exported folder says that it is."""
_IGNORE = "# Made by lore dataset export.\n*\n"


@dataclass(frozen=True)
class Export:
    """What was written in one format, or would be.

    Attributes:
        format: Its name.
        folder: Where to.
        tally: What became of the examples.
        files: What was written, by name; none after a dry run.
    """

    format: str
    folder: Path
    tally: Tally
    files: tuple[FileMade, ...] = ()

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(one.bytes for one in self.files)

    @property
    def problem(self) -> str:
        """Why nothing is written; empty where something is."""
        if self.tally.written:
            return ""
        reasons = "; ".join(f"{count:,}: {reason}" for reason, count in self.tally.left_out.most_common(3))
        return f"{self.format} can hold none of the {self.tally.given:,} examples ({reasons})."

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "format": self.format,
            "folder": str(self.folder),
            "problem": self.problem,
            "given": self.tally.given,
            "written": self.tally.written,
            "left_out": dict(self.tally.left_out.most_common()),
            "lost": dict(self.tally.lost.most_common()),
            "rows": dict(sorted(self.tally.rows.items())),
            "files": [asdict(one) for one in self.files],
        }


def formats_told() -> list[dict[str, Any]]:
    """Return every format with what it is for and what it cannot hold, as JSON values."""
    told = []
    for name in FORMATS.names():
        form = load_format(name)
        lost = [part for part in PARTS if part not in form.holds]
        told.append({"name": name, "about": form.about, "cannot_hold": lost})
    return told


def folders_for(
    names: Sequence[str], out: Path, *, needed: Sequence[Path], force: bool, apart: bool
) -> dict[str, Path]:
    """Return the folder of each format: the one asked for, or one below it where there are several.

    Args:
        names: Of formats.
        out: As asked for.
        needed: Places that no export may replace.
        force: Whether a folder of something else may be replaced.
        apart: Whether even a single format gets a folder below.

    Raises:
        ConfigError: A format is not known, or something else would be replaced.
    """
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        load_format(name)
    if not chosen:
        raise ConfigError("No format is named.", "lore dataset export --list shows them")
    below = apart or len(chosen) > 1
    wanted = {name: out / name if below else out for name in chosen}
    return {
        name: place_for(folder, needed=needed, made_by="lore dataset export", kind=KIND, force=force)
        for name, folder in wanted.items()
    }


def foretell(sets: Sets, folders: Mapping[str, Path], *, reporter: Reporter) -> list[Export]:
    """Return what an export would come to, and write nothing."""
    found = []
    for name, folder in folders.items():
        form = load_format(name)
        with reporter.task(name, total=sets.total, unit="examples") as tick:
            found.append(Export(name, folder, examine(form, entries(sets, form), tick)))
    return found


def export_sets(sets: Sets, folders: Mapping[str, Path], *, reporter: Reporter) -> list[Export]:
    """Write each format into its folder; what stands there is replaced when the new one is whole.

    The folder of a format that can hold none of the examples is left as it was; its export says so.

    Raises:
        BusyError: Another export writes the same folder.
        StorageError: The disk refuses.
    """
    return [_export(sets, name, folder, reporter) for name, folder in folders.items()]


def entries(sets: Sets, form: Format) -> Iterator[Entry]:
    """Yield all examples of all sets as a format takes them."""
    share = share_to_move(sets.sizes.get(TRAIN, 0), sets.sizes.get(VALIDATION, 0))
    for split in sets.sizes:
        for example in sets.read(split):
            source = sets.source_of(example) if form.needs_source else None
            yield Entry(split, example, source, share, sets.made_at)


def _export(sets: Sets, name: str, folder: Path, reporter: Reporter) -> Export:
    form = load_format(name)
    with storage_errors(f"exporting {name}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with exclusive(_lock(folder), what=f"an export into {folder}"), replacing(folder) as growing:
                with reporter.task(name, total=sets.total, unit="examples") as tick:
                    tally, files = write_format(
                        form,
                        entries(sets, form),
                        growing,
                        splits=sets.sizes,
                        made_at=sets.made_at,
                        mark=f"{sets.mark}-{name}",
                        tick=tick,
                    )
                made = Export(name, folder, tally, files)
                if not tally.written:
                    raise _NothingHeldError
                _describe(growing, sets, made)
        except _NothingHeldError:
            return Export(name, folder, tally)
    return made


class _NothingHeldError(Exception):
    """Ends the writing of a folder that would be empty."""


def _lock(folder: Path) -> Path:
    """Return a lock that lies apart, for a folder's neighbours are the user's."""
    return Path(tempfile.gettempdir()) / f"lorewright-{os.getuid()}" / f"{short_id(str(folder))}.lock"


def _describe(growing: Path, sets: Sets, made: Export) -> None:
    told = made.told()
    del told["folder"], told["problem"]
    mark = {"kind": KIND, "from": sets.label, "made_by": f"lorewright {__version__}", **told}
    (growing / ".gitignore").write_text(_IGNORE, encoding="utf-8")
    write_atomic(growing / MARK, (json_text(mark, indent=2) + "\n").encode())
