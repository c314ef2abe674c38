"""Devices, precisions and the training extra."""

import importlib.util

import pytest

from lorewright.core.errors import ConfigError, MissingDependencyError
from lorewright.llm.devices import has_fast_bfloat16, require_train_extra, resolve_device, resolve_dtype


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "trl" else found(name))
    with pytest.raises(MissingDependencyError, match=r"^Training needs trl, which") as caught:
        require_train_extra("Training")
    assert caught.value.hint == "pip install 'lorewright[train]'"


def test_auto_resolves_to_something_that_is_there() -> None:
    device = resolve_device("auto")
    assert device in {"cpu", "cuda", "mps"}
    assert resolve_dtype("auto", "cpu") == "float32"
    assert resolve_dtype("bfloat16", "cpu") == "bfloat16"
    assert isinstance(has_fast_bfloat16(device), bool)


def test_what_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="not available"):
        resolve_device("cuda")
    with pytest.raises(ConfigError, match="float8"):
        resolve_dtype("float8", "cpu")
