"""A byte-level BPE tokenizer of a corpus's own, with the chat template built in."""

from collections.abc import Iterable
from typing import Any

from lorewright.llm.templates import CHATML, EOS, PAD, SPECIAL_TOKENS


def train_tokenizer(texts: Iterable[str], *, vocabulary_size: int, max_length: int) -> Any:
    """Return a fast tokenizer learned from texts; every byte is in it, so it can spell anything.

    A small corpus runs out of pairs to merge and yields fewer tokens than asked for.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast
    from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

    raw = Tokenizer(models.BPE())
    # The model is Qwen2-shaped, so whoever loads it gets Qwen2's way of parting text, whatever the folder says.
    raw.normalizer = normalizers.NFC()
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=EOS, pad_token=PAD, model_max_length=max_length
    )
    tokenizer.chat_template = CHATML
    return tokenizer
