"""Merge an adapter into its base and prove that nothing was lost."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lorewright.core.errors import ExportError, NotFoundError
from lorewright.export.compare import difference, pass_gate
from lorewright.export.huggingface import load_tokenizer, next_token_logprobs
from lorewright.export.probes import CONVERSATIONS, PROMPTS
from lorewright.llm.devices import require_train_extra
from lorewright.llm.templates import encode_prompt

POSITIONS = 8


def merge(base: Path | str, adapter: Path | None, out_dir: Path, *, dtype: str = "auto") -> dict[str, Any]:
    """Write a complete model folder: base plus adapter in one set of weights, tokenizer and chat template.

    The sum is made in float32 and rounded once. The folder is then read back and its log-probabilities compared
    with those of the base under its adapter; nothing is at `out_dir` unless they agree.

    Args:
        base: Folder or cached Hub name of the unquantised base.
        adapter: Folder of a LoRA adapter; None copies the base, for instance a fully trained model.
        out_dir: The folder to write; an earlier model there is replaced.
        dtype: How weights are stored: `float32`, `float16`, `bfloat16`, or `auto` for the base's own.

    Returns:
        `dtype`, `parameters`, and the figures of the comparison, see `compare.Difference`.

    Raises:
        NotFoundError: there is no such base or adapter.
        ExportError: the adapter does not fit the base, the merged model differs, or `out_dir` holds something else.
        MissingDependencyError: the extra `train` is not installed.
    """
    require_train_extra("Merging an adapter")
    import torch

    from lorewright.llm.local import load_base

    _refuse_foreign(out_dir)
    stored = _stored_dtype(base) if dtype == "auto" else dtype
    network, tokenizer = load_base(base, dtype="float32")
    if adapter is not None:
        network = _adapted(network, adapter)
        if (adapter / "tokenizer.json").is_file():
            tokenizer = load_tokenizer(adapter)
    probes = _probe_ids(tokenizer)
    before = _logprobs(network.eval(), probes)
    if adapter is not None:
        network = _without_notices(network.merge_and_unload)
    partial = out_dir.with_name(out_dir.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        network.to(getattr(torch, stored)).save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        parameters = network.num_parameters()
        del network
        read_back, read_tokenizer = load_base(partial, dtype="float32")
        if _probe_ids(read_tokenizer) != probes:
            raise ExportError(f"the tokenizer of {base} changes when it is saved and read back")
        found = difference(before, _logprobs(read_back.eval(), probes))
        pass_gate(found, stored, what=f"{base} with its adapter and the merged model")
        shutil.rmtree(out_dir, ignore_errors=True)
        partial.replace(out_dir)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return {"dtype": stored, "parameters": parameters, **found.as_figures()}


def _refuse_foreign(out_dir: Path) -> None:
    if out_dir.exists() and not (out_dir / "config.json").is_file() and any(out_dir.iterdir()):
        raise ExportError(f"{out_dir} holds something that is no model", hint="name an empty or a new folder")


def _stored_dtype(base: Path | str) -> str:
    from transformers import AutoConfig

    try:
        named = str(AutoConfig.from_pretrained(base, local_files_only=True).dtype).removeprefix("torch.")
    except (OSError, ValueError) as error:
        raise NotFoundError(f"there is no model at {base}", hint="lore train") from error
    return named if named in ("float16", "bfloat16") else "float32"


def _adapted(network: Any, adapter: Path) -> Any:
    """Return the network under an adapter whose every tensor has found its place."""
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import safe_open

    weights = adapter / "adapter_model.safetensors"
    if not weights.is_file():
        raise NotFoundError(f"there is no adapter in {adapter}: {weights.name} is missing", hint="lore train")
    try:
        # What peft only notices, keys that found no place, is an error below.
        adapted = _without_notices(PeftModel.from_pretrained, network, str(adapter))
    except (RuntimeError, ValueError) as error:
        raise ExportError(
            f"the adapter {adapter} does not fit its base: {error}", hint="name the base it was trained on"
        ) from error
    # Left to itself, peft asks the Hub for the base's configuration to find out whether embeddings grew.
    placed = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    with safe_open(weights, framework="pt") as file:
        saved = set(file.keys())
    if placed != saved:
        odd = sorted(placed ^ saved)
        raise ExportError(
            f"the adapter {adapter} does not fit its base: {len(odd)} tensors differ, the first is {odd[0]}",
            hint="name the base it was trained on",
        )
    return adapted


def _without_notices(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `work` returns; what libraries tell their own developers stays off the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work(*arguments)


def _probe_ids(tokenizer: Any) -> list[list[int]]:
    texts = [tokenizer(text)["input_ids"] for text in PROMPTS]
    return [*texts, encode_prompt(tokenizer, CONVERSATIONS[0])]


def _logprobs(network: Any, probes: list[list[int]]) -> Any:
    import numpy as np

    rows = []
    for ids in probes:
        positions = list(range(max(len(ids) - POSITIONS, 0), len(ids)))
        rows.append(next_token_logprobs(network, ids, positions))
    return np.concatenate(rows)
