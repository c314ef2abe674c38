"""The workspace finds runs by every name they have, and says so when it cannot."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lorewright.core.errors import NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.records import Run
from lorewright.core.workspace import MANIFEST, Workspace, find_project


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path)
    found.prepare()
    return found


def put(workspace: Workspace, stage: str, run_id: str, minute: int = 0) -> Run:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    run = Run(
        id=run_id,
        stage=stage,
        version=1,
        settings={},
        inputs={},
        outputs={},
        metrics={},
        environment={},
        started_at=at,
        finished_at=at,
    )
    folder = workspace.run_dir(stage, run_id)
    folder.mkdir(parents=True)
    write_atomic(folder / MANIFEST, run.model_dump_json().encode())
    return run


def test_a_run_answers_to_stage_id_beginning_and_ref(workspace: Workspace) -> None:
    old = put(workspace, "chunk", "ab12", 1)
    new = put(workspace, "chunk", "cd34", 2)
    workspace.refs.move({"good": "chunk/ab12"}, why="pinned")
    assert workspace.resolve("chunk") == new
    assert workspace.resolve("chunk/ab12") == old
    assert workspace.resolve("chunk/a") == old
    assert workspace.resolve("ab") == old
    assert workspace.resolve("cd34") == new
    assert workspace.resolve("good") == old


def test_a_stage_answers_with_what_its_ref_names(workspace: Workspace) -> None:
    old = put(workspace, "chunk", "ab12", 1)
    new = put(workspace, "chunk", "cd34", 2)
    workspace.refs.move({"latest/chunk": "chunk/ab12"}, why="lore chunk")
    assert workspace.newest("chunk") == old
    workspace.refs.move({"latest/chunk": "chunk/gone"}, why="lore chunk")
    assert workspace.newest("chunk") == new


def test_a_beginning_that_fits_two_runs_lists_them(workspace: Workspace) -> None:
    put(workspace, "chunk", "ab12")
    put(workspace, "index", "ab34")
    with pytest.raises(NotFoundError, match=r"more than one run: chunk/ab12, index/ab34") as caught:
        workspace.resolve("ab")
    assert caught.value.hint == "write more of the id"


def test_a_beginning_behind_a_stage_is_of_that_stage(workspace: Workspace) -> None:
    put(workspace, "chunk", "ab12")
    index = put(workspace, "index", "ab34")
    assert workspace.resolve("index/ab") == index
    with pytest.raises(NotFoundError, match="'train/ab'"):
        workspace.resolve("train/ab")


@pytest.mark.parametrize("name", ["nothing", "", "/", "chunk/zz", "latest/none", "../chunk"])
def test_a_name_of_nothing_is_an_error_with_a_hint(workspace: Workspace, name: str) -> None:
    put(workspace, "chunk", "ab12")
    with pytest.raises(NotFoundError, match="no run or ref named") as caught:
        workspace.resolve(name)
    assert "lore status" in caught.value.hint


def test_runs_come_oldest_first_and_partial_ones_not_at_all(workspace: Workspace) -> None:
    newer = put(workspace, "chunk", "ab12", 5)
    older = put(workspace, "chunk", "cd34", 1)
    put(workspace, "chunk", "ef56.partial", 2)
    workspace.partial_dir("index", "77").mkdir(parents=True)
    assert list(workspace.runs("chunk")) == [older, newer]
    assert list(workspace.runs()) == [older, newer]
    assert [path.name for path in workspace.partials()] == ["ef56.partial", "77.partial"]


def test_a_workspace_nobody_made_is_empty(tmp_path: Path) -> None:
    empty = Workspace(tmp_path)
    assert list(empty.runs()) == []
    assert empty.partials() == []
    assert empty.newest("chunk") is None
    assert empty.find("chunk", "ab") is None
    assert not empty.root.exists()


def test_a_manifest_that_cannot_be_read_says_which_folder_to_remove(workspace: Workspace) -> None:
    put(workspace, "chunk", "ab12")
    (workspace.run_dir("chunk", "ab12") / MANIFEST).write_text("{torn")
    with pytest.raises(NotFoundError, match=r"run\.json cannot be read") as caught:
        workspace.find("chunk", "ab12")
    assert str(workspace.run_dir("chunk", "ab12")) in caught.value.hint


def test_the_manifest_of_a_removed_run_is_still_known(workspace: Workspace) -> None:
    run = put(workspace, "chunk", "ab12")
    path = workspace.manifest_path("chunk", "ab12")
    path.parent.mkdir(parents=True)
    (workspace.run_dir("chunk", "ab12") / MANIFEST).rename(path)
    assert workspace.find("chunk", "ab12") is None
    assert workspace.manifest("chunk", "ab12") == run
    assert workspace.manifest("chunk", "other") is None


def test_the_folder_tells_git_to_leave_it_alone_and_keeps_what_a_user_wrote(workspace: Workspace) -> None:
    ignore = workspace.root / ".gitignore"
    assert ignore.read_text().endswith("*\n")
    ignore.write_text("!cache\n")
    workspace.prepare()
    assert ignore.read_text() == "!cache\n"


def test_a_project_is_found_from_any_folder_below(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").touch()
    below = tmp_path / "docs" / "guide"
    below.mkdir(parents=True)
    assert find_project(below) == tmp_path.resolve()


def test_no_project_says_how_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no lore\.toml in .+ or above") as caught:
        find_project(tmp_path)
    assert caught.value.hint == "lore init PATH"
