"""Texts are embedded once, whatever stops the work in between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lorewright.core.errors import ConfigError
from lorewright.core.progress import Silent
from lorewright.llm.vectors import Vectors
from lorewright.stages.vector_cache import cached


class Lengths:
    """A vector of a text's length, and a record of what was asked; `fails_at` breaks one of the calls."""

    def __init__(self, fails_at: int = -1) -> None:
        self.asked: list[str] = []
        self.calls = 0
        self.fails_at = fails_at

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if self.calls == self.fails_at:
            message = "stopped"
            raise KeyboardInterrupt(message)
        self.calls += 1
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_texts_are_embedded_once_in_any_order_and_number(tmp_path: Path) -> None:
    embed, path = Lengths(), tmp_path / "deep" / "vectors.sqlite"
    vectors = cached(embed, path=path, identity="m", reporter=Silent())
    np.testing.assert_array_equal(vectors(["a", "bb", "a"]), [[1, 1], [2, 1], [1, 1]])
    np.testing.assert_array_equal(vectors(["bb", "\ud83d", "a"]), [[2, 1], [1, 1], [1, 1]])
    assert embed.asked == ["a", "bb", "\ud83d"]
    again = cached(embed, path=path, identity="m", reporter=Silent())
    np.testing.assert_array_equal(again(["bb"]), [[2, 1]])
    assert len(embed.asked) == 3


def test_another_embedder_has_vectors_of_its_own(tmp_path: Path) -> None:
    embed, path = Lengths(), tmp_path / "vectors.sqlite"
    for identity in ({"model": "a"}, {"model": "b"}, {"model": "a"}):
        cached(embed, path=path, identity=identity, reporter=Silent())(["text"])
    assert embed.asked == ["text", "text"]


def test_what_was_embedded_before_a_stop_is_kept(tmp_path: Path) -> None:
    path, texts = tmp_path / "vectors.sqlite", ["x" * number for number in range(1, 601)]
    with pytest.raises(KeyboardInterrupt):
        cached(Lengths(fails_at=2), path=path, identity="m", reporter=Silent())(texts)
    embed = Lengths()
    vectors = cached(embed, path=path, identity="m", reporter=Silent())(texts)
    assert vectors[:, 0].tolist() == list(range(1, 601))
    assert len(embed.asked) == 600 - 512


def test_no_texts_touch_no_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    assert cached(Lengths(), path=path, identity="m", reporter=Silent())([]).shape == (0, 0)
    assert not path.exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"no database at all, but long enough to be one" * 40)
    with pytest.raises(ConfigError) as caught:
        cached(Lengths(), path=path, identity="m", reporter=Silent())(["a"])
    assert str(path) in caught.value.message
    assert "remove it" in caught.value.hint
