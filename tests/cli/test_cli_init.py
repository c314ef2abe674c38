"""init: from a folder to answers, and nothing left behind where it fails."""

import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

from lorewright.core.errors import SourceError
from lorewright.stages.api import init

Lore = Callable[..., CompletedProcess[str]]


@pytest.fixture
def documents(project: Path, tmp_path: Path) -> Path:
    """A folder of documents and no project."""
    return Path(shutil.move(project / "docs", tmp_path / "handbook"))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_init_indexes_a_folder_and_says_the_next_command(lore: Lore, documents: Path, here: Path) -> None:
    done = lore("init", "../handbook", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "Ready." in done.stdout
    assert 'lore ask "your question"' in done.stdout
    settings = tomllib.loads((here / "lore.toml").read_text())
    assert settings["project"]["name"] == "handbook"
    assert settings["sources"][0]["path"] == str(documents)
    answer = json.loads(lore("ask", "What is a slot?", "--json", cwd=here).stdout)
    assert "five minutes" in json.dumps(answer)


def test_a_folder_inside_the_project_is_written_relative_so_that_both_can_move(
    lore: Lore, documents: Path, here: Path, tmp_path: Path
) -> None:
    inside = Path(shutil.move(documents, here / "docs"))
    assert inside.is_dir()
    assert lore("init", "docs", "--name", "Pump house", cwd=here).returncode == 0
    settings = tomllib.loads((here / "lore.toml").read_text())
    assert settings["sources"][0]["path"] == "docs"
    assert settings["project"]["name"] == "Pump house"
    moved = Path(shutil.move(here, tmp_path / "there"))
    assert "up to date" in lore("index", cwd=moved).stdout


def test_init_takes_a_git_repository(lore: Lore, documents: Path, here: Path) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *author, *arguments], cwd=documents, check=True, capture_output=True)
    done = lore("init", documents.as_uri(), cwd=here)
    assert done.returncode == 0, done.stderr
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=documents, capture_output=True, text=True, check=True
    )
    found = json.loads(lore("search", "purge", "--json", cwd=here).stdout)
    assert found[0]["commit"] == head.stdout.strip()
    assert found[0]["path"] == "install.md"


def test_init_refuses_a_project_that_is_there(lore: Lore, prepared: Path) -> None:
    before = (prepared / "lore.toml").read_text()
    done = lore("init", "docs", cwd=prepared)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert " next: lore run" in done.stderr
    assert (prepared / "lore.toml").read_text() == before


@pytest.mark.parametrize("place", ["nowhere", "file:///nowhere/at/all.git", "empty"])
def test_init_of_nothing_leaves_no_settings_behind(
    lore: Lore, documents: Path, here: Path, place: str
) -> None:
    (here / "empty").mkdir()
    done = lore("init", place, cwd=here)
    assert done.returncode in {1, 2}
    assert place.rpartition("/")[2] in done.stderr
    assert " next: " in done.stderr
    assert not (here / "lore.toml").exists()
    again = lore("init", str(documents), cwd=here)
    assert again.returncode == 0, again.stderr


def test_init_that_the_disk_stops_can_be_given_again(
    lore: Lore, documents: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(pq, "ParquetWriter", full)
        stopped = lore("init", str(documents), cwd=here)
    assert stopped.returncode == 1
    assert "The disk is full" in stopped.stderr
    assert "run the same command again" in stopped.stderr
    again = lore("init", str(documents), cwd=here)
    assert again.returncode == 0, again.stderr


def test_init_makes_the_folder_that_it_is_told(lore: Lore, documents: Path, here: Path) -> None:
    done = lore("-C", "new/project", "init", str(documents), cwd=here)
    assert done.returncode == 0, done.stderr
    assert (here / "new" / "project" / "lore.toml").exists()


def test_the_python_function_leaves_no_settings_behind_either(here: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        init("nowhere", project_dir=here)
    assert not (here / "lore.toml").exists()


def test_documents_left_out_are_counted_with_where_the_reasons_are(
    lore: Lore, documents: Path, here: Path
) -> None:
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
    done = lore("init", str(documents), cwd=here)
    assert done.returncode == 0, done.stderr
    assert "1 left out" in done.stdout
    rejection = json.loads(lore("cat", "ingest", "--file", "rejections", cwd=here).stdout)
    assert rejection["name"] == "handbook/broken.pdf"
    assert rejection["reason"]
