"""Write a million examples in every format and read them again: megabytes a CPU second, and the largest memory.

    .venv/bin/python benchmarks/export_formats.py --rows 1000000

The examples are made by rule, from words that are drawn with a seed, and lie in a Parquet file as in a version of a
dataset. Each format is written and read in processes of their own; memory is the largest resident set of the process,
interpreter and libraries included.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lorewright.core.making import make_example
from lorewright.core.progress import Silent
from lorewright.core.records import Evidence, Example, Message
from lorewright.core.tables import read_table, write_table
from lorewright.datasets.formats import FORMATS, SourcePlace
from lorewright.stages.dataset_export import export_sets
from lorewright.stages.dataset_sets import Sets
from lorewright.stages.import_rows import look_at, read_examples

_WORDS = (
    "pump",
    "valve",
    "filter",
    "pressure",
    "water",
    "station",
    "operator",
    "shift",
    "report",
    "table",
    "query",
)
_PLACES = [
    SourcePlace(
        f"repository-{number}", f"docs/page-{number}.md", number % 3 == 0, "heading_based", "A pump " * 25
    )
    for number in range(12)
]


def examples(rows: int) -> Iterator[Example]:
    """Yield examples of about 400 characters, one in ten with an answer that a person replaced."""
    draw = random.Random(0)
    for number in range(rows):
        said = " ".join(draw.choices(_WORDS, k=40))
        yield make_example(
            task="qa",
            messages=(
                Message(role="user", content=f"What does case {number} say about the {said[:40]}?"),
                Message(role="assistant", content=f"It says: {said}."),
            ),
            evidence=(Evidence(chunk_id=f"{number % 100_000:016x}", start=0, end=60, quote=said[:60]),),
            origin="extractive",
            metadata={
                "document_id": f"{number % 5_000:016x}",
                "heading": "Cases",
                **({"replaced_answer": "It says nothing."} if number % 10 == 0 else {}),
            },
        )


def place_of(example: Example) -> SourcePlace:
    """Return where an example's passage stands."""
    return _PLACES[int(example.evidence[0].chunk_id, 16) % len(_PLACES)]


def write(table: Path, rows: int, name: str, folder: Path) -> int:
    """Write one format; return how many examples it took."""
    sets = Sets(
        label="benchmark/v1",
        sizes={"train": rows},
        read=lambda _split: read_table(table, Example),
        made_at="2026-01-01T00:00:00+00:00",
        mark="benchmark",
        source_of=place_of,
    )
    return export_sets(sets, {name: folder}, reporter=Silent())[0].tally.written


def read(folder: Path) -> int:
    """Read what was written again; return how many examples came."""
    return sum(one.example is not None for one in read_examples(look_at(folder, {}), task="qa"))


def measured(arguments: argparse.Namespace) -> None:
    """Do one part of the work in this process and print its figures as JSON."""
    parts = {
        "make": lambda: write_table(arguments.table, examples(arguments.rows), Example)[0],
        "write": partial(write, arguments.table, arguments.rows, arguments.format, arguments.folder),
        "read": partial(read, arguments.folder),
    }
    began = time.process_time()
    count = parts[arguments.part]()
    print(
        json.dumps(
            {
                "examples": count,
                "cpu_s": time.process_time() - began,
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def run(part: str, rows: int, table: Path, *, name: str = "", folder: Path = Path()) -> dict[str, float]:
    """Return the figures of one part, done in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--rows", str(rows), "--table", str(table)]
    done = subprocess.run(
        [*command, "--format", name, "--folder", str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def table_of(rows: int, names: list[str]) -> None:
    """Print a line a format."""
    print("| format | examples | MB | written, MB/CPU s | memory, MB | read, MB/CPU s | memory, MB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        table = Path(temporary) / "examples.parquet"
        run("make", rows, table)
        for name in names:
            folder = Path(temporary) / name
            wrote = run("write", rows, table, name=name, folder=folder)
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
            got = run("read", rows, table, folder=folder)
            if got["examples"] != wrote["examples"]:
                sys.exit(f"{name}: {wrote['examples']:,} examples were written, {got['examples']:,} read")
            print(
                f"| {name} | {wrote['examples']:,} | {size:,.0f} | {size / wrote['cpu_s']:,.1f} | "
                f"{wrote['memory_mb']:,.0f} | {size / got['cpu_s']:,.1f} | {got['memory_mb']:,.0f} |",
                flush=True,
            )
            subprocess.run(["rm", "-r", str(folder)], check=True)


def main() -> None:
    """Measure all formats, or do one part of the work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", default="", help="One format only.")
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    parser.add_argument("--table", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        measured(arguments)
    else:
        table_of(arguments.rows, [arguments.format] if arguments.format else FORMATS.names())


if __name__ == "__main__":
    main()
