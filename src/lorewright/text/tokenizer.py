"""Any model's tokenizer, to count with."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError, MissingDependencyError

FILE = "tokenizer.json"


class Tokenizer:
    """Counts the tokens of texts as a model would see them, without special tokens."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def counts(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(one) for one in encoded]

    def ends(self, text: str) -> list[int]:
        """Return where each token ends, in characters; several tokens of one character end together."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return [end for _, end in encoded.offsets]


@lru_cache(maxsize=2)
def load_tokenizer(path: Path, digest: str = "") -> Tokenizer:  # noqa: ARG001 - part of the cache's key
    """Return the tokenizer of a `tokenizer.json`, the file of the Hugging Face `tokenizers` library.

    Args:
        path: The file.
        digest: Of its content; while it stays the same, the file is read once.

    Raises:
        ConfigError: The file is none.
        MissingDependencyError: The library is not installed.
    """
    try:
        import tokenizers
    except ImportError as error:
        raise MissingDependencyError(
            "Counting tokens needs the tokenizers library.", "pip install 'lorewright[train]'"
        ) from error
    try:
        loaded = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises a bare Exception
        raise ConfigError(
            f"{path} is no tokenizer: {error}.", "name a folder with a tokenizer.json"
        ) from error
    loaded.no_truncation()
    loaded.no_padding()
    return Tokenizer(loaded)
