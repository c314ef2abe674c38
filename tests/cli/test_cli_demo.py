"""The demo on a project that is there: nothing is made twice, and every outcome ends in the verdict."""

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright.core.errors import ExportError

Lore = Callable[..., CompletedProcess[str]]


def test_a_second_demo_finds_everything_up_to_date_and_ends_in_the_verdict(lore: Lore, trained: Path) -> None:
    done = lore("demo", "--dir", str(trained), cwd=trained)
    assert done.returncode == 0, done.stderr
    assert "✓" not in done.stdout
    assert "report " in done.stdout
    assert " trace " in done.stdout


def test_a_refused_export_is_told_and_the_verdict_still_stands(
    lore: Lore, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        message = "mean KL 0.002 is over 0.001"
        raise ExportError(message)

    # By its module: `lorewright.export` may also be the function of the Python API.
    monkeypatch.setattr(import_module("lorewright.export.verify"), "verify", refuse)
    shutil.rmtree(trained / ".lore" / "runs" / "export")
    done = lore("demo", "--dir", str(trained), cwd=trained)
    assert done.returncode == 0, done.stderr
    assert "export refused: mean KL 0.002 is over 0.001" in done.stdout
    assert "report " in done.stdout
    assert lore("export", cwd=trained).returncode == 1


def test_a_base_without_documents_is_refused(lore: Lore, tmp_path: Path) -> None:
    done = lore("demo", "--base", "somewhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "lore demo --path DIR --base MODEL" in done.stderr


def test_the_demo_says_what_every_stage_is_for() -> None:
    from lorewright.cli.demo import _BEFORE
    from lorewright.stages.road import STEPS

    assert set(STEPS) <= set(_BEFORE)
