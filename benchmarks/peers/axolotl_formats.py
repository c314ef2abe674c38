"""Exported files read by Axolotl itself, by the configuration that its documentation gives for each layout.

    PYTHON benchmarks/peers/axolotl_formats.py EXPORTS --tokenizer MODEL

`PYTHON` is of an environment with axolotl; `EXPORTS` is what `lore dataset export` wrote in several formats; `MODEL` is
a folder with a tokenizer that has a chat template. For each format the rows are tokenized by Axolotl, and what it would
train on is decoded and compared with the answers in the files. Nothing is fetched.
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "AXOLOTL_DO_NOT_TRACK": "1"}

FILES = {
    "csv": "train.csv",
    "sft": "sft.jsonl",
    "train-validation": "train_dataset.jsonl",
}
_PAIRS = {"field_instruction": "question", "field_output": "answer", "format": "{instruction}\n"}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "alpaca": {"type": "alpaca"},
    "sft": {"type": "alpaca"},
    "train-validation": {"type": "alpaca"},
    "messages": {"type": "chat_template", "field_messages": "messages", "roles_to_train": ["assistant"]},
    "sharegpt": {
        "type": "chat_template",
        "field_messages": "conversations",
        "message_property_mappings": {"role": "from", "content": "value"},
        "roles_to_train": ["gpt", "assistant"],
    },
    "csv": {"type": _PAIRS, "ds_type": "csv"},
    "qa": {"type": _PAIRS},
    "preference": {
        "type": "chat_template.default",
        "field_messages": "prompt",
        "field_chosen": "chosen",
        "field_rejected": "rejected",
    },
}


def main() -> None:
    """Read every format that is there; end with an error where Axolotl sees anything else than the files hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("exports", type=Path)
    parser.add_argument("--tokenizer", type=Path, required=True)
    arguments = parser.parse_args()
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(arguments.tokenizer, local_files_only=True)
    failed = []
    for name, configuration in CONFIGURATIONS.items():
        for path in files_of(arguments.exports / name, name):
            read = preferred if name == "preference" else supervised
            found = [text.strip() for text in read(path, configuration, tokenizer)]
            wanted = [answer.strip() for answer in answers(path)]
            same = sum(one in other for one, other in zip(wanted, found, strict=False))
            print(
                f"{name}: {len(wanted):,} rows in {path.name}, {len(found):,} read, {same:,} answers learnt"
            )
            if not len(wanted) == len(found) == same:
                failed.append(name)
    if failed:
        sys.exit(f"Axolotl sees something else in: {', '.join(failed)}")


def files_of(folder: Path, name: str) -> list[Path]:
    """Return the files of a format to read, if it was exported."""
    if name == "qa":
        return sorted(folder.glob("*_qa.jsonl"))
    path = folder / FILES.get(name, "train.jsonl")
    return [path] if path.is_file() else []


def answers(path: Path) -> Iterator[str]:
    """Yield the answer of every row, read without any library."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        if path.suffix == ".csv":
            yield from (row["answer"] for row in csv.DictReader(stream))
            return
        for line in stream:
            yield answer_of(json.loads(line))


def answer_of(row: dict[str, Any]) -> str:
    """Return the answer of a row of any of the layouts."""
    for name in ("output", "answer"):
        if name in row:
            return str(row[name])
    for name in ("chosen", "messages", "conversations"):
        if name in row:
            last = row[name][-1]
            return str(last["content"] if "content" in last else last["value"])
    raise KeyError(f"no answer in {list(row)}")


def supervised(path: Path, configuration: dict[str, Any], tokenizer: Any) -> Iterator[str]:
    """Yield the text of each row that Axolotl would train on."""
    from axolotl.utils.data.wrappers import get_dataset_wrapper
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.datasets import SFTDataset

    checked = SFTDataset(path=str(path), **configuration)
    config = DictDefault(checked.model_dump(exclude_none=True))
    settings = DictDefault({"sequence_len": 4096, "datasets": [config], "chat_template": "tokenizer_default"})
    kind = config.type if isinstance(config.type, str) else None
    wrapped, _ = get_dataset_wrapper(config, tokenizer, settings, kind, rows_of(path))
    for row in wrapped:
        yield tokenizer.decode([token for token in row["labels"] if token >= 0])


def preferred(path: Path, configuration: dict[str, Any], tokenizer: Any) -> Iterator[str]:
    """Yield the text of each row that Axolotl's preference training would prefer."""
    from axolotl.prompt_strategies.dpo import load
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.datasets import DPODataset

    checked = DPODataset(path=str(path), split="train", **configuration)
    config = DictDefault({**configuration, **checked.model_dump(exclude_none=True)})
    settings = DictDefault({"datasets": [config], "chat_template": "tokenizer_default"})
    found = load(config.type, settings, dataset_idx=0)
    transform = found[0] if isinstance(found, tuple) else found
    for row in rows_of(path):
        yield transform(row, tokenizer=tokenizer)["chosen"]


def rows_of(path: Path) -> Any:
    """Return the rows of a file as `datasets` loads them."""
    from datasets import load_dataset

    kind = "csv" if path.suffix == ".csv" else "json"
    return load_dataset(kind, data_files=str(path), split="train")


if __name__ == "__main__":
    main()
