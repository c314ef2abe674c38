"""Formats that hold whole conversations: prompt and completion, messages, and ShareGPT's."""

from lorewright.core.records import Example
from lorewright.datasets.formats.format import Entry, Format, Row, one_file_a_split
from lorewright.datasets.formats.provenance import made_again
from lorewright.datasets.formats.turns import turns

_SHAREGPT = {"system": "system", "user": "human", "assistant": "gpt"}
_JSONL = ".jsonl"


def prompt_completion(example: Example) -> dict[str, list[dict[str, str]]]:
    """Return the conversational prompt-completion row: all turns before the answer, and the answer.

    TRL computes the loss on the completion only: https://huggingface.co/docs/trl/dataset_formats.
    """
    said = as_turns(example)
    return {"prompt": said[:-1], "completion": said[-1:]}


def as_turns(example: Example) -> list[dict[str, str]]:
    """Return the messages of an example as `role` and `content`."""
    return [{"role": turn.role, "content": turn.content} for turn in example.messages]


def _prompt_completion_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    return ((f"{entry.split}{_JSONL}", prompt_completion(entry.example)),)


def _read_prompt_completion(row: Row) -> Example:
    return made_again((*(turns(row["prompt"]) if row["prompt"] else ()), *turns(row["completion"])))


def _messages_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    return ((f"{entry.split}{_JSONL}", {"messages": as_turns(entry.example)}),)


def _read_messages(row: Row) -> Example:
    return made_again(turns(row["messages"]))


def _sharegpt_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    said = [{"from": _SHAREGPT[turn.role], "value": turn.content} for turn in entry.example.messages]
    return ((f"{entry.split}{_JSONL}", {"conversations": said}),)


def _read_sharegpt(row: Row) -> Example:
    return made_again(turns(row["conversations"]))


PROMPT_COMPLETION = Format(
    name="prompt-completion",
    about="`prompt` and `completion` as lists of turns, the loss on the completion: TRL, lore.",
    rows=_prompt_completion_rows,
    read=_read_prompt_completion,
    read_from=one_file_a_split(_JSONL),
    holds=frozenset({"system turn"}),
)
MESSAGES = Format(
    name="messages",
    about="`messages` as a list of turns with `role` and `content`: TRL, Axolotl, most services.",
    rows=_messages_rows,
    read=_read_messages,
    read_from=one_file_a_split(_JSONL),
    holds=frozenset({"system turn"}),
)
SHAREGPT = Format(
    name="sharegpt",
    about="`conversations` as a list of turns with `from` and `value`: Axolotl, LLaMA-Factory, Unsloth.",
    rows=_sharegpt_rows,
    read=_read_sharegpt,
    read_from=one_file_a_split(_JSONL),
    holds=frozenset({"system turn"}),
)
