"""What an export needs of a transformers folder beside its network."""

from pathlib import Path
from typing import Any

from lorewright.core.errors import ExportError, NotFoundError
from lorewright.llm.devices import require_train_extra
from lorewright.llm.libraries import prepare
from lorewright.llm.templates import ensure_template


def load_tokenizer(model: Path | str) -> Any:
    """Return the tokenizer that training and evaluation use for a model, with a chat template.

    It is not always what the folder's `tokenizer.json` says: transformers rebuilds some families' tokenizers from
    its own rules, and what it makes of them is what the model has learned from.

    Raises:
        NotFoundError: the model has none.
        MissingDependencyError: the extra `train` is not installed.
    """
    require_train_extra("Exporting a model")
    prepare()
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    except (OSError, ValueError) as error:
        raise NotFoundError(
            f"there is no tokenizer in {model}", hint="name a complete model folder"
        ) from error
    ensure_template(tokenizer)
    if tokenizer.eos_token_id is None:
        raise ExportError(f"the tokenizer of {model} names no end-of-sequence token, so no answer would end")
    return tokenizer


def next_token_logprobs(network: Any, token_ids: list[int], positions: list[int]) -> Any:
    """Return natural-log probabilities of the next token, an array (positions, vocabulary) of float64.

    Args:
        network: A causal language model on the CPU.
        token_ids: A sequence of tokens.
        positions: Indices of the tokens after which to look.
    """
    import torch

    with torch.inference_mode():
        logits = network(input_ids=torch.tensor([token_ids]), use_cache=False).logits[0, positions]
        return torch.log_softmax(logits.double(), dim=-1).numpy()
