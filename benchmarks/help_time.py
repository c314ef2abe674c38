"""CPU time of `lore --help` above bare Python: medians of interleaved rounds, and the modules it loads."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROUNDS = 15


def cpu_seconds(command: list[str]) -> float:
    """Return user plus system seconds of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> None:
    """Print both medians and their difference."""
    lore = str(Path(sys.executable).with_name("lore"))
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "lore --help": [lore, "--help"]}
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            found[name].append(cpu_seconds(command))
    medians = {name: statistics.median(values) for name, values in found.items()}
    for name, value in medians.items():
        print(f"{name:<16} {value * 1000:7.1f} ms CPU, median of {ROUNDS} interleaved runs")
    bare, full = medians.values()
    print(
        f"lore --help costs {(full - bare) * 1000:.1f} ms above bare Python (limit 150), {full / bare:.1f} times it"
    )


if __name__ == "__main__":
    main()
