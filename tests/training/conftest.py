"""A tiny base, made once, that every test of training starts from."""

from pathlib import Path

import pytest

TEXTS = [
    f"Task {i} of the pipeline reads table {i * 7} and writes a report. It retries {i % 5} times. " * 4
    for i in range(24)
]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from lorewright.training.tiny_base import make_tiny_base

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("tiny")
    make_tiny_base(
        TEXTS,
        folder / "base",
        vocabulary_size=400,
        hidden_size=32,
        layers=2,
        heads=4,
        kv_heads=2,
        intermediate_size=48,
        steps=60,
        sequence_length=64,
        max_length=128,
        threads=1,
        checkpoint_dir=folder / "checkpoints",
    )
    return folder / "base"
