"""What cannot be written as GGUF is refused with its name, and nothing half-written is left."""

import json
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ExportError, NotFoundError
from lorewright.export.gguf_file import write_gguf
from lorewright.export.shapes import read_shape, rope_factors
from lorewright.export.template import plain_template
from lorewright.export.vocabulary import read_vocabulary

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 8,
    "max_position_embeddings": 64,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "intermediate_size": 16,
    "num_attention_heads": 2,
    "rms_norm_eps": 1e-6,
}
TOKENIZER: dict[str, Any] = {
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
    "decoder": {"type": "ByteLevel"},
    "added_tokens": [],
}


def added(token_id: int, content: str, **traits: bool) -> dict[str, Any]:
    return {"id": token_id, "content": content, "special": True, **traits}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architectures": ["MambaForCausalLM"]}, "architecture MambaForCausalLM"),
        ({"architectures": []}, r"architecture \(none\)"),
        ({"hidden_act": "gelu"}, "activation 'gelu'"),
        ({"use_sliding_window": True, "sliding_window": 32}, r"sliding window \(32 tokens\)"),
        ({"quantization_config": {"bits": 4}}, "stored quantised"),
        ({"rope_scaling": {"type": "yarn", "factor": 4.0}}, "rotary scaling 'yarn'"),
    ],
)
def test_a_shape_without_a_place_in_gguf_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        read_shape({**CONFIG, **change})


def test_rotary_settings_are_found_in_their_old_and_their_new_place() -> None:
    old = {"rope_theta": 5e5, "rope_scaling": {"type": "linear", "factor": 2.0}}
    new = {"rope_parameters": {"rope_type": "linear", "rope_theta": 5e5, "factor": 2.0}}
    for config in (old, new):
        rope = read_shape({**CONFIG, **config}).rope
        assert (rope["rope_type"], rope["rope_theta"], rope["factor"]) == ("linear", 5e5, 2.0)
    assert read_shape(CONFIG).rope["rope_theta"] == 10000.0


def test_llama3_rotary_factors_are_those_of_transformers() -> None:
    import torch
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    rope = {
        "rope_type": "llama3",
        "rope_theta": 5e5,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    shape = read_shape({**CONFIG, "head_dim": 64, "rope_parameters": rope})
    config = LlamaConfig(head_dim=64, rope_parameters=rope)
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    plain = 5e5 ** -(torch.arange(0, 64, 2) / 64)
    assert torch.allclose(torch.tensor(rope_factors(shape)), plain / scaled, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": {"type": "Unigram", "vocab": {}, "merges": []}}, "a Unigram tokenizer"),
        ({"decoder": {"type": "Metaspace"}}, "a Metaspace decoder"),
        ({"model": {**TOKENIZER["model"], "byte_fallback": True}}, "byte_fallback=True"),
        ({"model": {**TOKENIZER["model"], "end_of_word_suffix": "</w>"}}, "end_of_word_suffix='</w>'"),
        ({"model": {**TOKENIZER["model"], "ignore_merges": True}}, "ignore_merges=True"),
        ({"pre_tokenizer": None}, "no known pre-tokenizer for \"{'type': 'none'}\""),
        (
            {"pre_tokenizer": {**TOKENIZER["pre_tokenizer"], "add_prefix_space": True}},
            "no known pre-tokenizer",
        ),
        ({"normalizer": {"type": "Lowercase"}}, "normaliser Lowercase"),
        ({"added_tokens": [added(3, "<x>", rstrip=True)]}, "added token '<x>' has rstrip"),
        ({"added_tokens": [added(5, "<x>")]}, "highest token id is 5, but the embedding has only 5 rows"),
    ],
)
def test_a_tokenizer_that_gguf_cannot_state_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        read_vocabulary({**TOKENIZER, **change}, size=5)


def test_ids_without_a_token_are_padded_and_kinds_of_tokens_kept() -> None:
    kinds = [added(3, "<end>"), {**added(5, "<note>"), "special": False}]
    found = read_vocabulary({**TOKENIZER, "added_tokens": kinds}, size=7)
    assert found.tokens == ["a", "b", "ab", "<end>", "[PAD4]", "<note>", "[PAD6]"]
    assert found.types == [1, 1, 1, 3, 5, 4, 5]
    assert found.merges == ["a b"]
    assert found.normalizer == "none"


def test_generation_marks_leave_the_template_with_their_whitespace_control() -> None:
    template = "a\n{%- generation -%}\n b \n{%   endgeneration %}\n c"
    assert plain_template(template) == "a\n{%- if true -%}\n b \n{% endif %}\n c"


def test_nothing_is_left_where_writing_failed(tmp_path: Path, tiny_model: Any) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    model_dir, out_path = tiny_model(), tmp_path / "out" / "m.gguf"
    write_gguf(model_dir, out_path, quantisation="f32")
    whole = out_path.read_bytes()
    tensors = load_file(model_dir / "model.safetensors")
    for value, message in ((float("nan"), "not finite"), (1e5, "too large for F16")):
        tensors["model.layers.1.mlp.up_proj.weight"][0, 0] = torch.tensor(value)
        save_file(tensors, model_dir / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(ExportError, match=rf"model\.layers\.1\.mlp\.up_proj\.weight holds .*{message}"):
            write_gguf(model_dir, out_path, quantisation="f16")
    assert out_path.read_bytes() == whole
    assert list(out_path.parent.iterdir()) == [out_path]


def test_a_tensor_that_the_shape_does_not_know_is_named(tmp_path: Path, tiny_model: Any) -> None:
    import torch
    from safetensors.torch import save_file

    model_dir = tiny_model()
    save_file({"model.extra.weight": torch.ones(4, 4)}, model_dir / "extra.safetensors")
    with pytest.raises(ExportError, match=r"tensor model\.extra\.weight has no place"):
        write_gguf(model_dir, tmp_path / "m.gguf", quantisation="f16")


def test_writing_twice_gives_the_same_bytes(qwen_dir: Path, tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        write_gguf(qwen_dir, tmp_path / name, quantisation="q8_0")
    assert (tmp_path / "a.gguf").read_bytes() == (tmp_path / "b.gguf").read_bytes()


def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path, tiny_model: Any) -> None:
    with pytest.raises(NotFoundError, match=r"config\.json is missing"):
        write_gguf(tmp_path, tmp_path / "m.gguf", quantisation="f16")
    model_dir = tiny_model()
    (model_dir / "model.safetensors").unlink()
    with pytest.raises(NotFoundError, match="no weights"):
        write_gguf(model_dir, tmp_path / "m.gguf", quantisation="f16")
    config = json.loads((model_dir / "config.json").read_text())
    (model_dir / "tokenizer.json").unlink()
    (model_dir / "config.json").write_text(json.dumps({**config, "model_type": "llama"}))
    with pytest.raises(NotFoundError, match="no tokenizer"):
        write_gguf(model_dir, tmp_path / "m.gguf", quantisation="f16")
