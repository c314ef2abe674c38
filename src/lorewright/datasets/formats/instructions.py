"""Formats of instruction, input and output: Alpaca's, `sft.jsonl`, and the two files of a training server.

A system turn is the instruction and the question its input; without one the question is the instruction and the input
is empty. Both stand in the prompt that these formats are read into (https://github.com/tatsu-lab/stanford_alpaca).
"""

from collections.abc import Mapping
from typing import Any

from lorewright.core.records import Example, Message
from lorewright.datasets.draws import draw
from lorewright.datasets.formats.conversations import as_turns
from lorewright.datasets.formats.format import (
    TRAIN,
    VALIDATION,
    WHOLE,
    Entry,
    Format,
    Row,
    one_file_a_split,
    training_only,
)
from lorewright.datasets.formats.provenance import begins_with_system, made_again, packed, unpacked
from lorewright.datasets.formats.turns import Pair, messages_of, pair, turns

SFT_FILE, SFT_READABLE = "sft.jsonl", "sft_readable.json"
TRAIN_FILE, VALIDATION_FILE, INFO_FILE = (
    "train_dataset.jsonl",
    "validation_dataset.jsonl",
    "dataset_info.json",
)
VALIDATION_SHARE = 0.2
"""Share of the examples that formats of two sets hold out."""
_JSONL = ".jsonl"
_SEED = 0


def instruction_row(one: Pair) -> dict[str, str]:
    """Return the three fields of a pair."""
    if one.system is None:
        return {"instruction": one.question, "input": "", "output": one.answer}
    return {"instruction": one.system, "input": one.question, "output": one.answer}


def joined(instruction: str, given: str) -> str:
    """Return what is asked by an instruction and its input, which may be empty."""
    return f"{instruction}\n\n{given}" if given else instruction


def share_to_move(train: int, validation: int, *, wanted: float = VALIDATION_SHARE) -> float:
    """Return which share of the training examples must move for validation to be as large as wanted, 0 to 1."""
    if not train:
        return 0.0
    return min(max((wanted * (train + validation) - validation) / train, 0.0), 1.0)


def _pair_objection(entry: Entry) -> str:
    one = pair(entry.example)
    return one if isinstance(one, str) else ""


def _pair(entry: Entry) -> Pair:
    one = pair(entry.example)
    if isinstance(one, str):
        raise TypeError(one)
    return one


def alpaca_messages(instruction: str, given: str, output: str, metadata: Any = None) -> tuple[Message, ...]:
    """Return the turns of three fields; `metadata` tells of rows written here whether the first is a system turn."""
    if begins_with_system(metadata):
        return messages_of(Pair(instruction, given, output))
    return messages_of(Pair(None, joined(instruction, given), output))


def _alpaca_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    row = {**instruction_row(_pair(entry)), "metadata": packed(entry.example)}
    return ((f"{entry.split}{_JSONL}", row),)


def _read_alpaca(row: Row) -> Example:
    messages = alpaca_messages(row["instruction"], row["input"], row["output"], row["metadata"])
    return unpacked(row["metadata"], messages) or made_again(messages)


def _sft_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    one = pair(entry.example)
    row = {"conversations": as_turns(entry.example)} if isinstance(one, str) else instruction_row(one)
    return ((SFT_FILE, row), (SFT_READABLE, row))


def _read_instruction(row: Row) -> Example:
    if row.get("conversations"):
        return made_again(turns(row["conversations"]))
    return made_again(alpaca_messages(row["instruction"], row["input"], row["output"]))


def _read_sft_from(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return ((TRAIN, SFT_FILE),) if SFT_FILE in names else ()


def _two_sets_rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    moved = draw(entry.example.group or entry.example.id, seed=_SEED) < entry.validation_share
    name = VALIDATION_FILE if moved or entry.split == VALIDATION else TRAIN_FILE
    return ((name, instruction_row(_pair(entry))),)


def _two_sets_objection(entry: Entry) -> str:
    if entry.split not in {TRAIN, VALIDATION}:
        return f"it is in {entry.split}, and this format has no test set"
    return _pair_objection(entry)


def _read_two_sets_from(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    wanted = ((TRAIN, TRAIN_FILE), (VALIDATION, VALIDATION_FILE))
    return tuple((split, name) for split, name in wanted if name in names)


def _info(counts: Mapping[str, int], made_at: str) -> tuple[str, Row]:
    train, validation = counts.get(TRAIN_FILE, 0), counts.get(VALIDATION_FILE, 0)
    return INFO_FILE, {
        "train_path": TRAIN_FILE,
        "validation_path": VALIDATION_FILE,
        "train_size": train,
        "validation_size": validation,
        "total_size": train + validation,
        "created_at": made_at,
    }


ALPACA = Format(
    name="alpaca",
    about="`instruction`, `input`, `output`, and `metadata` as JSON text: Axolotl, LLaMA-Factory, most others.",
    rows=_alpaca_rows,
    read=_read_alpaca,
    read_from=one_file_a_split(_JSONL),
    objection=_pair_objection,
    holds=WHOLE,
)
SFT = Format(
    name="sft",
    about="`sft.jsonl` and the same for people, `sft_readable.json`: three fields, or `conversations`.",
    rows=_sft_rows,
    read=_read_instruction,
    read_from=_read_sft_from,
    objection=training_only,
)
TRAIN_VALIDATION = Format(
    name="train-validation",
    about="`train_dataset.jsonl` and `validation_dataset.jsonl`, 80 to 20, with `dataset_info.json`.",
    rows=_two_sets_rows,
    read=_read_instruction,
    read_from=_read_two_sets_from,
    objection=_two_sets_objection,
    files=(TRAIN_FILE, VALIDATION_FILE),
    summary=_info,
)
