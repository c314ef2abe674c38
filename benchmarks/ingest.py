"""Lorewright's parsing and chunking beside others', each in its own process and environment, in one run.

    python benchmarks/ingest.py --prepare FOLDER --markdown FOLDER [FOLDER ...] --pdf FOLDER [FOLDER ...]

Makes the environments and a tokenizer under `--prepare` where they are missing (pip, a minute or two), then measures.
All contestants get the same files, read from disk, each worker bound to one core; after a pass to warm up, rounds are
interleaved. Rates are per second of CPU time, imports excluded. Prints Markdown for docs/benchmarks.md; exits 1 when a
bar is missed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

WORKER = Path(__file__).parent / "peers" / "worker.py"
OURS = "lorewright"
TOKENIZER = "tokenizer.json"
LEAST_MARKDOWN_BYTES = 2_000_000
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "llama-index": ("llama-index-core==0.14.25", "llama-index-readers-file==0.7.0"),
    "markitdown": ("markitdown==0.1.9",),
    "synthetic-data-kit": ("synthetic-data-kit==0.0.5", "pdfminer.six==20260107"),
    "parts": ("pyromark", "tokenizers", "semantic-text-splitter==0.33.1"),
}


@dataclass(frozen=True)
class Entry:
    """One line of a table: who, in which environment, and the least ratio of our rate to theirs (0: no bar)."""

    contestant: str
    environment: str
    what: str
    bar: float = 0.0


@dataclass(frozen=True)
class Table:
    """Contestants on the same files; ours is the first."""

    title: str
    kind: str
    entries: tuple[Entry, ...]
    size: int = 1200
    tokens: bool = False


TABLES = (
    Table(
        "Markdown with structure, budgets in characters",
        "markdown",
        (
            Entry("lorewright", OURS, "parse, cut at headings"),
            Entry(
                "llama-index", "llama-index", "MarkdownNodeParser, SentenceSplitter, tokens not counted", 15
            ),
            Entry(
                "llama-index-as-it-comes",
                "llama-index",
                "SimpleDirectoryReader, MarkdownNodeParser, SentenceSplitter, all by default",
            ),
            Entry("markitdown", "markitdown", "conversion, no chunks", 15),
            Entry("parts-whole", "parts", "pyromark's events drained, MarkdownSplitter on the whole", 0.35),
            Entry("parts-by-headings", "parts", "pyromark's headings, TextSplitter on each section", 0.35),
        ),
    ),
    Table(
        "Markdown with structure, budgets in tokens",
        "markdown",
        (
            Entry("lorewright", OURS, "parse, cut at headings, count tokens"),
            Entry("tokenizer", "parts", "one tokenizer pass over each text, nothing else", 0.8),
        ),
        size=300,
        tokens=True,
    ),
    Table(
        "PDF, plain text",
        "pdf",
        (
            Entry("lorewright-pdf-text", OURS, "text, page by page"),
            Entry("pypdfium2", OURS, "the library's text alone"),
            Entry("llama-index-pdf-text", "llama-index", "PDFReader", 10),
            Entry("synthetic-data-kit-text", "synthetic-data-kit", "PDFParser", 10),
        ),
    ),
    Table(
        "PDF with structure",
        "pdf",
        (
            Entry("lorewright", OURS, "parse, chunk"),
            Entry("llama-index-pdf", "llama-index", "PDFReader, SentenceSplitter, tokens not counted", 4),
            Entry("synthetic-data-kit", "synthetic-data-kit", "PDFParser, split_into_chunks", 4),
        ),
    ),
)


@dataclass
class Worker:
    """A running contestant and what its passes cost."""

    entry: Entry
    process: subprocess.Popen[str]
    start: dict[str, Any] = field(default_factory=dict)
    passes: list[dict[str, Any]] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """Return the next result; empty when the worker has died."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        return dict(json.loads(line)) if line else {}

    def run(self) -> None:
        """Let it make one pass."""
        if self.process.stdin and "versions" in self.start:
            self.process.stdin.write("pass\n")
            self.process.stdin.flush()
            self.passes.append(self.answer())

    @property
    def seconds(self) -> float:
        """Median CPU seconds of a pass."""
        return statistics.median([float(one["seconds"]) for one in self.passes])


def main() -> None:
    """Prepare, measure, print, and exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepare", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--markdown", type=Path, nargs="*", default=[Path(__file__).parents[1] / "docs"])
    parser.add_argument("--pdf", type=Path, nargs="*", default=[])
    parser.add_argument("--repeat", type=int, default=0, help="times; 0: until there are 2 MB of Markdown")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    found = {"markdown": _files(arguments.markdown, "*.md"), "pdf": _files(arguments.pdf, "*.pdf")}
    missing = prepare(arguments.prepare, found["markdown"])
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.")
    kept = True
    for table in TABLES:
        files = found[table.kind]
        if not files:
            continue
        size = sum(file.stat().st_size for file in files)
        once = arguments.repeat or max(1, -(-LEAST_MARKDOWN_BYTES // max(1, size)))
        times = once if table.kind == "markdown" else 1
        print(
            f"\n### {table.title}\n\n{len(files)} files, {size / 1e6:.2f} MB, {times} times a pass, ", end=""
        )
        print(
            f"{arguments.rounds} rounds, "
            f"passages of at most {table.size} {'tokens' if table.tokens else 'characters'}.\n"
        )
        workers = measure(
            table, files * times, folder=arguments.prepare, missing=missing, rounds=arguments.rounds
        )
        kept &= report(workers, megabytes=size * times / 1e6)
        for entry in table.entries:
            if entry.environment in missing:
                print(f"\n{entry.environment} is not in the table: {missing[entry.environment]}")
    sys.exit(0 if kept else 1)


def _files(folders: Sequence[Path], pattern: str) -> list[Path]:
    """Return the files that are not empty, those with the same content once."""
    found = {
        file.read_bytes(): file
        for folder in folders
        for file in sorted(folder.rglob(pattern))
        if file.is_file()
    }
    return sorted(file.resolve() for content, file in found.items() if content.strip())


def prepare(folder: Path, markdown: Sequence[Path]) -> dict[str, str]:
    """Make what is missing of the environments and the tokenizer; return those that cannot be had, and why."""
    missing: dict[str, str] = {}
    for name, packages in ENVIRONMENTS.items():
        done = folder / name / "installed.txt"
        wanted = [package if "==" in package else f"{package}=={version(package)}" for package in packages]
        if done.exists() and done.read_text(encoding="utf-8").split() == wanted:
            continue
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder / name)], check=True)
        install = [
            _python(folder, name),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
            *wanted,
        ]
        result = subprocess.run(install, capture_output=True, text=True, check=False)
        if result.returncode:
            missing[name] = (result.stderr.strip().splitlines() or ["pip failed"])[-1]
        else:
            done.write_text("\n".join(wanted), encoding="utf-8")
    if "parts" not in missing and not (folder / TOKENIZER).exists():
        names = folder / "tokenizer-files.json"
        names.write_text(json.dumps([str(file) for file in markdown]), encoding="utf-8")
        train = ["train-tokenizer", str(names), "--tokenizer", str(folder / TOKENIZER)]
        subprocess.run([_python(folder, "parts"), str(WORKER), *train], check=True)
    return missing


def _python(folder: Path, environment: str) -> str:
    return sys.executable if environment == OURS else str(folder / environment / "bin" / "python")


def measure(
    table: Table, files: Sequence[Path], *, folder: Path, missing: dict[str, str], rounds: int
) -> list[Worker]:
    """Start a worker for each contestant that can be had, then let them take turns."""
    names = folder / f"files-{table.kind}.json"
    names.write_text(json.dumps([str(file) for file in files]), encoding="utf-8")
    options = ["--kind", table.kind, "--size", str(table.size)]
    options += ["--tokenizer", str(folder / TOKENIZER)] if table.tokens else []
    with ExitStack() as stack:
        workers = []
        for entry in table.entries:
            if entry.environment in missing:
                continue
            process = subprocess.Popen(
                [_python(folder, entry.environment), WORKER, entry.contestant, names, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            workers.append(Worker(entry, stack.enter_context(process)))
            workers[-1].start = workers[-1].answer()
        for _ in range(rounds):
            for worker in workers:
                worker.run()
        for worker in workers:
            if worker.process.stdin:
                worker.process.stdin.close()
    return workers


def report(workers: Sequence[Worker], *, megabytes: float) -> bool:
    """Print one table; return whether every bar is met."""
    print("| contestant | does | MB per CPU-second | ours ÷ theirs (least, most) | bar ", end="")
    print("| peak memory, MB | pieces | characters | failed | complaints |\n" + "|---" * 10 + "|")
    kept, ours = True, workers[0]
    for worker in workers:
        entry = worker.entry
        if not (worker.passes and all(worker.passes) and ours.passes and all(ours.passes)):
            reason = worker.start.get("error", "died")
            print(f"| {entry.contestant} | {entry.what} | {reason}" + " |" * 8)
            kept = False
            continue
        ratio = verdict = "–"
        if worker is not ours:
            each = [
                theirs["seconds"] / mine["seconds"]
                for mine, theirs in zip(ours.passes, worker.passes, strict=True)
            ]
            ratio = f"{worker.seconds / ours.seconds:.2f} ({min(each):.2f}, {max(each):.2f})"
        if entry.bar:
            met = worker.seconds / ours.seconds >= entry.bar
            kept &= met
            verdict = f"≥ {entry.bar:g}: {'met' if met else 'missed'}"
        last = worker.passes[-1]
        failed = ", ".join(f"{count} {name}" for name, count in last["failed"].items()) or "0"
        complaints = max(one["complaints"] for one in (worker.start, *worker.passes))
        print(
            f"| {', '.join(worker.start['versions'])} | {entry.what} | {megabytes / worker.seconds:.2f} | {ratio} "
            f"| {verdict} | {last['peak'] / 1e6:.0f} (start {worker.start['base'] / 1e6:.0f}) "
            f"| {last['pieces']} | {last['characters']} | {failed} | {complaints} |"
        )
    return kept


if __name__ == "__main__":
    main()
