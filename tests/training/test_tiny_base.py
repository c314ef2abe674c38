"""The base made from a corpus: usable, repeatable, and the same after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import TrainingError
from lorewright.core.records import Message
from lorewright.llm.local import load
from lorewright.llm.templates import CHATML
from lorewright.training.sft import weights_digest
from lorewright.training.tiny_base import make_tiny_base

TEXTS = [f"Worker {i} writes {i * 3} rows to the warehouse and then it stops. " * 5 for i in range(30)]


def make(folder: Path, *, texts: list[str] = TEXTS, seed: int = 0, **options: Any) -> dict[str, Any]:
    return make_tiny_base(
        texts,
        folder / "base",
        vocabulary_size=400,
        hidden_size=32,
        layers=1,
        heads=2,
        kv_heads=1,
        intermediate_size=48,
        steps=12,
        sequence_length=32,
        max_length=64,
        save_steps=3,
        seed=seed,
        threads=1,
        checkpoint_dir=folder / "checkpoints",
        **options,
    )


def test_the_base_opens_answers_and_carries_its_template(tiny_base: Path) -> None:
    model = load(tiny_base, device="cpu", threads=1)
    assert model.tokenizer.chat_template == CHATML
    assert model.max_length == 128
    answers = model.generate([[Message(role="user", content="Which task?")]], max_new_tokens=4)
    assert len(answers) == 1
    assert model.tokenizer("ü 漢 \x00")["input_ids"]


def test_training_lowers_the_loss_and_reports_the_curve(tmp_path: Path) -> None:
    ticks: list[int] = []
    metrics = make(tmp_path, tick=ticks.append)
    history = metrics["history"]
    assert [point["step"] for point in history] == list(range(1, 13))
    assert history[-1]["loss"] < history[0]["loss"] - 0.3
    assert history[-1]["held_out_loss"] == metrics["held_out_loss"]
    assert sum(ticks) == metrics["steps"] == 12
    assert metrics["texts"] + metrics["held_out_texts"] == len(TEXTS)
    assert metrics["tokens"] == 12 * 4 * 32


def test_order_and_repetition_of_the_texts_do_not_matter_but_the_seed_does(tmp_path: Path) -> None:
    make(tmp_path / "a")
    make(tmp_path / "b", texts=[*reversed(TEXTS), TEXTS[3], "  "])
    make(tmp_path / "c", seed=1)
    first, second, other = (weights_digest(tmp_path / name / "base") for name in "abc")
    assert first == second != other
    tokenizers = [(tmp_path / name / "base" / "tokenizer.json").read_bytes() for name in "ab"]
    assert tokenizers[0] == tokenizers[1]


def test_one_small_text_is_enough_and_its_vocabulary_shrinks(tmp_path: Path) -> None:
    metrics = make(tmp_path, texts=["Only one text, said twice. " * 10])
    assert metrics["held_out_loss"] is None
    assert 259 <= metrics["vocabulary"] < 400


@pytest.mark.parametrize("texts", [[], ["short"], ["", "  "]])
def test_too_little_text_is_an_error_with_a_hint(texts: list[str], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="32 tokens") as caught:
        make(tmp_path, texts=texts)
    assert "--base" in caught.value.hint


def killed_at(folder: Path, step: int) -> None:
    done = 0

    def tick(count: int) -> None:
        nonlocal done
        done += count
        if done >= step:
            os.kill(os.getpid(), signal.SIGKILL)

    make(folder, tick=tick)


def test_kill_and_again_gives_the_same_weights_and_curve(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole")
    again = tmp_path / "again"
    child = subprocess.run([sys.executable, __file__, str(again), "8"], capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert not (again / "base").exists()
    resumed = make(again)
    assert resumed["resumed_from"] == 6
    assert weights_digest(again / "base") == weights_digest(tmp_path / "whole" / "base")
    assert resumed["history"] == whole["history"]


if __name__ == "__main__":
    killed_at(Path(sys.argv[1]), int(sys.argv[2]))
