"""Fine-tuning: what is learned, what is dropped, what is refused, and the same adapter after a kill."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import TrainingError
from lorewright.core.records import Message
from lorewright.llm.local import load
from lorewright.training import checkpoints
from lorewright.training.sft import TrainingResult, train

COLOURS = ["red", "blue", "green", "black"]


def row(question: str, answer: str) -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": answer}],
    }


ROWS = [row(f"Task {i}?", f"It is {COLOURS[i % 4]}.") for i in range(32)]


def fit(base: Path, folder: Path, **options: Any) -> TrainingResult:
    settings: dict[str, Any] = {
        "train_rows": ROWS,
        "validation_rows": ROWS[:6],
        "method": "lora",
        "rank": 4,
        "alpha": 8,
        "dropout": 0.1,
        "learning_rate": 1e-2,
        "epochs": 2,
        "batch_size": 4,
        "save_steps": 3,
        "seed": 5,
        "device": "cpu",
        "threads": 1,
    }
    return train(
        base=base, out_dir=folder / "out", checkpoint_dir=folder / "checkpoints", **{**settings, **options}
    )


@pytest.mark.parametrize("method", ["lora", "full"])
def test_training_learns_stops_at_the_end_mark_and_reports(
    method: str, tiny_base: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [row(f"Task {i}?", "It retries.") for i in range(16)]
    ticks: list[int] = []
    result = fit(
        tiny_base,
        tmp_path,
        method=method,
        train_rows=rows,
        validation_rows=rows[:3],
        epochs=12,
        rank=32,
        alpha=64,
        learning_rate=1e-2,
        tick=ticks.append,
    )
    assert capfd.readouterr() == ("", "")
    out = tmp_path / "out"
    model = load(tiny_base, adapter=out) if method == "lora" else load(out)
    asked = [[Message(role="user", content="Task 3?")]]
    assert model.generate(asked, max_new_tokens=30) == ["It retries."]
    assert sum(ticks) == result.steps == 48
    assert [point["step"] for point in result.history] == list(range(1, 49))
    assert result.history[-1]["validation_loss"] < result.history[3]["validation_loss"]
    assert result.dropped == []


def test_the_answers_nll_is_what_training_reports(tiny_base: Path, tmp_path: Path) -> None:
    result = fit(tiny_base, tmp_path, precision="float32", batch_size=6, dropout=0.0)
    model = load(tiny_base, adapter=tmp_path / "out", device="cpu", threads=1)
    turns = [
        [Message.model_validate(turn) for turn in [*one["prompt"], *one["completion"]]] for one in ROWS[:6]
    ]
    scores = model.answer_nll(turns)
    mean = sum(total for total, _ in scores) / sum(count for _, count in scores)
    assert mean == pytest.approx(result.history[-1]["validation_loss"], abs=1e-4)


def test_rows_over_the_length_are_named_and_never_cut(tiny_base: Path, tmp_path: Path) -> None:
    long = row("Task " * 400, "It is red.")
    result = fit(
        tiny_base, tmp_path, train_rows=[ROWS[0], long, ROWS[1], long], validation_rows=[long, ROWS[2]]
    )
    assert result.dropped == [1, 3]
    assert result.dropped_validation == [0]
    assert result.max_length == 128


def test_the_same_call_gives_the_same_adapter_and_another_seed_another(
    tiny_base: Path, tmp_path: Path
) -> None:
    digests = [
        fit(tiny_base, tmp_path / str(i), seed=seed).adapter_digest for i, seed in enumerate((1, 1, 2))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_the_adapter_names_no_path_of_this_machine(tiny_base: Path, tmp_path: Path) -> None:
    fit(tiny_base, tmp_path, epochs=1)
    written = json.loads((tmp_path / "out" / "adapter_config.json").read_text(encoding="utf-8"))
    assert written["base_model_name_or_path"] == tiny_base.name


def test_training_on_a_local_base_opens_no_connection(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert fit(tiny_base, tmp_path, epochs=1).steps == 8


def test_no_rows_and_rows_that_are_all_too_long_are_errors(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no examples"):
        fit(tiny_base, tmp_path, train_rows=[])
    with pytest.raises(TrainingError, match=r"none of the 32 examples fits in 5 tokens") as caught:
        fit(tiny_base, tmp_path, max_length=5)
    assert "max_length" in caught.value.hint


@pytest.mark.parametrize("targets", [["q_proj", "query_key_value"], [], ["lm_head"]])
def test_targets_that_do_not_exist_are_an_error_not_a_full_training(
    targets: list[str], tiny_base: Path, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="no module") as caught:
        fit(tiny_base, tmp_path, targets=targets)
    assert "v_proj" in caught.value.hint


@pytest.mark.parametrize("family", ["bert", "t5"])
def test_a_base_that_does_not_write_text_is_refused_with_what_to_use(family: str, tmp_path: Path) -> None:
    from transformers import BertConfig, T5Config

    (BertConfig() if family == "bert" else T5Config()).save_pretrained(tmp_path)
    with pytest.raises(TrainingError, match=family) as caught:
        fit(tmp_path, tmp_path)
    assert "Qwen" in caught.value.hint


def killed_at(base: Path, folder: Path, method: str, moment: str) -> None:
    done = 0

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def tick(count: int) -> None:
        nonlocal done
        done += count
        if moment == "between" and done >= 11:
            die()
        if moment == "sealing" and done >= 9:
            checkpoints.seal = die

    fit(base, folder, method=method, tick=tick)


# Checkpoints are sealed after steps 3, 6, 9, 12 and 15 of 16; an epoch has 8.
@pytest.mark.parametrize(("moment", "resumed_from"), [("between", 9), ("sealing", 6)])
@pytest.mark.parametrize("method", ["lora", "full"])
def test_kill_and_again_gives_the_same_weights_and_curve(
    method: str, moment: str, resumed_from: int, tiny_base: Path, tmp_path: Path
) -> None:
    whole = fit(tiny_base, tmp_path / "whole", method=method)
    again = tmp_path / "again"
    command = [sys.executable, __file__, str(tiny_base), str(again), method, moment]
    child = subprocess.run(command, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert not (again / "out").exists()
    resumed = fit(tiny_base, again, method=method)
    assert resumed.resumed_from == resumed_from
    assert resumed.adapter_digest == whole.adapter_digest
    assert resumed.history == whole.history


def test_a_checkpoint_of_other_settings_is_not_resumed(tiny_base: Path, tmp_path: Path) -> None:
    fit(tiny_base, tmp_path, epochs=1)
    result = fit(tiny_base, tmp_path, epochs=1, learning_rate=2e-2)
    assert result.resumed_from == 0


if __name__ == "__main__":
    killed_at(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
