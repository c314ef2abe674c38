"""A base model of a corpus's own, small enough to be trained from nothing in minutes on a laptop."""

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lorewright.core.errors import TrainingError
from lorewright.core.ids import digest, text_digest
from lorewright.llm.devices import has_fast_bfloat16, require_train_extra
from lorewright.llm.libraries import prepare
from lorewright.training import checkpoints
from lorewright.training.tiny_tokenizer import train_tokenizer

HELD_OUT_SHARE = 0.05
HELD_OUT_WINDOWS = 32
WARM_UP_STEPS = 20
MUON_RATE, ADAM_RATE, WEIGHT_DECAY = 0.02, 6e-3, 0.05
STATE = "state.pt"


@dataclass(frozen=True)
class _Shape:
    vocabulary_size: int
    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    intermediate_size: int
    max_length: int


@dataclass
class _State:
    model: Any
    optimizers: list[Any]
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def make_tiny_base(
    texts: Sequence[str],
    out_dir: Path,
    *,
    vocabulary_size: int = 4096,
    hidden_size: int = 192,
    layers: int = 4,
    heads: int = 6,
    kv_heads: int = 3,
    intermediate_size: int = 512,
    steps: int = 650,
    batch_size: int = 4,
    sequence_length: int = 256,
    max_length: int = 2048,
    seed: int = 0,
    threads: int | None = None,
    checkpoint_dir: Path,
    save_steps: int = 100,
    tick: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Train a Qwen2-shaped model and its tokenizer on texts and write them as a Hugging Face folder.

    Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) moves the hidden matrices, AdamW the
    embeddings and norms. The texts whose hash is highest, 5%, are held out for the loss curve. An interrupted
    call goes on from its newest whole checkpoint and ends with the same weights, bit for bit, given the same
    number of threads. The order of `texts` does not matter.

    Args:
        texts: What to learn from; empty and repeated ones are left out.
        out_dir: Receives config.json, model.safetensors and the tokenizer with its chat template.
        steps: Optimizer steps of `batch_size` windows of `sequence_length` tokens.
        max_length: Positions the model may be asked to read.
        threads: CPU threads; all when None.
        checkpoint_dir: Working folder; the caller clears it after success.
        tick: Gets the number of steps just done.

    Returns:
        `steps`, `tokens` trained on, `corpus_tokens`, `parameters`, `vocabulary`, `texts`, `held_out_texts`,
        `held_out_loss` (nats a token, None for a corpus of one text), `seconds`, `resumed_from` and `history`
        (`step`, `loss` and at times `held_out_loss`).

    Raises:
        TrainingError: The texts are too few to fill one window.
        MissingDependencyError: The training extra is not installed.
    """
    require_train_extra("Making the tiny base")
    prepare()
    import torch

    if threads:
        torch.set_num_threads(threads)
    started = time.monotonic()
    kept, held_out = _hold_out(texts)
    tokenizer = train_tokenizer(kept, vocabulary_size=vocabulary_size, max_length=max_length)
    shape = _Shape(len(tokenizer), hidden_size, layers, heads, kv_heads, intermediate_size, max_length)
    windows = _windows(tokenizer, kept, sequence_length)
    check = _windows(tokenizer, held_out, sequence_length)[:HELD_OUT_WINDOWS]
    if not len(windows):
        raise TrainingError(
            f"{len(kept)} texts do not fill one window of {sequence_length} tokens",
            hint="add documents, or give a real model with --base",
        )
    plan = [asdict(shape), steps, batch_size, sequence_length, seed, torch.get_num_threads(), save_steps]
    recipe = digest([plan, [text_digest(text) for text in kept + held_out]])
    state = _start(shape, tokenizer, seed)
    checkpoint = checkpoints.newest(checkpoint_dir, recipe=recipe)
    if checkpoint:
        _restore(state, checkpoint)
        tick(state.step)
    resumed_from = state.step
    batches = _Batches(windows, batch_size, seed)
    while state.step < steps:
        _train_step(state, batches.at(state.step), steps)
        if len(check) and (state.step % max(steps // 13, 1) == 0 or state.step == steps):
            state.history[-1]["held_out_loss"] = _held_out_loss(state.model, check)
        if state.step % save_steps == 0 and state.step < steps:
            _save(state, checkpoint_dir, recipe)
        tick(1)
    state.model.save_pretrained(out_dir)
    tokenizer.save_pretrained(out_dir)
    return {
        "steps": steps,
        "tokens": steps * batch_size * sequence_length,
        "corpus_tokens": int(windows.numel()),
        "parameters": sum(parameter.numel() for parameter in state.model.parameters()),
        "vocabulary": len(tokenizer),
        "texts": len(kept),
        "held_out_texts": len(held_out),
        "held_out_loss": state.history[-1].get("held_out_loss"),
        "seconds": round(time.monotonic() - started, 1),
        "resumed_from": resumed_from,
        "history": state.history,
    }


def _hold_out(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    by_hash = {text_digest(text): text for text in texts if text.strip()}
    ordered = [by_hash[key] for key in sorted(by_hash)]
    count = max(round(len(ordered) * HELD_OUT_SHARE), 1) if len(ordered) > 1 else 0
    return ordered[: len(ordered) - count], ordered[len(ordered) - count :]


def _windows(tokenizer: Any, texts: Sequence[str], length: int) -> Any:
    """Return all texts, each as one assistant turn so that the marks are learned, as (windows, length)."""
    import torch

    start, end = tokenizer("<|im_start|>assistant\n")["input_ids"], tokenizer("<|im_end|>\n")["input_ids"]
    stream: list[int] = []
    for ids in tokenizer(list(texts), verbose=False)["input_ids"] if texts else []:
        stream += [*start, *ids, *end]
    count = len(stream) // length
    return torch.tensor(stream[: count * length], dtype=torch.long).view(count, length)


class _Batches:
    """Windows in a seeded order, anew each pass: the batch of a step depends on nothing but the step."""

    def __init__(self, windows: Any, size: int, seed: int) -> None:
        self.windows, self.size, self.seed = windows, size, seed

    def at(self, step: int) -> Any:
        import torch

        count = len(self.windows)
        rows = []
        for number in range(step * self.size, (step + 1) * self.size):
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + number // count)
            rows.append(int(torch.randperm(count, generator=generator)[number % count]))
        return self.windows[rows]


def _start(shape: _Shape, tokenizer: Any, seed: int) -> _State:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=shape.vocabulary_size,
            hidden_size=shape.hidden_size,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            intermediate_size=shape.intermediate_size,
            max_position_embeddings=shape.max_length,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    muon = torch.optim.Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=WEIGHT_DECAY)
    adam = torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0)
    return _State(model.train(), [muon, adam])


def _train_step(state: _State, batch: Any, steps: int) -> None:
    import torch

    scale = min((state.step + 1) / WARM_UP_STEPS, 2 * (steps - state.step) / steps, 1.0)
    for optimizer, rate in zip(state.optimizers, (MUON_RATE, ADAM_RATE), strict=True):
        optimizer.param_groups[0]["lr"] = rate * scale
    loss = _loss(state.model, batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
    for optimizer in state.optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    state.step += 1
    value = float(loss.detach())
    if math.isnan(value):
        raise TrainingError(f"the loss became NaN at step {state.step}", hint="report this corpus")
    state.history.append({"step": state.step, "loss": round(value, 4)})


def _loss(model: Any, batch: Any) -> Any:
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_bfloat16("cpu")):
        logits = model(input_ids=batch, use_cache=False).logits
    return torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), batch[:, 1:].flatten())


def _held_out_loss(model: Any, windows: Any) -> float:
    import torch

    model.eval()
    with torch.inference_mode():
        losses = [float(_loss(model, batch)) * len(batch) for batch in windows.split(8)]
    model.train()
    return round(sum(losses) / len(windows), 4)


def _save(state: _State, checkpoint_dir: Path, recipe: str) -> None:
    import torch

    folder = checkpoints.folder(checkpoint_dir, state.step)
    folder.mkdir(parents=True, exist_ok=True)
    optimizers = [optimizer.state_dict() for optimizer in state.optimizers]
    with (folder / STATE).open("wb") as file:
        torch.save({"model": state.model.state_dict(), "optimizers": optimizers}, file)
        file.flush()
        os.fsync(file.fileno())
    (folder / "history.json").write_text(json.dumps(state.history), encoding="utf-8")
    checkpoints.seal(folder, recipe=recipe)
    checkpoints.prune(checkpoint_dir, keep=2)


def _restore(state: _State, checkpoint: Path) -> None:
    import torch

    saved = torch.load(checkpoint / STATE, weights_only=True)
    state.model.load_state_dict(saved["model"])
    for optimizer, values in zip(state.optimizers, saved["optimizers"], strict=True):
        optimizer.load_state_dict(values)
    state.history = json.loads((checkpoint / "history.json").read_text(encoding="utf-8"))
    state.step = checkpoints.steps(checkpoint)
