"""The tokenizer of a model with its chat template, without the model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lorewright.core.errors import NotFoundError
from lorewright.llm.devices import require_train_extra
from lorewright.llm.libraries import prepare
from lorewright.llm.templates import ensure_template

FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
)
"""What of a model's folder is needed; the first two at least."""


@dataclass(frozen=True)
class ChatTokenizer:
    """A tokenizer, and how many tokens its model reads; None where its folder does not say."""

    tokenizer: Any
    reads: int | None


def load_chat_tokenizer(folder: Path) -> ChatTokenizer:
    """Return the tokenizer of a folder, which always has a chat template.

    Raises:
        NotFoundError: There is none.
        MissingDependencyError: The training extra is not installed.
    """
    require_train_extra("Counting tokens as training does")
    prepare()
    from transformers import AutoConfig, AutoTokenizer

    from lorewright.llm.local import context_length

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        has_config = (folder / "config.json").is_file()
        config = AutoConfig.from_pretrained(folder, local_files_only=True) if has_config else None
    except (OSError, ValueError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise NotFoundError(
            f"{folder} holds no tokenizer: {said}", "name a folder with tokenizer.json, or a Hub model"
        ) from error
    ensure_template(tokenizer)
    return ChatTokenizer(tokenizer, None if config is None else context_length(config))
