"""What is written as GGUF answers like the model it was made from, or does not count."""

from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ExportError, NotFoundError, ProviderError
from lorewright.export import weights
from lorewright.export.gguf_file import write_gguf
from lorewright.export.verify import verify
from lorewright.export.weights import Quantisation

LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def exported(model_dir: Path, out_dir: Path, quantisation: Quantisation = "f32") -> dict[str, Any]:
    path = out_dir / f"{quantisation}.gguf"
    return write_gguf(model_dir, path, quantisation=quantisation) | verify(
        model_dir, path, prompts=["My own text"]
    )


@pytest.mark.parametrize("quantisation", ["f32", "f16", "q8_0"])
@pytest.mark.parametrize("folder", ["qwen_dir", "llama_dir"])
def test_every_quantisation_of_both_shapes_passes_its_gate(
    folder: str, quantisation: Quantisation, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    figures = exported(request.getfixturevalue(folder), tmp_path, quantisation)
    assert figures["quantisation"] == quantisation
    assert figures[figures["gate_figure"]] <= figures["gate_limit"]
    assert figures["texts"] > 600
    assert figures["conversations"] == 3
    assert figures["positions"] == 18


@pytest.mark.parametrize("pre_tokenizer", ["gpt-2", "smollm", "qwen2", "smaug-bpe", "llama-bpe"])
@pytest.mark.parametrize("bos", [False, True])
def test_every_known_pre_tokenizer_gives_the_same_token_ids(
    pre_tokenizer: str, bos: bool, tmp_path: Path, tiny_model: Any
) -> None:
    model_dir = tiny_model(architecture="llama", pre_tokenizer=pre_tokenizer, bos=bos)
    assert exported(model_dir, tmp_path)["pre_tokenizer"] == pre_tokenizer


def test_transformers_gives_qwen2_its_own_pre_tokenizer_and_normaliser_whatever_the_folder_says(
    qwen_dir: Path, tmp_path: Path
) -> None:
    assert exported(qwen_dir, tmp_path)["pre_tokenizer"] == "qwen2"


@pytest.mark.parametrize(
    "wishes",
    [
        {"architecture": "llama", "rope_parameters": LLAMA3_ROPE},
        {
            "architecture": "llama",
            "rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0},
        },
        {"architecture": "llama", "attention_bias": True},
        {"architecture": "llama", "head_dim": 32},
        {"architecture": "llama", "tie_word_embeddings": False},
        {"architecture": "qwen2", "tie_word_embeddings": False, "rope_parameters": {"rope_theta": 1e6}},
        {"architecture": "qwen2", "num_attention_heads": 6, "num_key_value_heads": 3, "hidden_size": 192},
        {"architecture": "qwen2", "shard_size": "150KB"},
        {"architecture": "qwen2", "dtype": "bfloat16"},
    ],
    ids=lambda wishes: "-".join(list(wishes)[1:]) + "-" + wishes["architecture"],
)
def test_variants_of_the_shapes_are_written_exactly(
    wishes: dict[str, Any], tmp_path: Path, tiny_model: Any
) -> None:
    figures = exported(tiny_model(**wishes), tmp_path)
    assert figures["max_logprob"] <= 0.01


def test_rows_that_are_no_multiple_of_a_block_become_f16(tmp_path: Path, tiny_model: Any) -> None:
    figures = exported(tiny_model(intermediate_size=100), tmp_path, "q8_0")
    assert figures["tensors"] == {"Q8_0": 13, "F16": 2, "F32": 11}


def test_a_model_written_without_interleaved_heads_is_refused(
    llama_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "rotated_heads", lambda name, shape: 0)
    with pytest.raises(ExportError, match="differ: max_logprob is"):
        exported(llama_dir, tmp_path)


@pytest.mark.parametrize("quantisation", ["f32", "f16", "q8_0"])
def test_the_file_of_another_model_is_refused(
    quantisation: Quantisation, qwen_dir: Path, tmp_path: Path, tiny_model: Any
) -> None:
    write_gguf(qwen_dir, tmp_path / "other.gguf", quantisation=quantisation)
    with pytest.raises(ExportError, match="differ: "):
        verify(tiny_model(seed=8), tmp_path / "other.gguf", prompts=[])


def test_a_file_with_other_tokens_is_refused_with_the_text_that_shows_it(
    qwen_dir: Path, tmp_path: Path, tiny_model: Any
) -> None:
    write_gguf(
        tiny_model(architecture="llama", pre_tokenizer="smollm"), tmp_path / "m.gguf", quantisation="f16"
    )
    with pytest.raises(ExportError, match="the file tokenises"):
        verify(qwen_dir, tmp_path / "m.gguf", prompts=[])


def test_a_file_with_another_chat_template_is_refused(
    qwen_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lorewright.export import gguf_file

    monkeypatch.setattr(gguf_file, "plain_template", lambda template: template.replace("assistant", "bot"))
    write_gguf(qwen_dir, tmp_path / "m.gguf", quantisation="f16")
    with pytest.raises(ExportError, match="renders a conversation as"):
        verify(qwen_dir, tmp_path / "m.gguf", prompts=[])


def test_a_file_cut_short_is_refused(qwen_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_gguf(qwen_dir, path, quantisation="f16")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ProviderError, match="cannot load"):
        verify(qwen_dir, path, prompts=[])


def test_a_file_that_is_not_there_is_said_so(qwen_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.gguf"):
        verify(qwen_dir, tmp_path / "none.gguf", prompts=[])
