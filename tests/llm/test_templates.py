"""The chat templates."""

from typing import Any

import pytest

from lorewright.core.records import Message
from lorewright.llm.templates import (
    CHATML,
    EOS,
    PLAIN,
    encode_answer,
    ensure_template,
)


def tokenizer(template: str | None, eos: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=eos)
    made.chat_template = template
    return made


TURNS = [
    Message(role="system", content="Be brief."),
    Message(role="user", content="why?"),
    Message(role="assistant", content="it fails"),
]


@pytest.mark.parametrize(
    ("template", "eos", "text"),
    [
        (
            CHATML,
            EOS,
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nwhy?<|im_end|>\n"
            "<|im_start|>assistant\n" + "it fails<|im_end|>",
        ),
        (PLAIN, "</s>", "System: Be brief.\nUser: why?\nAssistant: it fails</s>"),
    ],
)
def test_a_training_text_ends_with_the_end_mark(template: str, eos: str, text: str) -> None:
    made = tokenizer(template, eos)
    prompt, answer = encode_answer(made, TURNS)
    assert made.decode(prompt + answer) == text
    assert answer[-1] == made.eos_token_id
    assert made.decode(answer) == f"it fails{eos}"


@pytest.mark.parametrize("template", [CHATML, PLAIN])
def test_the_generation_block_covers_the_answer_and_its_end_mark(template: str) -> None:
    made = tokenizer(template, EOS)
    turns = [{"role": message.role, "content": message.content} for message in TURNS]
    encoded = made.apply_chat_template(
        turns, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = [token for token, on in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True) if on]
    assert made.decode(marked) == f"it fails{EOS}"


def test_a_template_that_ends_a_turn_otherwise_still_ends_with_the_end_mark() -> None:
    made = tokenizer("{% for m in messages %}{{ m['content'] }};{% endfor %}", "</s>")
    _, answer = encode_answer(made, TURNS)
    assert answer[-1] == made.eos_token_id


def test_a_tokenizer_without_template_gets_the_plain_one() -> None:
    made = tokenizer(None, "</s>")
    ensure_template(made)
    assert made.chat_template == PLAIN
    assert made.pad_token == "</s>"
