"""train: dataset and base model → an adapter or a whole model."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lorewright.core.context import Context
from lorewright.core.records import Example, Metadata, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.datasets.formats import prompt_completion
from lorewright.stages import base, dataset
from lorewright.stages.settings import Settings, TinySettings, TrainingSettings
from lorewright.stages.speed import resolve_device, training_minutes

if TYPE_CHECKING:
    from lorewright.training.sft import TrainingResult

ADAPTER = "adapter"
HISTORY = "history.json"
_CHARS_A_TOKEN = 3.2


class Part(Section):
    """What train takes from the settings tree, with what is chosen by base and device filled in."""

    training: TrainingSettings
    method: Literal["lora", "full"]
    learning_rate: float
    device: str


def select(settings: Settings) -> Part:
    """Return train's part of the tree; the base is an input of its own, so it is left out here."""
    chosen = settings.training
    own = chosen.model_copy(
        update={"base": "", "tiny": TinySettings(), "method": "auto", "learning_rate": None, "device": "auto"}
    )
    return Part(
        training=own,
        method=chosen.resolved_method(),
        learning_rate=chosen.resolved_rate(),
        device=resolve_device(chosen.device),
    )


def run(part: Part, context: Context) -> Metadata:
    """Train; a stopped run goes on from its newest whole checkpoint."""
    train_examples = list(context.read("dataset", dataset.TRAIN, Example))
    validation = list(context.read("dataset", dataset.VALIDATION, Example))
    result = fit(part, train_examples, validation, context.folder / ADAPTER, context)
    context.add(ADAPTER, result.adapter_digest)
    context.write_json(HISTORY, result.history)
    return {
        "method": part.method,
        "rows": len(train_examples),
        "dropped_over_length": len(result.dropped),
        "steps": result.steps,
        "trained_tokens": result.trained_tokens,
        "final_loss": _last(result.history, "loss"),
        "validation_loss": _last(result.history, "validation_loss"),
    }


def fit(
    part: Part, examples: Sequence[Example], validation: Sequence[Example], out_dir: Path, context: Context
) -> "TrainingResult":
    """Train the base among the inputs on some examples and write the adapter, or the model, into a folder."""
    from lorewright.training.sft import train

    chosen = part.training
    a_step = chosen.batch_size * chosen.gradient_accumulation
    # Rows over the length limit are left out, so there may be fewer.
    total = math.ceil(math.ceil(len(examples) / a_step) * chosen.epochs)
    with context.task("train", total=total, unit="steps") as tick:
        return train(
            base=base.path_of(context.workspace, context.inputs["base"]),
            train_rows=[prompt_completion(one) for one in examples],
            validation_rows=[prompt_completion(one) for one in validation],
            out_dir=out_dir,
            checkpoint_dir=context.checkpoint_dir,
            method=part.method,
            rank=chosen.rank,
            alpha=chosen.alpha,
            dropout=chosen.dropout,
            learning_rate=part.learning_rate,
            epochs=chosen.epochs,
            batch_size=chosen.batch_size,
            gradient_accumulation=chosen.gradient_accumulation,
            max_length=chosen.max_length,
            warmup_ratio=chosen.warmup_ratio,
            weight_decay=chosen.weight_decay,
            seed=chosen.seed,
            device=part.device,
            threads=chosen.threads,
            save_steps=chosen.save_steps,
            tick=tick,
        )


def _last(history: list[dict[str, float]], name: str) -> float | None:
    return next((point[name] for point in reversed(history) if name in point), None)


def estimate_minutes(part: Part, current: Mapping[str, Run], workspace: Workspace) -> float | None:
    """Return about how long the training takes on this machine."""
    if "dataset" not in current:
        return None
    previous = workspace.newest("train")
    rows = current["dataset"].metrics["sets"]["train"]
    chosen = part.training
    if previous and "base" in current and _is_alike(previous, part, current["base"]):
        per_row = previous.environment["seconds"] / max(
            previous.metrics["rows"] * previous.settings["training"]["epochs"], 1
        )
        return float(per_row * rows * chosen.epochs / 60.0)
    if "base" not in current:
        return None
    parameters = _parameters(base.path_of(workspace, current["base"]))
    path = workspace.run_dir("dataset", current["dataset"].id) / dataset.TRAIN
    characters = sum(len(turn.content) for one in read_table(path, Example) for turn in one.messages)
    tokens = int(characters / _CHARS_A_TOKEN * chosen.epochs)
    return training_minutes(tokens, parameters)


def _is_alike(previous: Run, part: Part, base_run: Run) -> bool:
    """Tell whether an earlier training says how long this one takes."""
    same_base = previous.consumed.get(f"base/{base.MODEL}") == base_run.outputs[base.MODEL]
    now = (part.method, part.device, part.training.threads, part.training.max_length)
    earlier = previous.settings
    own = earlier["training"]
    return same_base and now == (
        earlier.get("method"),
        earlier.get("device"),
        own["threads"],
        own["max_length"],
    )


def _parameters(model_dir: Path) -> int:
    """Return about how many parameters a model has, from the size of its weights."""
    weights = sum(file.stat().st_size for file in model_dir.glob("*.safetensors"))
    config = json.loads((model_dir / "config.json").read_bytes())
    wide = str(config.get("dtype") or config.get("torch_dtype") or "float32") == "float32"
    return weights // (4 if wide else 2)


def summary(run: Run) -> str:
    """Return one line for people."""
    made = run.metrics
    dropped = (
        f", {made['dropped_over_length']:,} rows over the length limit" if made["dropped_over_length"] else ""
    )
    loss = made["validation_loss"]
    shown = f", validation loss {loss:.2f}" if loss is not None else ""
    return f"{made['method']} on {made['rows']:,} rows{dropped}, {made['steps']:,} steps{shown}"


STAGE = Stage(
    name="train",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {"dataset": (dataset.TRAIN, dataset.VALIDATION), "base": (base.MODEL,)},
    costly=lambda _part: True,
)
