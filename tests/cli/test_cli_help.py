"""Help: cheap, complete, with examples; an unknown command names the nearest."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright import __version__
from lorewright.cli.main import COMMANDS

Lore = Callable[..., CompletedProcess[str]]
HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "fastapi",
    "sqlalchemy",
    "pydantic",
    "pyarrow",
    "rich",
    "numpy",
    "trl",
)
LOADED = """
import json, sys
sys.argv = ["lore", *sys.argv[1:]]
from lorewright.cli.main import main
try:
    main()
except SystemExit as stop:
    print(json.dumps([stop.code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], check=True, capture_output=True, text=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("train", "--help")])
def test_help_imports_no_heavy_library(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(lore: Lore, name: str, tmp_path: Path) -> None:
    done = lore(name, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    examples = done.stdout.partition("Examples:")[2]
    assert f"lore {name}" in examples


def test_the_table_s_help_names_every_command_with_its_line(lore: Lore, tmp_path: Path) -> None:
    done = lore("--help", cwd=tmp_path)
    assert done.returncode == 0
    for name, (section, _, line) in COMMANDS.items():
        assert f"{section}:" in done.stdout
        assert f"  {name} " in done.stdout
        assert line in " ".join(done.stdout.split())


def test_the_version_is_the_package_s(lore: Lore, tmp_path: Path) -> None:
    assert __version__ in lore("--version", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("typed", "near"), [("trian", "train"), ("serach", "search"), ("statsu", "status"), ("doctr", "doctor")]
)
def test_an_unknown_command_names_the_nearest(lore: Lore, typed: str, near: str, tmp_path: Path) -> None:
    done = lore(typed, cwd=tmp_path)
    assert done.returncode == 2
    assert f"There is no command '{typed}'. Did you mean `lore {near}`?" in done.stderr


def test_a_command_like_no_other_points_at_the_list(lore: Lore, tmp_path: Path) -> None:
    done = lore("xyzzy", cwd=tmp_path)
    assert done.returncode == 2
    assert "`lore --help` lists all" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("run", "--no-such-option"), ("ask",), ("search", "-k", "0", "x"), ("cat", "chunk", "-n", "0")],
)
def test_wrong_usage_says_what_and_exits_with_two(
    lore: Lore, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = lore(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_log_level_lists_the_levels(lore: Lore, tmp_path: Path) -> None:
    done = lore("--log-level", "loud", "status", cwd=tmp_path)
    assert done.returncode == 2
    assert "'loud'" in done.stderr
    assert "debug, info, warning, error" in done.stderr
