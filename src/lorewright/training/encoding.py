"""Conversations as token ids and labels; what does not fit is named, never cut or lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lorewright.core.records import Message
from lorewright.llm.templates import encode_answer

IGNORED = -100


@dataclass(frozen=True)
class Encoded:
    """Rows ready to train on.

    Attributes:
        features: `input_ids` and `labels` of each kept row; only the answer and its end mark carry labels.
        dropped: Positions in the input of the rows that exceed the length.
        answer_tokens: How many tokens carry a label.
    """

    features: list[dict[str, list[int]]]
    dropped: list[int]
    answer_tokens: int


def encode_rows(tokenizer: Any, rows: Sequence[Mapping[str, Any]], *, max_length: int) -> Encoded:
    """Return conversational prompt-completion rows as token ids, with the longer ones counted in `dropped`."""
    features: list[dict[str, list[int]]] = []
    dropped: list[int] = []
    answer_tokens = 0
    for index, row in enumerate(rows):
        messages = [Message.model_validate(turn) for turn in [*row["prompt"], *row["completion"]]]
        prompt, answer = encode_answer(tokenizer, messages)
        if len(prompt) + len(answer) > max_length:
            dropped.append(index)
            continue
        features.append({"input_ids": prompt + answer, "labels": [IGNORED] * len(prompt) + answer})
        answer_tokens += len(answer)
    return Encoded(features, dropped, answer_tokens)
