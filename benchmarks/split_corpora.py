"""What a split promises, on real corpora: no leakage, and no example in another set after a tenth more documents.

    python benchmarks/split_corpora.py FOLDER [FOLDER ...]

Documents are asked about without a model (`extractive`). A folder with `*_structured.csv` files (loghub) becomes
logs of eight lines, labelled by the last, and `split_by` keeps each kind of event in one set. The datasets of nine
tenths of the files, drawn by a stable hash, and of all of them are compared. Prints a Markdown table; exits 1 when an
example leaks or moves.
"""

import argparse
import csv
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lorewright.core.progress import Silent
from lorewright.core.records import Example, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages.road import bring
from lorewright.stages.settings import load

_LINES_A_LOG = 8
_PROSE = "split_by = ''"
_LOGS = "split_by = 'template'"
_SETTINGS = """\
[project]
name = "corpus"
[[sources]]
path = "files"
[ingest]
workers = 0
[generation]
tasks = [{task}]
{labels}
[log_analysis]
{categories}
[dataset]
{split_by}
min_examples = 1
"""


def main() -> None:
    """Split every corpus twice, print what came out, exit 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3, help="Splits to try, each with a seed of its own.")
    arguments = parser.parse_args()
    print("| Corpus | Seed | Examples | After 10% more | Moved | Left out later | Leaking | Filled |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    broken = False
    for folder in arguments.folders:
        with tempfile.TemporaryDirectory() as place:
            for seed in range(arguments.seeds):
                broken |= _report(folder, Path(place), seed)
    sys.exit(1 if broken else 0)


def _report(folder: Path, place: Path, seed: int) -> bool:
    before, _ = _split(folder, place / "part", seed, share=0.9)
    after, run = _split(folder, place / "whole", seed, share=1.0)
    moved = sum(after[key] != name for key, name in before.items() if key in after)
    gone = sum(key not in after for key in before)
    leaking = sum(run.metrics["leakage"].values())
    filled = ", ".join(run.metrics["filled"].values()) or "no set"
    print(
        f"| {folder.name} | {seed} | {len(before):,} | {len(after):,} | {moved} | {gone} | {leaking} | {filled} |",
        flush=True,
    )
    return bool(leaking or moved)


def _split(folder: Path, project: Path, seed: int, *, share: float) -> tuple[dict[str, str], Run]:
    """Return the set of each example of a project with a share of the corpus, and the run that made it."""
    if not project.exists():
        _write_project(folder, project, share)
    workspace = Workspace(project)
    settings = load(project, (f"dataset.seed={seed}",))
    run = bring(workspace, settings, Silent(), upto="dataset", asked=("generate",))["dataset"]
    place = workspace.run_dir("dataset", run.id)
    sets = {name: list(read_table(place / f"{name}.parquet", Example)) for name in run.metrics["sets"]}
    return {example.id: name for name, members in sets.items() for example in members}, run


def _write_project(folder: Path, project: Path, share: float) -> None:
    (project / "files").mkdir(parents=True)
    tables = sorted(folder.glob("**/*_structured.csv"))
    if tables:
        labels = list(_write_logs(tables, project / "files", share))
        (project / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)) + "\n", encoding="utf-8")
        # Prompts list the categories, so they must be those of the whole corpus.
        categories = sorted({_category(row) for table in tables for row in _rows(table)})
        settings = _SETTINGS.format(
            task='"log_analysis"',
            labels='labels = ["labels.jsonl"]',
            categories=f"categories = {json.dumps(categories)}",
            split_by=_LOGS,
        )
    else:
        for path in sorted(folder.glob("**/*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and _drawn(name, share):
                target = project / "files" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        settings = _SETTINGS.format(task='"qa"', labels="", categories="", split_by=_PROSE)
    (project / "lore.toml").write_text(settings, encoding="utf-8")


def _write_logs(tables: list[Path], target: Path, share: float) -> Iterator[dict[str, object]]:
    """Write stretches of each log as files and yield the label of each: its last line, by its kind of event."""
    for table in tables:
        lines = table.with_name(table.name.removesuffix("_structured.csv")).read_text("utf-8").splitlines()
        rows = _rows(table)
        for last in range(_LINES_A_LOG - 1, min(len(lines), len(rows)), _LINES_A_LOG):
            name, row = f"{table.parent.name}/{last + 1:04d}.log", rows[last]
            if not _drawn(name, share):
                continue
            path = target / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines[last - _LINES_A_LOG + 1 : last + 1]) + "\n", encoding="utf-8")
            analysis = {
                "error_message": row["Content"],
                "category": _category(row),
                "severity": {"INFO": "low", "WARN": "medium", "WARNING": "medium"}.get(row["Level"], "high"),
            }
            yield {"path": name, "analysis": analysis, "template": f"{table.parent.name} {row['EventId']}"}


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _category(row: dict[str, str]) -> str:
    return row["Component"].rsplit(".", 1)[-1].lower() or "none"


def _drawn(name: str, share: float) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32 < share


if __name__ == "__main__":
    main()
