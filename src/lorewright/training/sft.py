"""Supervised fine-tuning of a decoder on conversations: LoRA or all weights."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lorewright.core.errors import ConfigError, TrainingError
from lorewright.core.ids import digest
from lorewright.llm.devices import has_fast_bfloat16, require_train_extra, resolve_device
from lorewright.llm.libraries import prepare
from lorewright.llm.local import context_length, load_base
from lorewright.training.encoding import Encoded, encode_rows
from lorewright.training.trl_trainer import run_trainer

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TrainingResult:
    """What a finished training leaves besides its files.

    Attributes:
        history: A dict a step: `step`, `epoch`, `loss` (nats an answer token), `learning_rate`; the last step of
            an epoch also has `validation_loss` where there are validation rows.
        trained_tokens: Answer tokens (with end marks) of one pass over the kept rows.
        dropped: Positions of the train rows left out because they exceed the length.
        dropped_validation: The same for the validation rows.
        adapter_digest: SHA-256 over the written weights.
        steps: Optimizer steps.
        seconds: Wall-clock time of this call; less than the training's after a resume.
        resumed_from: Steps that an earlier, interrupted call had done.
        trainable_parameters: How many numbers were trained.
        max_length: The length in tokens that rows were held to.
    """

    history: list[dict[str, float]]
    trained_tokens: int
    dropped: list[int]
    dropped_validation: list[int]
    adapter_digest: str
    steps: int
    seconds: float
    resumed_from: int
    trainable_parameters: int
    max_length: int


def train(
    *,
    base: Path | str,
    train_rows: Sequence[Row],
    validation_rows: Sequence[Row] = (),
    out_dir: Path,
    checkpoint_dir: Path,
    method: Literal["lora", "full"] = "lora",
    rank: int = 16,
    alpha: int = 32,
    dropout: float = 0.0,
    targets: str | Sequence[str] = "all-linear",
    learning_rate: float = 2e-4,
    epochs: float = 3,
    batch_size: int = 8,
    gradient_accumulation: int = 1,
    max_length: int = 1024,
    warmup_ratio: float = 0.05,
    weight_decay: float = 0.01,
    seed: int = 0,
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    save_steps: int = 50,
    tick: Callable[[int], None] = lambda _: None,
) -> TrainingResult:
    """Fine-tune a base model on conversational prompt-completion rows; the loss counts the answer only.

    Writes a PEFT adapter (`lora`) or a whole model folder (`full`) with its tokenizer into `out_dir`. An
    interrupted call goes on from its newest whole checkpoint and ends with the same weights, bit for bit, on the
    same kind of machine with the same number of threads.

    Args:
        base: A model folder, or a Hub name.
        train_rows: `{"prompt": [turns], "completion": [turns]}`, a turn being `{"role", "content"}`.
        validation_rows: Scored after each epoch.
        checkpoint_dir: Working folder; the caller clears it after success.
        rank: LoRA rank; `alpha` and `dropout` are LoRA's too.
        targets: `all-linear`, or the names of the modules that get an adapter.
        max_length: Rows beyond it, in tokens, are left out and reported; no more than the model reads.
        warmup_ratio: Share of the steps during which the rate rises, before its cosine decline.
        precision: `auto`, `float32` or `bfloat16` (mixed: weights stay in float32).
        threads: CPU threads; all when None.
        save_steps: Optimizer steps between checkpoints.
        tick: Gets the number of optimizer steps just done.

    Raises:
        TrainingError: No row fits, a target does not exist, or the base does not generate text.
        NotFoundError: There is no such base.
        MissingDependencyError: The training extra is not installed.
    """
    started = time.monotonic()
    require_train_extra("Training")
    prepare()
    import torch
    from transformers import set_seed

    if threads:
        torch.set_num_threads(threads)
    device = resolve_device(device)
    set_seed(seed)
    model, tokenizer = _open(base)
    length = min(max_length, context_length(model.config))
    rows = encode_rows(tokenizer, train_rows, max_length=length)
    _require_rows(rows, train_rows, length)
    checked = encode_rows(tokenizer, validation_rows, max_length=length)
    lora = None
    if method == "lora":
        lora = _lora(model, rank=rank, alpha=alpha, dropout=dropout, targets=targets)
    arguments = {
        "learning_rate": learning_rate,
        "num_train_epochs": epochs,
        "per_device_train_batch_size": batch_size,
        "per_device_eval_batch_size": batch_size,
        "gradient_accumulation_steps": gradient_accumulation,
        "warmup_steps": warmup_ratio,
        "weight_decay": weight_decay,
        "seed": seed,
        "save_steps": save_steps,
        "eval_strategy": "epoch" if checked.features else "no",
        **_device_arguments(device, precision),
    }
    recipe = _recipe(base, arguments, lora, rows, checked)
    trainer, resumed_from = run_trainer(
        model=model,
        tokenizer=tokenizer,
        train_features=rows.features,
        validation_features=checked.features,
        lora=lora,
        arguments=arguments,
        checkpoint_dir=checkpoint_dir,
        recipe=recipe,
        tick=tick,
    )
    _write(trainer.model, tokenizer, out_dir, base)
    return TrainingResult(
        history=_history(trainer.state.log_history),
        trained_tokens=rows.answer_tokens,
        dropped=rows.dropped,
        dropped_validation=checked.dropped,
        adapter_digest=weights_digest(out_dir),
        steps=trainer.state.global_step,
        seconds=round(time.monotonic() - started, 1),
        resumed_from=resumed_from,
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        max_length=length,
    )


def weights_digest(model_dir: Path) -> str:
    """Return the SHA-256 over a folder's weights: the name and bytes of every safetensors file, by name."""
    total = hashlib.sha256()
    for path in sorted(model_dir.glob("*.safetensors")):
        with path.open("rb") as file:
            total.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _open(base: Path | str) -> tuple[Any, Any]:
    try:
        return load_base(base, dtype="float32")
    except ConfigError as error:
        raise TrainingError(error.message, hint=error.hint) from error


def _require_rows(rows: Encoded, given: Sequence[Row], length: int) -> None:
    if not given:
        raise TrainingError("there are no examples to train on", hint="lore dataset")
    if not rows.features:
        raise TrainingError(
            f"none of the {len(given)} examples fits in {length} tokens",
            hint="raise training.max_length, or use a base that reads more",
        )


def _lora(model: Any, *, rank: int, alpha: int, dropout: float, targets: str | Sequence[str]) -> Any:
    import torch
    from peft import LoraConfig

    linear = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not model.get_output_embeddings()
    }
    wanted = (
        sorted(linear)
        if targets == "all-linear"
        else sorted({targets} if isinstance(targets, str) else targets)
    )
    missing = sorted(set(wanted) - linear)
    if missing or not wanted:
        raise TrainingError(
            f"the base has no module {', '.join(missing) or '(none given)'} to adapt",
            hint=f"choose from {', '.join(sorted(linear))}, or 'all-linear'",
        )
    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=wanted,
        task_type="CAUSAL_LM",
        bias="none",
    )


def _device_arguments(device: str, precision: str) -> dict[str, Any]:
    if precision not in {"auto", "float32", "bfloat16"}:
        raise ConfigError(f"unknown precision {precision!r}", hint="choose auto, float32 or bfloat16")
    bf16 = precision == "bfloat16" or (precision == "auto" and has_fast_bfloat16(device))
    return {
        "bf16": bf16,
        "use_cpu": device == "cpu",
        # It trades time for memory, and memory is not what a CPU lacks.
        "gradient_checkpointing": device != "cpu",
        "dataloader_pin_memory": device == "cuda",
    }


def _recipe(
    base: Path | str, arguments: Mapping[str, Any], lora: Any, rows: Encoded, checked: Encoded
) -> str:
    import torch

    name = weights_digest(Path(base)) if Path(base).is_dir() else str(base)
    adapter = lora and [lora.r, lora.lora_alpha, lora.lora_dropout, sorted(lora.target_modules)]
    return digest([name, arguments, adapter, rows.features, checked.features, torch.get_num_threads()])


def _write(model: Any, tokenizer: Any, out_dir: Path, base: Path | str) -> None:
    if hasattr(model, "peft_config"):
        # A machine's own path would make equal adapters differ.
        model.peft_config["default"].base_model_name_or_path = (
            Path(base).name if Path(base).is_dir() else str(base)
        )
        model.save_pretrained(str(out_dir), save_embedding_layers=False)
        (out_dir / "README.md").unlink(missing_ok=True)
    else:
        model.save_pretrained(str(out_dir))
    tokenizer.save_pretrained(str(out_dir))


def _history(log: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    by_step: dict[int, dict[str, float]] = {}
    for entry in log:
        point = by_step.setdefault(int(entry["step"]), {"step": int(entry["step"])})
        names = {
            "epoch": "epoch",
            "loss": "loss",
            "learning_rate": "learning_rate",
            "eval_loss": "validation_loss",
        }
        point.update({ours: entry[theirs] for theirs, ours in names.items() if theirs in entry})
    return [by_step[step] for step in sorted(by_step) if "loss" in by_step[step]]
