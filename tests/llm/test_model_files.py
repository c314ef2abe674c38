"""What tells a model's folder from another: the content of the files that decide."""

from pathlib import Path

import pytest

from lorewright.llm.model_files import revision


def test_only_the_files_that_decide_count(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    before = revision(tmp_path)
    assert [name for name, _, _ in before] == ["config.json"]
    (tmp_path / "README.md").write_text("Words.")
    (tmp_path / "more.json").mkdir()
    assert revision(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert [(name, size) for name, size, _ in revision(tmp_path)] == [
        ("config.json", 2),
        ("model.safetensors", 7),
    ]


@pytest.mark.parametrize("place", [0, 3, 97, 99])
def test_a_large_file_is_known_by_its_size_and_its_ends(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lorewright.llm.model_files._BIG_FILE", 8)
    weights = bytearray(100)
    (tmp_path / "model.bin").write_bytes(weights)
    before = revision(tmp_path)
    weights[place] = 1
    (tmp_path / "model.bin").write_bytes(weights)
    assert revision(tmp_path) != before
    (tmp_path / "model.bin").write_bytes(bytes(101))
    assert revision(tmp_path) != before
