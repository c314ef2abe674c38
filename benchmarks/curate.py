"""What it takes to find duplicates among question and answer pairs, and how many are found: Lorewright and datasketch.

    python benchmarks/curate.py --prepare FOLDER [--pairs 100000] [--rounds 3]

Makes datasketch's environment under `--prepare` where it is missing (pip). Pairs are drawn in the words of Python's own
documentation (`peers/planted_pairs.py`), a fifth of them duplicates of four known kinds, a twentieth pairs that look
like one and are none. Each round is a process of its own; rounds are interleaved. Prints Markdown for
docs/benchmarks.md; exits 1 when a bar is missed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers.planted_pairs import KINDS, Pair, pairs

WORKER = Path(__file__).parent / "peers" / "curate_worker.py"
OURS = "lorewright"
PEER = "datasketch"
PACKAGES = ("datasketch==2.0.0",)
DOES = {
    OURS: "`lore curate`'s filters: copies, ambiguous and repeated questions, near copies, repeated answers, rewording",
    "lorewright twins": "three-word runs of question and answer, candidates compared exactly, from 0.5 on",
    PEER: "the same runs, `MinHash` of 128 and `MinHashLSH` at 0.5, candidates not compared",
}
BAR_CPU_S, BAR_PEAK_MB, BAR_F1 = 20.0, 1000.0, 0.95


@dataclass
class Contestant:
    """One that looks for duplicates, and what its rounds took."""

    name: str
    python: Path
    versions: list[str] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    left_out: dict[int, int] = field(default_factory=dict)

    def run(self, path: Path) -> None:
        """Measure one round."""
        command = [str(self.python), str(WORKER), self.name, str(path)]
        quiet = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
        if done.returncode:
            raise SystemExit(f"{self.name} failed: {done.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(done.stdout)
        self.versions = told["versions"]
        self.cpu_s.append(told["cpu_s"])
        self.peak_mb.append(told["peak"] / 1e6)
        self.left_out = {int(place): int(twin) for place, twin in told["left_out"]}


@dataclass(frozen=True)
class Found:
    """How many of the planted duplicates were found, and how many of those found were planted.

    Attributes:
        by_kind: Share found, by kind.
        tempting: Share of the pairs that only look like duplicates and were left out.
    """

    precision: float
    recall: float
    by_kind: dict[str, float]
    tempting: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepare", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    own, peer = Path(sys.executable), prepared(arguments.prepare)
    contestants = [Contestant(name, peer if name == PEER else own) for name in DOES]
    made = pairs(arguments.pairs)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.json"
        path.write_text(
            json.dumps([[one.question, one.answer, one.passage] for one in made]), encoding="utf-8"
        )
        for _ in range(arguments.rounds):
            for one in contestants:
                one.run(path)
    raise SystemExit(0 if report(contestants, made, arguments.rounds) else 1)


def prepared(folder: Path) -> Path:
    """Return the Python of datasketch's environment, made where it is missing."""
    place = folder.resolve() / f"curate-{PEER}"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def scored(left_out: dict[int, int], made: Sequence[Pair]) -> Found:
    """Return how well the pairs that were left out, with their twins, agree with those that were planted."""
    right = {place for place, twin in left_out.items() if made[place].twin == twin != -1}
    planted = Counter(one.kind for one in made)
    hit = Counter(made[place].kind for place in right)
    tempted = sum(made[place].kind == "tempting" for place in left_out)
    return Found(
        precision=len(right) / (len(left_out) or 1),
        recall=len(right) / (sum(planted[kind] for kind in KINDS) or 1),
        by_kind={kind: hit[kind] / (planted[kind] or 1) for kind in KINDS},
        tempting=tempted / (planted["tempting"] or 1),
    )


def report(contestants: Sequence[Contestant], made: Sequence[Pair], rounds: int) -> bool:
    """Print the tables; return whether every bar is met."""
    ours = contestants[0]
    words = [len(f"{one.question} {one.answer}".split()) for one in made]
    print(
        f"{len(made):,} pairs of {min(words)} to {max(words)} words, {statistics.mean(words):.0f} on average; "
        f"{rounds} rounds; Python {platform.python_version()}.\n"
    )
    print(
        "| contestant | does | CPU, s (least, most) | ours ÷ theirs | peak memory, MB | precision | recall | F1 |\n"
        + "|---" * 8
        + "|"
    )
    results = {one.name: scored(one.left_out, made) for one in contestants}
    for one in contestants:
        found, taken = results[one.name], statistics.median(one.cpu_s)
        ratio = "–" if one is ours else f"{statistics.median(ours.cpu_s) / taken:.2f}"
        print(
            f"| {', '.join(one.versions)} | {DOES[one.name]} | {taken:.1f} ({min(one.cpu_s):.1f}, "
            f"{max(one.cpu_s):.1f}) | {ratio} | {max(one.peak_mb):.0f} | {found.precision:.3f} | {found.recall:.3f} | "
            f"{found.f1:.3f} |"
        )
    print(f"\n| contestant | {' | '.join(f'{kind}, found' for kind in KINDS)} | tempting, left out |")
    print("|---" * (len(KINDS) + 2) + "|")
    for one in contestants:
        found = results[one.name]
        cells = " | ".join(f"{found.by_kind[kind]:.1%}" for kind in KINDS)
        print(f"| {one.name} | {cells} | {found.tempting:.1%} |")
    print()
    taken, peak, found = statistics.median(ours.cpu_s), max(ours.peak_mb), results[ours.name]
    return all(
        [
            bar(f"CPU < {BAR_CPU_S:g} s", f"{taken:.1f}", taken < BAR_CPU_S),
            bar(f"peak memory < {BAR_PEAK_MB:g} MB", f"{peak:.0f}", peak < BAR_PEAK_MB),
            bar(f"F1 ≥ {BAR_F1}", f"{found.f1:.3f}", found.f1 >= BAR_F1),
        ]
    )


def bar(words: str, value: str, met: bool) -> bool:
    """Print whether a bar is met."""
    print(f"{words}: {value}, {'met' if met else 'missed'}.", flush=True)
    return met


if __name__ == "__main__":
    main()
