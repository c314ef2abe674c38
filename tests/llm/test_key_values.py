"""A cache of keys and values with room to grow holds what transformers' own holds."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from transformers import LlamaConfig, MistralConfig  # noqa: E402
from transformers.cache_utils import DynamicCache, DynamicLayer  # noqa: E402

from lorewright.llm import key_values  # noqa: E402
from lorewright.llm.key_values import roomy_cache  # noqa: E402

CONFIG = LlamaConfig(num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, hidden_size=8)


@given(st.lists(st.one_of(st.integers(1, 40), st.sampled_from(["select", "crop"])), min_size=1, max_size=12))
def test_whatever_is_added_selected_and_cropped_it_holds_the_same(steps: list[int | str]) -> None:
    own, theirs = roomy_cache(CONFIG), DynamicCache(config=CONFIG)
    chance, rows = torch.Generator().manual_seed(0), 3
    for step in steps:
        if step == "select":
            if own.get_seq_length():
                rows = max(1, rows - 1)
                for held in (own, theirs):
                    held.batch_select_indices(torch.arange(rows))
            continue
        if step == "crop":
            if own.get_seq_length() > 2:
                for held in (own, theirs):
                    held.crop(-2)
            continue
        new = torch.randn(2, rows, 1, int(step), 4, generator=chance)
        for layer in range(2):
            found = own.update(new[0], new[1], layer)
            wanted = theirs.update(new[0], new[1], layer)
            assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))
        assert own.get_seq_length() == theirs.get_seq_length()


def test_room_is_made_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    longer = key_values._longer

    def counted(old: Any, like: Any, tokens: int) -> Any:
        made.append(tokens)
        return longer(old, like, tokens)

    monkeypatch.setattr(key_values, "_longer", counted)
    held = roomy_cache(CONFIG)
    for _ in range(key_values.ROOM + 1):
        held.update(torch.zeros(1, 1, 1, 4), torch.zeros(1, 1, 1, 4), 0)
    assert len(made) == 2, "keys and values, once"
    held.update(torch.zeros(1, 1, 1, 4), torch.zeros(1, 1, 1, 4), 0)
    assert len(made) == 4


def test_sliding_windows_stay_as_they_are() -> None:
    config = MistralConfig(num_hidden_layers=2, sliding_window=4)
    kinds = {type(layer) for layer in DynamicCache(config=config).layers}
    assert DynamicLayer not in kinds
    assert {type(layer) for layer in roomy_cache(config).layers} == kinds
