"""Tiny random models whose norms and biases are far from their defaults, or mistakes in them would not show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lorewright.export.probes import PIECES, PROMPTS
from lorewright.export.vocabulary import LLAMA3_PATTERN, QWEN2_PATTERN
from lorewright.llm.templates import CHATML, EOS, PAD, SPECIAL_TOKENS

TinyModel = Callable[..., Path]


def tiny_tokenizer(pre_tokenizer: str, *, bos: bool = False) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    def split(pattern: str) -> Any:
        return pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )

    whole_words = pre_tokenizers.ByteLevel(add_prefix_space=False)
    ways = {
        "gpt-2": whole_words,
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), whole_words]),
        "qwen2": split(QWEN2_PATTERN),
        "smaug-bpe": split(LLAMA3_PATTERN),
        "llama-bpe": split(LLAMA3_PATTERN),
    }
    raw = Tokenizer(models.BPE(ignore_merges=pre_tokenizer == "llama-bpe"))
    raw.pre_tokenizer = ways[pre_tokenizer]
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=[*SPECIAL_TOKENS, "<|begin|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator([*PIECES, *PROMPTS], trainer)
    if bos:
        raw.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", raw.token_to_id("<|begin|>"))]
        )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=EOS, pad_token=PAD, bos_token="<|begin|>" if bos else None
    )
    tokenizer.chat_template = ("{{- bos_token }}" if bos else "") + CHATML
    return tokenizer


def write_tiny_model(
    folder: Path,
    *,
    architecture: str = "qwen2",
    pre_tokenizer: str = "gpt-2",
    bos: bool = False,
    seed: int = 7,
    shard_size: str = "1GB",
    dtype: str = "float32",
    **shape: Any,
) -> Path:
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    tokenizer = tiny_tokenizer(pre_tokenizer, bos=bos)
    settings = {
        "vocab_size": len(tokenizer) + 5,
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 96,
        "max_position_embeddings": 512,
        "tie_word_embeddings": True,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        **shape,
    }
    config = {"qwen2": Qwen2Config, "llama": LlamaConfig}[architecture](**settings)
    network = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
            else:
                parameter.mul_(4)
    network.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=shard_size)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_model(tmp_path: Path) -> TinyModel:
    def write(**wishes: Any) -> Path:
        return write_tiny_model(tmp_path / "model", **wishes)

    return write


@pytest.fixture(scope="session")
def qwen_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("qwen"))


@pytest.fixture(scope="session")
def llama_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("llama"), architecture="llama")
