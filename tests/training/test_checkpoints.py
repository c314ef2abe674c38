"""Which checkpoint counts."""

from pathlib import Path

import pytest

from lorewright.training import checkpoints


def write(folder: Path, step: int, *, recipe: str = "r", sealed: bool = True) -> Path:
    checkpoint = checkpoints.folder(folder, step)
    (checkpoint / "sub").mkdir(parents=True)
    (checkpoint / "weights").write_bytes(b"w" * step)
    (checkpoint / "sub" / "state").write_bytes(b"s")
    if sealed:
        checkpoints.seal(checkpoint, recipe=recipe)
    return checkpoint


def test_the_newest_whole_checkpoint_counts_by_number_not_by_name(tmp_path: Path) -> None:
    for step in (9, 10, 100):
        write(tmp_path, step)
    assert checkpoints.newest(tmp_path, recipe="r") == tmp_path / "checkpoint-100"


def test_no_folder_means_no_checkpoint(tmp_path: Path) -> None:
    assert checkpoints.newest(tmp_path / "none", recipe="r") is None


@pytest.mark.parametrize("damage", ["unsealed", "missing", "added", "changed", "marker", "recipe"])
def test_a_torn_checkpoint_is_passed_over_and_removed(damage: str, tmp_path: Path) -> None:
    older = write(tmp_path, 1)
    torn = write(tmp_path, 2, sealed=damage != "unsealed", recipe="other" if damage == "recipe" else "r")
    if damage == "missing":
        (torn / "sub" / "state").unlink()
    elif damage == "added":
        (torn / "extra").write_bytes(b"")
    elif damage == "changed":
        (torn / "weights").write_bytes(b"x")
    elif damage == "marker":
        (torn / checkpoints.MARKER).write_text("{", encoding="utf-8")
    assert checkpoints.newest(tmp_path, recipe="r") == older
    assert not torn.exists()


def test_pruning_keeps_the_last_ones(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        write(tmp_path, step)
    checkpoints.prune(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-2", "checkpoint-3"]
