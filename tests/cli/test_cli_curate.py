"""curate and coverage, as a person types them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright.core.records import Rejection
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace

Lore = Callable[..., CompletedProcess[str]]


@dataclass
class At:
    """Runs `lore` in a prepared project."""

    lore: Lore
    project: Path

    def __call__(self, *arguments: str, fails: bool = False) -> CompletedProcess[str]:
        done = self.lore(*arguments, cwd=self.project)
        assert (done.returncode != 0) is fails, done.stderr
        return done


@pytest.fixture
def at(lore: Lore, prepared: Path) -> At:
    return At(lore, prepared)


def test_a_report_shows_the_funnel_and_adds_up(at: At) -> None:
    told = json.loads(at("curate", "--report", "--json").stdout)
    curated = told["steps"][-1]
    assert curated["stage"] == "curate"
    assert curated["came_in"] == curated["kept"] + sum(one["count"] for one in curated["reasons"])
    assert sum(told["by_task"].values()) == curated["kept"]
    text = at("curate", "--report").stdout
    assert f"{curated['kept']:,} of {curated['came_in']:,} examples kept" in text
    page = Path(re.search(r"as a page: (\S+)", text)[1])  # type: ignore[index]
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert not re.search(r'(?:href|src)="(?!data:|#)|url\(|@import', html)


def test_what_is_counted_as_rejected_is_in_the_table(at: At) -> None:
    told = json.loads(at("curate", "--set", "curation.min_answer_chars=60", "--report", "--json").stdout)
    reasons = {one["filter"]: one for one in told["steps"][-1]["reasons"]}
    assert reasons["length"]["count"] > 0
    workspace = Workspace(at.project)
    run = workspace.newest("curate")
    assert run is not None
    rows = list(read_table(workspace.run_dir("curate", run.id) / "rejections.parquet", Rejection))
    assert sum(one.filter == "length" for one in rows) == reasons["length"]["count"]
    assert run.metrics["accounts"]["examples"]["given"] == run.metrics["candidates"]


def test_an_example_is_explained_kept_or_rejected(at: At) -> None:
    kept = json.loads(at("cat", "curate", "-n", "1").stdout)["id"]
    explained = json.loads(at("curate", "--explain", kept[:10], "--json").stdout)
    assert (explained["outcome"], explained["filter"]) == ("kept", "")
    assert {"schema", "length", "evidence"} <= {one["filter"] for one in explained["opinions"]}
    assert explained["evidence"][0]["path"]
    harsh = ("--set", "curation.min_answer_chars=100000")
    said: CompletedProcess[str] = at("curate", *harsh, "--explain", kept)
    assert "rejected by length: the answer has" in said.stdout
    assert f"lore review accept {kept[:8]}" in said.stdout
    told = json.loads(at("curate", *harsh, "--explain", kept, "--json").stdout)
    assert [one["filter"] for one in told["opinions"] if one["reason"]] == ["length"]


def test_an_unknown_example_is_named_with_where_to_look(at: At) -> None:
    said = at("curate", "--explain", "zzzz", fails=True)
    assert "begins with 'zzzz'" in said.stderr
    assert "lore curate --report" in said.stderr


def test_a_filter_that_is_off_is_told_and_an_unknown_one_refused(at: At) -> None:
    kept = json.loads(at("cat", "curate", "-n", "1").stdout)["id"]
    off = ("--set", 'curation.off=["length"]', "--set", "curation.min_answer_chars=100000")
    assert "length      switched off" in at("curate", *off, "--explain", kept).stdout
    assert "lenght" in at("curate", "--set", 'curation.off=["lenght"]', fails=True).stderr


def test_coverage_lists_gaps_largest_first(at: At) -> None:
    told = json.loads(at("coverage", "--json").stdout)
    assert told["levels"][0]["level"] == "document"
    sizes = [gap["characters"] for gap in told["gaps"]]
    assert sizes == sorted(sizes, reverse=True)
    sections = json.loads(at("coverage", "--level", "section", "--json").stdout)["gaps"]
    assert all(gap["level"] == "section" for gap in sections)
    text = at("coverage", "--limit", "2").stdout
    assert "with an example" in text


def test_a_balanced_curation_keeps_each_task_to_its_share(at: At) -> None:
    share = ("--set", "curation.balance.by=task", "--set", "curation.balance.max_share=0.5")
    run = json.loads(at("curate", *share, "--json").stdout)
    counts = run["metrics"]["by_task"].values()
    assert max(counts) <= 0.5 * sum(counts)
    assert run["metrics"]["by_filter"]["balance"] > 0
