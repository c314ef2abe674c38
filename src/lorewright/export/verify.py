"""Load a GGUF file in the runtime that serves it and compare it with the model it was made from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lorewright.core.errors import ExportError
from lorewright.core.records import Message
from lorewright.export.compare import GATES, Difference, difference, pass_gate
from lorewright.export.huggingface import next_token_logprobs
from lorewright.export.probes import CONVERSATIONS, PROMPTS, awkward_texts
from lorewright.llm.devices import require_train_extra
from lorewright.llm.gguf_header import FILE_TYPES, read_metadata
from lorewright.llm.gguf_runtime import GgufModel, open_gguf
from lorewright.llm.templates import encode_prompt

MAX_PROMPT_TOKENS = 256


def verify(model_dir: Path, gguf_path: Path, *, prompts: Sequence[str], threads: int = 1) -> dict[str, Any]:
    """Return how close a GGUF file is to its model; an error if it is not close enough to be served.

    Compared are the token ids of awkward texts and of the prompts, the token ids that rendered conversations
    become, the token that ends an answer, and within and after each prompt the log-probabilities of the whole
    vocabulary: once with the runtime's exact attention, which shows what is wrong with the file, and once as it
    will be served.

    Args:
        model_dir: The transformers folder the file was written from.
        gguf_path: The file.
        prompts: Texts of the user's own, compared besides the built-in ones; their first 256 tokens count.
        threads: CPU threads of both runtimes.

    Returns:
        `quantisation`, `texts` and `conversations` (how many were compared), the gate as `gate_figure` and
        `gate_limit`, and the figures of the comparison, see `compare.Difference`; those with `served_` before
        their name are of the runtime as it serves.

    Raises:
        ExportError: something differs by more than the gate allows.
        NotFoundError: there is no such folder or file.
        ProviderError: the runtime cannot load the file.
        MissingDependencyError: an extra is not installed.
    """
    require_train_extra("Verifying a GGUF file")
    import torch

    from lorewright.llm.local import load_base

    quantisation = _quantisation(gguf_path)
    torch.set_num_threads(threads)
    network, tokenizer = load_base(model_dir, dtype="float32")
    probes = [*PROMPTS, *(text for text in prompts if text)]
    sequences = [tokenizer(text)["input_ids"][:MAX_PROMPT_TOKENS] for text in probes]
    conversations = _renderable(tokenizer)
    sequences += [encode_prompt(tokenizer, turns)[:MAX_PROMPT_TOKENS] for turns in conversations]
    texts, expected = [*awkward_texts(), *probes], _expected(network.eval(), sequences)
    with open_gguf(gguf_path, threads=threads, context=2 * MAX_PROMPT_TOKENS) as model:
        _compare_tokens(tokenizer, model, texts)
        _compare_conversations(tokenizer, model, conversations)
        served = _compare_logprobs(expected, model, sequences)
    with open_gguf(gguf_path, threads=threads, context=2 * MAX_PROMPT_TOKENS, exact=True) as model:
        found = _compare_logprobs(expected, model, sequences)
    pass_gate(found, quantisation, what=f"{gguf_path.name} and {model_dir.name}")
    pass_gate(served, "served", what=f"{gguf_path.name} as served and {model_dir.name}")
    gate = GATES[quantisation]
    return {
        "quantisation": quantisation,
        "texts": len(texts),
        "conversations": len(conversations),
        "gate_figure": gate.figure,
        "gate_limit": gate.limit,
        **found.as_figures(),
        **{f"served_{name}": value for name, value in served.as_figures().items() if name != "positions"},
    }


def _quantisation(gguf_path: Path) -> str:
    number = read_metadata(gguf_path, ("general.file_type",)).get("general.file_type")
    if number not in FILE_TYPES:
        raise ExportError(f"{gguf_path.name} is of file type {number}, for which there is no gate")
    return FILE_TYPES[int(number)]


def _renderable(tokenizer: Any) -> list[Sequence[Message]]:
    """Return the conversations that a model's template accepts: some know no system message."""
    from jinja2 import TemplateError

    accepted: list[Sequence[Message]] = []
    for turns in CONVERSATIONS:
        try:
            encode_prompt(tokenizer, turns)
        except TemplateError:
            continue
        accepted.append(turns)
    return accepted


def _compare_tokens(tokenizer: Any, model: GgufModel, texts: Sequence[str]) -> None:
    for text in texts:
        for special in (False, True) if text == texts[0] else (False,):
            expected = tokenizer(text, add_special_tokens=special)["input_ids"]
            got = model.tokenize(text, add_special=special)
            if got != expected:
                raise ExportError(f"the file tokenises {text!a} as {got}, its model as {expected}")


def _compare_conversations(
    tokenizer: Any, model: GgufModel, conversations: Sequence[Sequence[Message]]
) -> None:
    for turns in conversations:
        expected, rendered = encode_prompt(tokenizer, turns), model.prompt(turns)
        got = model.tokenize(rendered, add_special=True)
        if got != expected:
            raise ExportError(
                f"the file renders a conversation as {rendered!r}, its model as {tokenizer.decode(expected)!r}"
            )
    if model.end_of_answer() != tokenizer.eos_token:
        raise ExportError(
            f"the file ends answers at {model.end_of_answer()!r}, its model at {tokenizer.eos_token!r}"
        )


def _compared_positions(token_ids: Sequence[int]) -> list[int]:
    return sorted({len(token_ids) // 2, len(token_ids) - 1})


def _expected(network: Any, sequences: Sequence[list[int]]) -> Any:
    import numpy as np

    return np.concatenate([next_token_logprobs(network, ids, _compared_positions(ids)) for ids in sequences])


def _compare_logprobs(expected: Any, model: GgufModel, sequences: Sequence[list[int]]) -> Difference:
    import numpy as np

    prefixes = [ids[: position + 1] for ids in sequences for position in _compared_positions(ids)]
    got = np.array([model.logprobs(ids, size=expected.shape[1]) for ids in prefixes])
    # The runtime sums probabilities in float32, which over a large vocabulary is off by 1e-4.
    return difference(expected, got - np.log(np.exp(got).sum(axis=1, keepdims=True)))
