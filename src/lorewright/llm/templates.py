"""How conversations become text and tokens: one place, so that training and serving cannot differ."""

from collections.abc import Sequence
from typing import Any

from lorewright.core.records import Message

EOS = "<|im_end|>"
PAD = "<|endoftext|>"
SPECIAL_TOKENS = (PAD, "<|im_start|>", EOS)

# The end mark stands inside the generation block: a block that leaves it out never teaches a model to stop.
CHATML = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message['role'] + '\\n' }}"
    "{%- if message['role'] == 'assistant' %}"
    "{%- generation %}{{- message['content'] + '<|im_end|>' }}{%- endgeneration %}"
    "{%- else %}"
    "{{- message['content'] + '<|im_end|>' }}"
    "{%- endif %}"
    "{{- '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)

# For base models that bring no template: their vocabulary has no turn marks, so roles are plain words.
PLAIN = (
    "{%- for message in messages %}"
    "{{- message['role'] | capitalize + ': ' }}"
    "{%- if message['role'] == 'assistant' %}"
    "{%- generation %}{{- message['content'] + eos_token }}{%- endgeneration %}"
    "{%- else %}"
    "{{- message['content'] }}"
    "{%- endif %}"
    "{{- '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- 'Assistant: ' }}{%- endif %}"
)


def encode_prompt(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Return the token ids that a model answers to: the conversation and the opening of its own turn."""
    return _tokens(tokenizer, _render(tokenizer, messages, opened=True))


def encode_answer(tokenizer: Any, messages: Sequence[Message]) -> tuple[list[int], list[int]]:
    """Return the token ids of a conversation's prompt and of its last message, the answer with its end mark.

    The two are tokenised apart, as they are when a model answers, so a token never spans the border.
    """
    opened = _render(tokenizer, messages[:-1], opened=True)
    whole = _render(tokenizer, messages, opened=False)
    rest = whole[len(opened) :] if whole.startswith(opened) else messages[-1].content
    answer = _tokens(tokenizer, rest)
    end = tokenizer.eos_token_id
    last = len(answer) - answer[::-1].index(end) if end in answer else len(answer)
    return _tokens(tokenizer, opened), answer[:last] if end in answer[:last] else [*answer, end]


def ensure_template(tokenizer: Any) -> None:
    """Give a tokenizer without a chat template the plain one, and one without a pad token its end mark."""
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token


def _render(tokenizer: Any, messages: Sequence[Message], *, opened: bool) -> str:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    # Families that can think aloud answer directly here; templates that do not know the word ignore it.
    text = tokenizer.apply_chat_template(
        turns, tokenize=False, add_generation_prompt=opened, enable_thinking=False
    )
    return str(text)


def _tokens(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
