"""Lorewright's retrieval beside others', each in its own process and environment, in one run.

    python benchmarks/retrieve.py --prepare FOLDER [--from FOLDER ...] [--million]

Makes the environments under `--prepare` where they are missing (pip, a minute or two), cuts passages from the texts
below `--from` (the standard library and site-packages unless told), builds every index, then searches: after some
queries to warm up, rounds are interleaved. Queries are embedded beforehand. Prints Markdown for docs/benchmarks.md;
exits 1 when a bar is missed.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORKER = HERE / "peers" / "search_worker.py"
OURS = "lorewright"
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "llama-index": ("llama-index-core==0.14.25", "llama-index-retrievers-bm25==0.8.0"),
    "chroma": ("chromadb==1.5.9",),
    "words": ("bm25s==0.3.16", "PyStemmer==3.1.0", "rank-bm25==0.2.2", "tantivy==0.27.0", "numpy"),
}
CONTESTANTS = {
    "lorewright": OURS,
    "llama-index": "llama-index",
    "chroma": "chroma",
    "bm25s": "words",
    "rank-bm25": "words",
    "tantivy": "words",
}
DOES = {
    "lorewright": "passages on disk; vectors compared one by one",
    "llama-index": "default store, in memory; BM25Retriever; QueryFusionRetriever",
    "chroma": "PersistentClient, HNSW",
    "bm25s": "scores computed ahead, in memory",
    "rank-bm25": "BM25Okapi, in memory",
    "tantivy": "index on disk",
}
BARS_MS = {"full-text": 5.0, "hybrid": 15.0}  # p95 of ours
MODES = ("full-text", "dense", "hybrid")
WARM_UP = 30
PER_ROUND = 200
MOST_SECONDS = 10.0  # of one contestant's round in one mode
SIZES = (50_000, 100_000, 200_000, 400_000, 1_000_000)  # of the table on ANN
_QUERIES = 1000


@dataclass
class Contestant:
    """One that searches, what its build cost and what its rounds took."""

    name: str
    process: subprocess.Popen[str]
    built: dict[str, Any]
    opened: dict[str, Any] = field(default_factory=dict)
    rounds: dict[tuple[str, bool], list[dict[str, Any]]] = field(default_factory=dict)

    def search(self, mode: str, first: int, count: int, *, filtered: bool) -> dict[str, Any]:
        """Let it search some queries one after the other."""
        order = {"mode": mode, "first": first, "count": count, "filtered": filtered, "seconds": MOST_SECONDS}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def quantile(self, mode: str, part: float, *, filtered: bool) -> float:
        """Return the median over rounds of a quantile of their milliseconds."""
        return statistics.median(quantile(one["ms"], part) for one in self.rounds[mode, filtered])

    def times(self, mode: str, *, filtered: bool = False) -> str:
        """Return p50 and p95 as a cell of a table."""
        if (mode, filtered) not in self.rounds:
            return "–"
        p50, p95 = (self.quantile(mode, part, filtered=filtered) for part in (0.5, 0.95))
        return f"{spelled(p50)} / {spelled(p95)}"


def main() -> None:
    """Prepare, build, search, print, and exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepare", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--from", dest="folders", type=Path, nargs="*", default=default_folders())
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--million", action="store_true", help="ours alone with a million drawn passages")
    parser.add_argument("--only", nargs="*", choices=CONTESTANTS, default=list(CONTESTANTS))
    arguments = parser.parse_args()
    missing = prepare(arguments.prepare)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores.\n")
    folder = cut(arguments.prepare / f"passages-{arguments.passages}", arguments)
    names = [name for name in arguments.only if CONTESTANTS[name] not in missing]
    built = {name: build(name, arguments.prepare, folder) for name in names}
    contestants = measure(built, arguments.prepare, folder, rounds=arguments.rounds)
    kept = report(contestants)
    sys.stdout.flush()
    for environment, reason in missing.items():
        print(f"\n{environment} is not in the table: {reason}")
    alone = [sys.executable, str(HERE / "retrieve_alone.py"), str(folder), "--index"]
    kept &= not subprocess.run(
        [*alone, str(index_of(arguments.prepare, folder, OURS))], check=False
    ).returncode
    if arguments.million:
        million = cut(arguments.prepare / "passages-million", arguments, drawn=1_000_000)
        cost = build(OURS, arguments.prepare, million)
        print(
            f"\n### A million passages\n\nBuild: {cost['wall_s']:.0f} s, {cost['cpu_s']:.0f} s of CPU, "
            f"{cost['disk'] / 1e9:.1f} GB on disk, peak memory {cost['peak'] / 1e6:.0f} MB.\n",
            flush=True,
        )
        kept &= not subprocess.run(
            [
                *alone[:2],
                str(million),
                "--index",
                str(index_of(arguments.prepare, million, OURS)),
                "--million",
                "--sizes",
                *map(str, SIZES),
            ],
            check=False,
        ).returncode
    sys.exit(0 if kept else 1)


def default_folders() -> list[Path]:
    """Return the standard library and this environment's packages."""
    paths = sysconfig.get_paths()
    return [Path(paths["stdlib"]), Path(paths["purelib"])]


def prepare(folder: Path) -> dict[str, str]:
    """Make what is missing of the environments; return those that cannot be had, and why."""
    missing: dict[str, str] = {}
    for name, packages in ENVIRONMENTS.items():
        done = folder / f"retrieval-{name}" / "installed.txt"
        if done.exists() and done.read_text(encoding="utf-8").split() == list(packages):
            continue
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(done.parent)], check=True)
        install = ["-m", "pip", "install", "--quiet", *packages]
        result = subprocess.run([done.parent / "bin" / "python", *install], capture_output=True, check=False)
        if result.returncode:
            missing[name] = (result.stderr.decode().strip().splitlines() or ["pip failed"])[-1]
        else:
            done.write_text("\n".join(packages), encoding="utf-8")
    return missing


def cut(folder: Path, arguments: argparse.Namespace, *, drawn: int = 0) -> Path:
    """Return a folder of passages, made if missing."""
    if not (folder / "made.json").exists():
        count = ["--passages", str(drawn or arguments.passages)] + ["--drawn"] * bool(drawn)
        made = [sys.executable, str(HERE / "passages.py"), str(folder), *count, "--from"]
        subprocess.run([*made, *map(str, arguments.folders)], check=True)
    return folder


def index_of(prepared: Path, folder: Path, name: str) -> Path:
    """Return where a contestant keeps its index."""
    return prepared / "indexes" / f"{folder.name}-{name}"


def command(name: str, do: str, prepared: Path, folder: Path) -> list[str]:
    """Return the command line of a contestant's process."""
    environment = CONTESTANTS[name]
    python = prepared / f"retrieval-{environment}" / "bin" / "python"
    started = [sys.executable if environment == OURS else str(python), str(WORKER)]
    return [*started, name, do, str(folder), str(index_of(prepared, folder, name))]


def build(name: str, prepared: Path, folder: Path) -> dict[str, Any]:
    """Build a contestant's index anew and return what it cost."""
    shutil.rmtree(index_of(prepared, folder, name), ignore_errors=True)
    result = subprocess.run(command(name, "build", prepared, folder), stdout=subprocess.PIPE, check=True)
    return dict(json.loads(result.stdout))


def measure(
    built: dict[str, dict[str, Any]], prepared: Path, folder: Path, *, rounds: int
) -> list[Contestant]:
    """Open every index, then let the contestants take turns."""
    with ExitStack() as stack:
        contestants = []
        for name, cost in built.items():
            process = subprocess.Popen(
                command(name, "search", prepared, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            one = Contestant(name, stack.enter_context(process), cost)
            assert process.stdout
            one.opened = dict(json.loads(process.stdout.readline()))
            for mode, filtered in searches(one):
                one.search(mode, _QUERIES - WARM_UP, WARM_UP, filtered=filtered)
            contestants.append(one)
        for turn in range(rounds):
            first = turn * PER_ROUND % (_QUERIES - PER_ROUND)
            for one in contestants:
                for mode, filtered in searches(one):
                    found = one.search(mode, first, PER_ROUND, filtered=filtered)
                    one.rounds.setdefault((mode, filtered), []).append(found)
        for one in contestants:
            assert one.process.stdin
            one.process.stdin.close()
    return contestants


def searches(one: Contestant) -> list[tuple[str, bool]]:
    """Return what a contestant can do: modes, without a filter on the source and with one."""
    filtered = one.opened["filtered"]
    return [
        (mode, narrow) for narrow in (False, True) for mode in (filtered if narrow else one.opened["modes"])
    ]


def quantile(values: Sequence[float], part: float) -> float:
    """Return the least value that is not exceeded by so large a part."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def spelled(milliseconds: float) -> str:
    return f"{milliseconds:.1f}" if milliseconds < 100 else f"{milliseconds:.0f}"


def report(contestants: Sequence[Contestant]) -> bool:
    """Print the tables; return whether every bar is met."""
    print("### Searching: milliseconds, p50 / p95\n")
    print(
        "| contestant | full text | dense | hybrid | full text, one source | dense, one source "
        "| hybrid, one source | recall@10, dense | queries |\n" + "|---" * 9 + "|"
    )
    exact = next((one for one in contestants if one.name == OURS), None)
    for one in contestants:
        cells = [one.times(mode, filtered=narrow) for narrow in (False, True) for mode in MODES]
        least = min(sum(len(found["ms"]) for found in rounds) for rounds in one.rounds.values())
        most = max(sum(len(found["ms"]) for found in rounds) for rounds in one.rounds.values())
        count = f"{least}" if least == most else f"{least} to {most}"
        print(f"| {versions(one)} | {' | '.join(cells)} | {recall(one, exact)} | {count} |")
    print("\n### Building and opening\n")
    print("| contestant | keeps | build, s | CPU, s | disk, MB | peak memory of the build, MB ", end="")
    print("| open and first query, s | peak memory of searching, MB |\n" + "|---" * 8 + "|")
    for one in contestants:
        cost, peak = one.built, max(found["peak"] for rounds in one.rounds.values() for found in rounds)
        print(
            f"| {versions(one)} | {DOES[one.name]} | {cost['wall_s']:.1f} | {cost['cpu_s']:.1f} "
            f"| {cost['disk'] / 1e6:.0f} | {cost['peak'] / 1e6:.0f} | {one.opened['open_s']:.2f} | {peak / 1e6:.0f} |"
        )
    kept = True
    print()
    for mode, bar in BARS_MS.items() if exact else ():
        p95 = exact.quantile(mode, 0.95, filtered=False)
        kept &= p95 <= bar
        print(f"p95 of {mode} ≤ {bar:g} ms: {spelled(p95)}, {'met' if p95 <= bar else 'missed'}.")
    return kept


def versions(one: Contestant) -> str:
    return ", ".join(one.built["versions"])


def recall(one: Contestant, exact: Contestant | None) -> str:
    """Return which part of the ten nearest passages a contestant finds."""
    if exact is None or ("dense", False) not in one.rounds:
        return "–"
    shares = [
        len(set(mine) & set(theirs)) / max(1, len(mine))
        for ours, other in zip(exact.rounds["dense", False], one.rounds["dense", False], strict=True)
        for mine, theirs in zip(ours["found"], other["found"], strict=False)
    ]
    return f"{statistics.mean(shares):.3f}"


if __name__ == "__main__":
    main()
