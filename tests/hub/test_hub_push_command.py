"""lore corpus push: from the documents to the Hub's stand-in and back."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.hub.conftest import StandInHub

# huggingface_hub uploads files in a way that its HTTP client would rather have spelled differently.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
Lore = Callable[..., CompletedProcess[str]]
NAME = "acme/pumphouse"


def exported(lore: Lore, project: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets")
    assert lore("corpus", "export", cwd=project).returncode == 0
    rows: list[dict[str, Any]] = datasets.load_from_disk(str(project / "corpus"))["docs"].to_list()
    return rows


def test_the_hub_holds_what_an_export_holds(lore: Lore, prepared: Path, hub: "StandInHub") -> None:
    done = lore("corpus", "push", "--repo-id", NAME, "--private", cwd=prepared)
    assert done.returncode == 0, done.stderr
    assert f"{hub.address}/datasets/{NAME} (private)" in done.stdout
    assert f'load_dataset("{NAME}")' in done.stdout
    repo = hub.repos[NAME]
    assert repo.private
    names = [name for name in repo.files if name.startswith("data/")]
    assert names == ["data/docs-00000-of-00001.parquet"]
    assert pq.read_table(io.BytesIO(repo.files[names[0]])).to_pylist() == exported(lore, prepared)
    mark = json.loads(repo.files["lorewright.json"])
    assert mark == json.loads((prepared / "corpus" / "lorewright.json").read_text())
    card = repo.files["README.md"].decode()
    for run in mark["runs"].values():
        assert run in card
    assert str(prepared) not in card + json.dumps(mark)


def test_a_public_push_says_that_it_is_public(lore: Lore, prepared: Path, hub: "StandInHub") -> None:
    done = lore("corpus", "push", "--repo-id", NAME, "--json", cwd=prepared)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["private"] is False
    assert told["commit"] == hub.repos[NAME].sha
    done = lore("corpus", "push", "--repo-id", NAME, cwd=prepared)
    assert "(public: everybody can read it)" in done.stdout
    assert len(hub.repos[NAME].commits) == 2


def test_a_bad_token_is_refused_before_any_work(
    lore: Lore, project: Path, hub: "StandInHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    done = lore("corpus", "push", "--repo-id", NAME, cwd=project)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == f"error: {hub.address} refused the token (401)."
    assert "hf auth login" in lines[1]
    assert "hf_wrong" not in done.stderr
    assert not (project / ".lore" / "runs").exists()


def test_nothing_that_was_written_for_the_push_stays(lore: Lore, prepared: Path, hub: "StandInHub") -> None:
    hub.troubles += [("/commit/", 409)] * 9
    done = lore("corpus", "push", "--repo-id", NAME, cwd=prepared)
    assert done.returncode == 1
    assert f"{hub.address} answered 409 to {NAME}" in done.stderr
    assert not list((prepared / ".lore" / "cache").rglob("*.parquet"))


def test_a_dry_run_asks_the_hub_nothing(lore: Lore, prepared: Path, hub: "StandInHub") -> None:
    done = lore("corpus", "push", "--repo-id", NAME, "--dry-run", cwd=prepared)
    assert done.returncode == 0, done.stderr
    assert f"would push to {NAME}" in done.stdout
    assert not hub.asked
