"""Another release of a library that parses makes another run, and parses anew what it reads."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright.core import releases
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.parsing.libraries import libraries

Lore = Callable[..., CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "valve.md").write_text("# Valve\n\nIt opens at two bar.\n")
    (tmp_path / "docs" / "boiler.txt").write_text("It boils.\n")
    (tmp_path / "lore.toml").write_text(
        '[project]\nname = "Pumps"\n[[sources]]\npath = "docs"\n[ingest]\nworkers = 0\n'
    )
    return tmp_path


def ingested(lore: Lore, project: Path) -> Run:
    assert lore("ingest", cwd=project).returncode == 0
    newest = Workspace(project).newest("ingest")
    assert newest is not None
    return newest


def test_a_new_release_of_a_parser_parses_its_documents_anew_and_ends_the_chain_where_nothing_changed(
    lore: Lore, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ingested(lore, project)
    released = releases.release
    monkeypatch.setattr(
        "lorewright.parsing.libraries.release",
        lambda name: "pyromark=99.0" if name == "pyromark" else released(name),
    )
    libraries.cache_clear()
    after = ingested(lore, project)
    libraries.cache_clear()
    assert after.id != before.id
    assert (after.metrics["computed"], after.metrics["reused"]) == (1, 1)
    assert after.outputs == before.outputs
