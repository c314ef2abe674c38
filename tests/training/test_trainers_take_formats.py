"""TRL's trainers take exported files as they are: one step each on a tiny model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.datasets.formats import Entry, load_format
from lorewright.stages.export_files import write_format

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
TEXTS = ["=cmd", "a\u2028b", 'say "x"\r\n', "🙂 é 漢字", "nul\x00here", '{"json": true}']


def examples() -> list[Example]:
    return [
        make_example(
            task="qa",
            messages=(
                *((Message(role="system", content="Be brief."),) if number % 2 else ()),
                Message(role="user", content=f"Which task reads table {number}? {text}"),
                Message(role="assistant", content=f"Task {number} reads it. {text}"),
            ),
            evidence=(Evidence(chunk_id="c", start=0, end=4, quote="Task"),) if number % 3 else (),
            origin="extractive",
            metadata={
                "replaced_answer": f"Nobody knows {number}.",
                "sample": number,
                "mixed": [number, text],
            },
        )
        for number, text in enumerate(TEXTS * 2)
    ]


def exported(name: str, folder: Path) -> Path:
    entries = [Entry("validation" if number == 0 else "train", one) for number, one in enumerate(examples())]
    folder.mkdir()
    write_format(load_format(name), entries, folder, splits=["train", "validation"], made_at="", mark="m")
    return folder


def loaded(name: str, folder: Path, cache: Path) -> Any:
    import datasets

    exported(name, folder)
    if name == "dataset-dict":
        return datasets.load_from_disk(str(folder))["train"]
    files = {"csv": "train.csv", "sft": "sft.jsonl", "train-validation": "train_dataset.jsonl"}
    path = folder / files.get(name, "train.jsonl")
    kind = "csv" if path.suffix == ".csv" else "json"
    return datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(cache))


def arguments(folder: Path) -> Mapping[str, Any]:
    return {
        "output_dir": str(folder),
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "max_length": 128,
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "save_strategy": "no",
        "dataloader_pin_memory": False,
        "disable_tqdm": True,
    }


@pytest.mark.parametrize("name", ["prompt-completion", "messages", "sharegpt", "dataset-dict"])
def test_conversations_are_trained_on_as_they_are(name: str, tiny_base: Path, tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    rows = loaded(name, tmp_path / "data", tmp_path / "cache")
    assert len(rows) == 11
    trainer = SFTTrainer(
        model=str(tiny_base), args=SFTConfig(**arguments(tmp_path / "out")), train_dataset=rows
    )
    assert trainer.train().training_loss > 0


@pytest.mark.parametrize("name", ["alpaca", "sft", "train-validation", "csv"])
def test_questions_and_answers_are_trained_on_through_two_columns(
    name: str, tiny_base: Path, tmp_path: Path
) -> None:
    from trl import SFTConfig, SFTTrainer

    rows = loaded(name, tmp_path / "data", tmp_path / "cache")
    fields = ("question", "answer") if name == "csv" else ("instruction", "output")

    def pair(row: Mapping[str, str]) -> dict[str, str]:
        given = row.get("input") or ""
        return {"prompt": f"{row[fields[0]]}\n\n{given}", "completion": row[fields[1]]}

    pairs = rows.map(pair, remove_columns=rows.column_names)
    trainer = SFTTrainer(
        model=str(tiny_base), args=SFTConfig(**arguments(tmp_path / "out")), train_dataset=pairs
    )
    assert trainer.train().training_loss > 0


def test_replaced_answers_are_trained_against(tiny_base: Path, tmp_path: Path) -> None:
    from trl import DPOConfig, DPOTrainer

    rows = loaded("preference", tmp_path / "data", tmp_path / "cache")
    assert len(rows) == 11
    trainer = DPOTrainer(
        model=str(tiny_base), args=DPOConfig(**arguments(tmp_path / "out")), train_dataset=rows
    )
    assert trainer.train().training_loss > 0


@pytest.mark.parametrize("name", ["prompt-completion", "messages", "alpaca", "sharegpt"])
def test_a_folder_loads_with_its_sets(name: str, tmp_path: Path) -> None:
    import datasets

    folder = exported(name, tmp_path / "data")
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in found.items()} == {"train": 11, "validation": 1}
