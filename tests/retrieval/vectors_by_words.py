"""An embedder for tests: a text's vector counts its words, so that texts that share words are near."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lorewright.llm.embedders import Embedder

DIMENSION = 64


@dataclass
class WordCounts:
    """Counts what it is shown.

    Attributes:
        shown: Every passage it was shown, in order.
        synonyms: Words that count as another word.
    """

    synonyms: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def embedder(self, name: str = "word counts") -> Embedder:
        return Embedder(name, {"model": name}, self.passages, self._vectors, lambda: None)

    def passages(self, texts: Sequence[str]) -> Any:
        self.shown += texts
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number, 0] = 0.01
            for word in text.casefold().split():
                spelled = self.synonyms.get(word.strip(".,?`"), word.strip(".,?`"))
                rows[number, 1 + hashlib.sha256(spelled.encode()).digest()[0] % (DIMENSION - 1)] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
