"""What a call costs besides the model: Lorewright beside others, each in its own process and environment, in one run.

    python benchmarks/generate.py --prepare FOLDER [--rounds 5] [--only CONTESTANT ...] [--passages 10000]

Makes the environments under `--prepare` where they are missing (pip, minutes). Every contestant asks the same server
(`answering_server.py`, no model) about the same passages. In interleaved rounds it does so for a few and for many: what
a call costs is the difference of both by the number of passages between, so that starting is in no figure. Then the
server takes 200 ms, always or on average, and counts how many of 32 slots are busy. Last, `lore generate` over many
passages: memory, and the same again with every reply at hand. Prints Markdown for docs/benchmarks.md; exits 1 when a
bar is missed.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers.stations import EVIDENCE, write_project

HERE = Path(__file__).parent
WORKER = HERE / "peers" / "generate_worker.py"
SERVER = HERE / "answering_server.py"
OURS = "lorewright"
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "curator": ("bespokelabs-curator==0.1.31",),
    # its extra `inference` wants vllm and sglang, which a server elsewhere does not need
    "datatrove": ("datatrove==0.10.1", "httpx", "aiosqlite", "aiofiles", "xxhash", "orjson"),
    "data-designer": ("data-designer==0.9.7",),
    "synthetic-data-kit": ("synthetic-data-kit==0.0.5",),
    "distilabel": ("distilabel[openai]==1.5.3", "requests"),
}
DOES = {
    OURS: "passages from disk, replies, examples and rejections to disk; schema, repair, quote looked up",
    "bare": "one httpx2 client, JSON read; nothing kept",
    "curator": "`curator.LLM`, backend openai, a response format; requests and responses to disk",
    "datatrove": "`InferenceRunner` on an endpoint with checkpoints; the rollout reads the JSON",
    "data-designer": "one structured column over a seed data set; Parquet",
    "synthetic-data-kit": "`QAGenerator`; a new client for each message; one file at the end",
    "distilabel": "`TextGeneration` with `OpenAILLM`; a process for each step",
}
BAR_MS = 3.0
BAR_BUSY = 0.95
BAR_PEAK_MB = 500
SLOTS = 8
FEW, MANY = 100, 600
LATE_S, LATE_SLOTS, LATE_PASSAGES = 0.2, 32, 640
SPREADS = (0.0, 0.25)  # parts of the latency that it varies by
PAIR = {
    "question": "How often does the scheduler of station {number} retry a task?",
    "answer": "The scheduler retries a task three times before it gives up.",
    "evidence": EVIDENCE,
}
ANSWERS = {"curator": {"name": "Jason", "age": 25}}  # it asks beforehand whether the server knows schemas
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TELEMETRY_ENABLED": "0",
    "NEMO_TELEMETRY_ENABLED": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_API_KEY": "none",
}


@dataclass
class Contestant:
    """One that asks, and what its rounds took."""

    name: str
    process: subprocess.Popen[str]
    versions: list[str]
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    busy: dict[float, list[float]] = field(default_factory=lambda: {spread: [] for spread in SPREADS})
    most: int = 0
    peak: int = 0

    def ask(
        self, folder: Path, count: int, slots: int, *, latency: float, spread: float = 0.0
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Let it ask about so many passages; return what it says of itself, and what the server says of it."""
        assert self.process.stdin
        assert self.process.stdout
        with TemporaryDirectory(dir=folder) as place, serving(folder, self.name, latency, spread) as server:
            order = {"count": count, "url": server.url, "slots": slots, "folder": place}
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended: {(folder / f'{self.name}.log').read_text()[-2000:]}")
        told = dict(json.loads(line))
        if told["rows"] != count:
            raise SystemExit(f"{self.name} made {told['rows']} rows of {count} passages.")
        self.peak = max(self.peak, told["peak"])
        return told, server.told

    def asked_at_once(self, folder: Path) -> None:
        """Measure a call that takes no time."""
        few, _ = self.ask(folder, FEW, SLOTS, latency=0)
        many, _ = self.ask(folder, MANY, SLOTS, latency=0)
        self.wall_ms.append((many["wall_s"] - few["wall_s"]) / (MANY - FEW) * 1e3)
        self.cpu_ms.append((many["cpu_s"] - few["cpu_s"]) / (MANY - FEW) * 1e3)

    def asked_late(self, folder: Path) -> None:
        """Measure how many slots are busy with calls that take a while."""
        for spread, found in self.busy.items():
            _, told = self.ask(folder, LATE_PASSAGES, LATE_SLOTS, latency=LATE_S, spread=spread)
            found.append(told["busy"] / (LATE_SLOTS * told["seconds"]) if told["seconds"] else 0.0)
            self.most = max(self.most, told["most"])

    def busy_told(self, spread: float) -> str:
        """Return the busy slots as a cell of a table."""
        found = self.busy[spread]
        return f"{statistics.median(found):.1%} ({min(found):.1%}, {max(found):.1%})"


@dataclass
class Server:
    """Where a server is, and what it told when it was ended."""

    url: str
    told: dict[str, Any] = field(default_factory=dict)


@contextmanager
def serving(folder: Path, name: str, latency: float, spread: float = 0.0) -> Iterator[Server]:
    """Run a server that answers as a contestant wants it."""
    answer = folder / f"answer-{name}.json"
    answer.write_text(json.dumps({**ANSWERS.get(name, {}), "pairs": [PAIR]}), encoding="utf-8")
    options = {"--latency": latency, "--spread": spread, "--answer": answer}
    command = [sys.executable, str(SERVER), *(str(part) for pair in options.items() for part in pair)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        server = Server(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        yield server
        process.stdin.close()
        server.told = json.loads(process.stdout.read())


def main() -> None:
    """Prepare, measure, print, and exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepare", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=DOES, default=list(DOES))
    parser.add_argument("--passages", type=int, default=10_000, help="of ours alone; 0 leaves that out")
    arguments = parser.parse_args()
    missing = prepare(arguments.prepare, arguments.only)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}.\n", flush=True)
    kept = True
    with TemporaryDirectory(prefix="lorewright-generate-") as place:
        folder = Path(place)
        names = [name for name in arguments.only if name not in missing]
        if names:
            kept &= report(measure(names, arguments.prepare, folder, rounds=arguments.rounds))
        for name, reason in missing.items():
            print(f"\n{name} is not in the table: {reason}")
        if arguments.passages:
            kept &= alone(folder, arguments.passages)
    sys.exit(0 if kept else 1)


def prepare(folder: Path, wanted: Sequence[str]) -> dict[str, str]:
    """Make what is missing of the environments; return those that cannot be had, and why."""
    missing: dict[str, str] = {}
    for name, packages in ENVIRONMENTS.items():
        done = folder / f"generation-{name}" / "installed.txt"
        if name not in wanted or (done.exists() and done.read_text("utf-8").split() == list(packages)):
            continue
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(done.parent)], check=True)
        install = ["-m", "pip", "install", "--quiet", *packages]
        result = subprocess.run([done.parent / "bin" / "python", *install], capture_output=True, check=False)
        if result.returncode:
            missing[name] = (result.stderr.decode().strip().splitlines() or ["pip failed"])[-1]
        else:
            done.write_text("\n".join(packages), encoding="utf-8")
    return missing


def environment(prepared: Path, home: Path) -> dict[str, str]:
    """Return variables that keep a contestant to this machine; litellm, which curator brings, has tokenizer files."""
    files = next(
        (prepared / "generation-curator").glob("lib/*/site-packages/litellm/litellm_core_utils/tokenizers"),
        None,
    )
    known = {"TIKTOKEN_CACHE_DIR": str(files)} if files else {}
    return {"PATH": os.environ["PATH"], "HOME": str(home), **QUIET, **known}


def measure(names: Sequence[str], prepared: Path, folder: Path, *, rounds: int) -> list[Contestant]:
    """Start every contestant, then let them take turns."""
    with ExitStack() as stack:
        contestants = []
        for name in names:
            python = prepared / f"generation-{name}" / "bin" / "python"
            command = [str(python) if name in ENVIRONMENTS else sys.executable, str(WORKER), name]
            log = stack.enter_context((folder / f"{name}.log").open("w", encoding="utf-8"))
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(prepared, folder),
            )
            assert process.stdout
            versions = json.loads(process.stdout.readline())
            contestants.append(Contestant(name, stack.enter_context(process), versions))
        for one in contestants:
            one.ask(folder, FEW, SLOTS, latency=0)
        for _ in range(rounds):
            for one in contestants:
                one.asked_at_once(folder)
        for _ in range(min(rounds, 3)):
            for one in contestants:
                one.asked_late(folder)
        for one in contestants:
            assert one.process.stdin
            one.process.stdin.close()
    return contestants


def report(contestants: Sequence[Contestant]) -> bool:
    """Print the tables; return whether every bar is met."""
    ours = next((one for one in contestants if one.name == OURS), None)
    print(f"### A call that takes no time, {SLOTS} at a time\n")
    print(
        "| contestant | does | ms a call (least, most) | ours ÷ theirs | CPU, ms a call | peak memory, MB |\n"
        + "|---" * 6
        + "|"
    )
    for one in contestants:
        median = statistics.median(one.wall_ms)
        ratio = f"{statistics.median(ours.wall_ms) / median:.2f}" if ours and one is not ours else "–"
        print(
            f"| {', '.join(one.versions)} | {DOES[one.name]} | {median:.2f} ({min(one.wall_ms):.2f}, "
            f"{max(one.wall_ms):.2f}) | {ratio} | {statistics.median(one.cpu_ms):.2f} | {one.peak / 1e6:.0f} |"
        )
    print(
        f"\n### A call that takes {LATE_S * 1e3:.0f} ms, {LATE_SLOTS} at a time: slots busy (least, most)\n"
    )
    print(f"| contestant | {' | '.join(map(spelled, SPREADS))} | most calls at once |\n" + "|---" * 4 + "|")
    for one in contestants:
        cells = " | ".join(map(one.busy_told, SPREADS))
        print(f"| {', '.join(one.versions)} | {cells} | {one.most} |")
    print()
    if ours is None:
        return True
    taken = statistics.median(ours.wall_ms)
    met = [bar(f"a call ≤ {BAR_MS:g} ms", f"{taken:.2f}", taken <= BAR_MS)]
    for spread, found in ours.busy.items():
        busy = statistics.median(found)
        met.append(bar(f"slots busy ≥ {BAR_BUSY:.0%}, {spelled(spread)}", f"{busy:.1%}", busy >= BAR_BUSY))
    return all(met)


def spelled(spread: float) -> str:
    """Return what a call takes, in words."""
    least, most = (LATE_S * (1 + sign * spread) * 1e3 for sign in (-1, 1))
    return f"{least:.0f} to {most:.0f} ms" if spread else f"{least:.0f} ms each"


def bar(words: str, value: str, met: bool) -> bool:
    """Print whether a bar is met."""
    print(f"{words}: {value}, {'met' if met else 'missed'}.", flush=True)
    return met


def alone(folder: Path, passages: int) -> bool:
    """Run `lore generate` from nothing, then again with every reply at hand; print the table."""
    project = folder / "alone"
    rows = []
    for what, longest in (("from nothing", 1024), ("again, replies at hand", 1025)):
        with serving(folder, OURS, 0.0) as server:
            write_project(project, count=passages, url=server.url, slots=SLOTS, max_new_tokens=longest)
            lore(project, "chunk")
            taken = lore(project, "generate")
        rows.append((what, server.told["calls"], *taken))
    shutil.rmtree(project)
    print(f"\n### `lore generate` over {passages:,} passages, {SLOTS} at a time, a call that takes no time\n")
    print("| run | calls | seconds | CPU, s | peak memory, MB |\n" + "|---" * 5 + "|")
    for what, calls, wall, cpu, peak in rows:
        print(f"| {what} | {calls:,} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")
    print()
    most = max(row[-1] for row in rows)
    met = [
        bar(f"peak memory < {BAR_PEAK_MB} MB", f"{most:.0f}", most < BAR_PEAK_MB),
        bar(
            "every call made once",
            f"{rows[0][1]:,} and {rows[1][1]:,}",
            [row[1] for row in rows] == [passages, 0],
        ),
    ]
    return all(met)


def lore(project: Path, verb: str) -> tuple[float, float, float]:
    """Run a command in a project; return its seconds, CPU seconds and peak memory in MB, children included."""
    command = [str(Path(sys.executable).with_name("lore")), verb]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"lore {verb} failed: {said.decode()[-2000:]}")
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / unit


if __name__ == "__main__":
    main()
