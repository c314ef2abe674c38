"""Figures on finding secrets: recall on planted ones, what is found in real documents, and the speed.

    python benchmarks/find_secrets.py [--show] FOLDER [FOLDER ...]

`--show` prints every find in the folders with its place and the characters themselves, to be read by a person; use it
on public documents only.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "text"))

from planted_secrets import plant_all

from lorewright.text.masking import Found, mask
from lorewright.text.personal import find_personal
from lorewright.text.secrets import find_secrets

_SEEDS = range(20)


def main() -> None:
    """Print a Markdown report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    _recall()
    print(
        "| folder | files | MB | secrets | MB/s | personal | MB/s | mask MB/s |\n|---|---|---|---|---|---|---|---|"
    )
    shown = [line for folder in arguments.folders for line in _folder(folder)]
    if arguments.show:
        print("\n".join(shown))


def _recall() -> None:
    planted = [one for seed in _SEEDS for one in plant_all(seed)]
    found = Counter(one.kind for one in planted if _is_found(one.text, one.value))
    total = Counter(one.kind for one in planted)
    print(f"{found.total()} of {total.total()} planted secrets of {len(total)} kinds found whole.\n")
    for kind in total:
        if found[kind] < total[kind]:
            print(f"* {kind}: {found[kind]} of {total[kind]}")


def _is_found(text: str, value: str) -> bool:
    at = text.index(value)
    return any(one.start <= at and at + len(value) <= one.end for one in find_secrets(text))


def _folder(folder: Path) -> Iterator[str]:
    """Print one line of the table; yield a line for each find."""
    texts = dict(_texts(folder))
    size = sum(map(len, texts.values())) / 1e6
    started = time.process_time()
    secrets = {path: find_secrets(text) for path, text in texts.items()}
    searched = time.process_time()
    personal = {path: find_personal(text) for path, text in texts.items()}
    named = time.process_time()
    for path, text in texts.items():
        mask(text, secrets[path] + personal[path])
    masked = time.process_time()
    print(
        f"| {folder.name} | {len(texts)} | {size:.1f} | {sum(map(len, secrets.values()))} "
        f"| {size / (searched - started):.0f} | {sum(map(len, personal.values()))} "
        f"| {size / (named - searched):.0f} | {size / max(masked - named, 1e-9):.0f} |"
    )
    for path, text in texts.items():
        yield from (_line(path, text, one) for one in (*secrets[path], *personal[path]))


def _texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def _line(path: Path, text: str, one: Found) -> str:
    number = text.count("\n", 0, one.start) + 1
    return f"{path}:{number} [{one.kind}] {text[max(0, one.start - 30) : one.start]!r} {text[one.start : one.end]!r}"


if __name__ == "__main__":
    main()
