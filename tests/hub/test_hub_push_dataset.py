"""lore dataset push: a version on the Hub's stand-in, loaded from there by its card."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest

from lorewright.hub.pushed_card import card_on_hub

if TYPE_CHECKING:
    from tests.hub.conftest import StandInHub

# huggingface_hub uploads files in a way that its HTTP client would rather have spelled differently.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
Lore = Callable[..., CompletedProcess[str]]
NAME = "acme/faq"


@pytest.fixture
def versions(lore: Lore, tmp_path: Path) -> Path:
    for rows, ratios in ((60, "0.8,0.1,0.1"), (70, "0.9,0.1,0")):
        lines = [
            json.dumps(
                {"question": f"Which of the {n} pumps starts at {n * 7}?", "answer": f"Pump {n} does."}
            )
            for n in range(rows)
        ]
        (tmp_path / "faq.jsonl").write_text("\n".join(lines) + "\n")
        done = lore("dataset", "import", "faq.jsonl", "--ratios", ratios, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    return tmp_path


def test_a_version_arrives_with_its_card_and_without_what_the_last_one_had(
    lore: Lore, versions: Path, hub: "StandInHub"
) -> None:
    first = lore("dataset", "push", "--repo-id", NAME, "--version", "faq/v1", "--private", cwd=versions)
    assert first.returncode == 0, first.stderr
    assert f"{hub.address}/datasets/{NAME} (private)" in first.stdout
    assert "test.jsonl" in hub.repos[NAME].files
    told = json.loads(lore("dataset", "push", "--repo-id", NAME, "--json", cwd=versions).stdout)
    assert told["version"] == "faq/v2"
    files = hub.repos[NAME].files
    folder = versions / "datasets" / "faq" / "v2"
    there = {path.name for path in folder.iterdir()}
    assert set(files) - {".gitattributes"} == there
    for name in there - {"README.md"}:
        assert files[name] == (folder / name).read_bytes()
    card = files["README.md"].decode()
    assert f'load_dataset("{NAME}")' in card
    assert "datasets/faq/v2" not in card
    assert str(versions) not in card + files["dataset.json"].decode()
    assert len(hub.repos[NAME].commits) == 3


def test_what_was_pushed_loads_as_the_card_says(
    lore: Lore, versions: Path, hub: "StandInHub", tmp_path: Path
) -> None:
    done = lore("dataset", "push", "--repo-id", NAME, cwd=versions)
    assert done.returncode == 0, done.stderr
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in hub.repos[NAME].files.items():
        (copy / name).write_bytes(content)
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset(str(copy), cache_dir=str(tmp_path / "cache"))
    assert set(rows["train"].column_names) == {"prompt", "completion"}
    whole = str(copy / "train.parquet")
    records = datasets.load_dataset("parquet", data_files=whole, cache_dir=str(tmp_path / "cache"))
    assert records["train"].num_rows == rows["train"].num_rows
    assert set(records["train"].column_names) >= {"id", "task", "messages", "evidence"}


def test_an_edited_version_is_not_pushed_but_an_edited_card_is(
    lore: Lore, versions: Path, hub: "StandInHub"
) -> None:
    folder = versions / "datasets" / "faq" / "v2"
    card = folder / "README.md"
    card.write_text(card.read_text() + "\nA word of our own.\n")
    assert lore("dataset", "push", "--repo-id", NAME, cwd=versions).returncode == 0
    assert "A word of our own." in hub.repos[NAME].files["README.md"].decode()
    (folder / "train.jsonl").write_text("{}\n")
    done = lore("dataset", "push", "--repo-id", NAME, cwd=versions)
    assert done.returncode == 1
    assert "faq/v2 is not what was made: train.jsonl changed" in done.stderr


def test_a_dry_run_asks_the_hub_nothing(lore: Lore, versions: Path, hub: "StandInHub") -> None:
    done = lore("dataset", "push", "--repo-id", NAME, "--dry-run", cwd=versions)
    assert done.returncode == 0, done.stderr
    assert f"to {NAME}" in done.stdout
    assert not hub.asked


def test_only_the_part_about_loading_is_written_anew() -> None:
    card = "---\na: 1\n---\n\n# X\n\n## Loading\n\nold\n\n### More\n\nold\n\n## Limits\n\n* one\n"
    found = card_on_hub(card, repo_id=NAME, splits=["train"])
    assert found.startswith("---\na: 1\n---\n\n# X\n\n## Loading\n")
    assert found.endswith("\n\n## Limits\n\n* one\n")
    assert "old" not in found
    assert "eval_dataset" not in found
