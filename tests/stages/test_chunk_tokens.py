"""Budgets in tokens as a project has them: the tokenizer is part of what a run is."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

Lore = Callable[..., CompletedProcess[str]]


def write_tokenizer(path: Path, *, size: int) -> None:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(["The pump turns and the valve closes before the alarm is told. " * 20], trainer)
    made.save(str(path))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(
        "# Pump\n\n" + "The pump turns and the valve closes before the alarm is told.\n\n" * 60
    )
    (tmp_path / "model").mkdir()
    write_tokenizer(tmp_path / "model" / "tokenizer.json", size=300)
    (tmp_path / "lore.toml").write_text(
        '[project]\nname = "p"\n[[sources]]\npath = "docs"\n[ingest]\nworkers = 0\n'
        '[chunking.tokens]\ntokenizer = "model"\nmax_tokens = 64\nmin_tokens = 8\noverlap_tokens = 4\n'
    )
    return tmp_path


def texts(lore: Lore, place: Path) -> list[str]:
    assert lore("chunk", cwd=place).returncode == 0
    return [json.loads(line)["text"] for line in lore("cat", "chunk", cwd=place).stdout.splitlines()]


def test_chunks_keep_to_a_budget_of_tokens_and_a_changed_tokenizer_cuts_anew(lore: Lore, place: Path) -> None:
    before = texts(lore, place)
    tokenizer = Tokenizer.from_file(str(place / "model" / "tokenizer.json"))
    assert max(len(tokenizer.encode(text)) for text in before) <= 64
    assert "up to date" in lore("chunk", cwd=place).stdout
    write_tokenizer(place / "model" / "tokenizer.json", size=270)
    assert len(texts(lore, place)) > len(before)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("./none", "./none does not exist"),
        ("docs", "docs holds no tokenizer.json"),
        ("docs/a.md", "is no tokenizer"),
    ],
)
def test_a_tokenizer_that_is_none_is_named(lore: Lore, place: Path, name: str, told: str) -> None:
    done = lore("chunk", "--set", f"chunking.tokens.tokenizer={name}", cwd=place)
    assert done.returncode != 0
    assert told in done.stderr
