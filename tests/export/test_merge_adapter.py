"""A merged model answers like its base under the adapter, or is not written."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ExportError, NotFoundError
from lorewright.export import merge as merging
from lorewright.export.gguf_file import write_gguf
from lorewright.export.merge import merge
from lorewright.export.verify import verify


def write_adapter(base: Path, folder: Path, *, targets: Any = "all-linear") -> Path:
    import torch
    from peft import LoraConfig, get_peft_model

    from lorewright.llm.local import load_base

    network, _tokenizer = load_base(base, dtype="float32")
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adapted = get_peft_model(network, LoraConfig(r=4, target_modules=targets, task_type="CAUSAL_LM"))
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            parameter.data = torch.randn_like(parameter) * 0.1
    adapted.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(qwen_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_adapter(qwen_dir, tmp_path_factory.mktemp("adapter"))


@pytest.mark.parametrize("dtype", ["auto", "float16", "bfloat16"])
def test_the_merged_folder_passes_the_gate_of_its_precision(
    dtype: str, qwen_dir: Path, adapter: Path, tmp_path: Path
) -> None:
    figures = merge(qwen_dir, adapter, tmp_path / "merged", dtype=dtype)
    assert figures["dtype"] == ("float32" if dtype == "auto" else dtype)
    assert figures["mean_kl"] < 1e-3
    assert (tmp_path / "merged" / "tokenizer.json").is_file()
    assert (tmp_path / "merged" / "chat_template.jinja").is_file()
    assert not list(tmp_path.glob("*.partial"))


def test_auto_keeps_the_precision_of_the_base(tiny_model: Any, tmp_path: Path) -> None:
    assert merge(tiny_model(dtype="bfloat16"), None, tmp_path / "merged")["dtype"] == "bfloat16"


@pytest.mark.parametrize("architecture", ["qwen2", "llama"])
def test_a_merged_model_goes_on_to_gguf(architecture: str, tiny_model: Any, tmp_path: Path) -> None:
    base = tiny_model(architecture=architecture)
    merged, path = tmp_path / "merged", tmp_path / "merged.gguf"
    merge(base, write_adapter(base, tmp_path / "adapter"), merged)
    write_gguf(merged, path, quantisation="f16")
    assert verify(merged, path, prompts=[])["max_top_logprob"] <= 0.02
    with pytest.raises(ExportError, match="differ: "):
        verify(base, path, prompts=[])


def test_a_model_without_an_adapter_is_copied_exactly(llama_dir: Path, tmp_path: Path) -> None:
    assert merge(str(llama_dir), None, tmp_path / "copy")["max_logprob"] == 0.0


def test_a_tokenizer_beside_the_adapter_is_the_one_that_was_trained_with(
    qwen_dir: Path, adapter: Path, tmp_path: Path
) -> None:
    from lorewright.export.huggingface import load_tokenizer

    with_tokenizer = tmp_path / "adapter"
    shutil.copytree(adapter, with_tokenizer)
    tokenizer = load_tokenizer(qwen_dir)
    tokenizer.chat_template += "{#- trained #}"
    tokenizer.save_pretrained(with_tokenizer)
    merge(qwen_dir, with_tokenizer, tmp_path / "merged")
    assert load_tokenizer(tmp_path / "merged").chat_template.endswith("{#- trained #}")


def test_an_earlier_model_is_replaced_and_anything_else_is_left_alone(
    llama_dir: Path, tmp_path: Path
) -> None:
    out_dir = tmp_path / "merged"
    merge(llama_dir, None, out_dir)
    (out_dir / "stale.txt").touch()
    merge(llama_dir, None, out_dir)
    assert not (out_dir / "stale.txt").exists()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(ExportError, match="holds something that is no model"):
        merge(llama_dir, None, tmp_path / "letters")


def test_a_merge_that_changes_answers_leaves_nothing_behind(
    qwen_dir: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapted = merging._adapted

    def forgetful(network: Any, folder: Path) -> Any:
        wrapped = adapted(network, folder)
        wrapped.merge_and_unload = wrapped.unload
        return wrapped

    monkeypatch.setattr(merging, "_adapted", forgetful)
    with pytest.raises(ExportError, match="the merged model differ: max_logprob is"):
        merge(qwen_dir, adapter, tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_of_another_shape_is_refused(adapter: Path, tmp_path: Path, tiny_model: Any) -> None:
    deeper, wider = {"num_hidden_layers": 1}, {"intermediate_size": 128}
    for shape in (deeper, wider):
        with pytest.raises(ExportError, match="does not fit its base"):
            merge(tiny_model(**shape), adapter, tmp_path / "merged")


def test_what_is_not_there_is_named(qwen_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no adapter in .*none"):
        merge(qwen_dir, tmp_path / "none", tmp_path / "merged")
    with pytest.raises(NotFoundError, match="none"):
        merge(tmp_path / "none", None, tmp_path / "merged")
