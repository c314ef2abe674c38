"""Models by name: a folder, the Hub's cache, or a plain word about what is missing."""

from pathlib import Path

import pytest

from lorewright.core.errors import NotFoundError
from lorewright.hub.models import locate, locate_embedder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the Hub, and no network."""
    from huggingface_hub import constants

    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


def keep(cache: Path, name: str) -> Path:
    repo = cache / f"models--{name.replace('/', '--')}"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    return snapshot


def test_a_folder_is_seen_from_the_project(tmp_path: Path) -> None:
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    assert locate("models/mine", tmp_path, instead="nothing") == model
    assert locate(str(model), tmp_path / "elsewhere", instead="nothing") == model
    assert locate_embedder("./models/mine", tmp_path) == model
    assert locate_embedder("mine", tmp_path / "models") == model


def test_an_embedder_needs_its_modules_or_a_configuration(tmp_path: Path) -> None:
    static = tmp_path / "static"
    static.mkdir()
    with pytest.raises(NotFoundError, match=r"holds no model: it has no modules\.json and no config\.json"):
        locate_embedder("./static", tmp_path)
    (static / "modules.json").write_text("[]")
    assert locate_embedder("./static", tmp_path) == static
    with pytest.raises(NotFoundError, match=r"holds no model: it has no config\.json"):
        locate("./static", tmp_path, instead="nothing")


def test_what_is_in_the_cache_needs_no_network(cache: Path, tmp_path: Path) -> None:
    mini = keep(cache, "sentence-transformers/all-MiniLM-L6-v2")
    other = keep(cache, "owner/model")
    assert locate_embedder("all-MiniLM-L6-v2", tmp_path) == mini
    assert locate_embedder("sentence-transformers/all-MiniLM-L6-v2", tmp_path) == mini
    assert locate_embedder("owner/model", tmp_path) == other
    assert locate("owner/model", tmp_path, instead="nothing") == other


def test_what_is_nowhere_is_named_with_what_to_do(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="'owner/none' is not a folder here and could not be") as missing:
        locate_embedder("owner/none", tmp_path)
    assert missing.value.hint == 'check the name and the network, give a folder, or set index.embedder = ""'
    with pytest.raises(NotFoundError, match=r"'\./none' is neither a folder nor a Hub name") as no_name:
        locate("./none", tmp_path, instead='training.base = "tiny"')
    assert no_name.value.hint == 'give a folder, or training.base = "tiny"'
    with pytest.raises(NotFoundError, match="'a--b' is not a folder here"):
        locate("a--b", tmp_path, instead="nothing")
