"""base: the base model, made here from train-side documents (`tiny`), or found in a folder or on the Hub."""

import hashlib
import json
from pathlib import Path
from typing import Any

from lorewright.core.context import Context
from lorewright.core.records import Assignment, Document, Metadata, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Needs, Stage
from lorewright.core.workspace import Workspace
from lorewright.hub.models import locate
from lorewright.llm.model_files import revision
from lorewright.stages import dataset, ingest
from lorewright.stages.settings import TINY, Settings, TinySettings
from lorewright.stages.speed import training_minutes

MODEL = "model.json"
MODEL_DIR = "model"
_HEADS, _KV_HEADS = 6, 3
_MAX_LENGTH = 2048


class Part(Section):
    """What base takes from the settings tree."""

    base: str
    tiny: TinySettings | None
    seed: int
    threads: int


def select(settings: Settings) -> Part:
    """Return base's part of the tree; the recipe of the tiny base only where it is used."""
    chosen = settings.training
    tiny = chosen.tiny if chosen.base == TINY else None
    return Part(
        base=chosen.base, tiny=tiny, seed=chosen.seed if tiny else 0, threads=chosen.threads if tiny else 0
    )


def needs(part: Part) -> Needs:
    """Only the tiny base depends on the documents."""
    if part.base != TINY:
        return {}
    return {"ingest": (ingest.DOCUMENTS,), "dataset": (dataset.ASSIGNMENTS,)}


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return the revision of a model that lies outside."""
    if part.base == TINY:
        return None
    return revision(_locate(part.base, workspace.project_dir))


def run(part: Part, context: Context) -> Metadata:
    """Make the tiny base, or note where the model is."""
    if part.tiny is not None:
        return _make_tiny(part, part.tiny, context)
    found = _locate(part.base, context.workspace.project_dir)
    context.write_json(MODEL, {"name": part.base, "path": str(found)}, content=revision(found))
    return {"name": part.base, "history": []}


def _make_tiny(part: Part, tiny: TinySettings, context: Context) -> Metadata:
    from lorewright.training.tiny_base import make_tiny_base

    train_side = {
        one.document_id
        for one in context.read("dataset", dataset.ASSIGNMENTS, Assignment)
        if one.split == "train"
    }
    documents = [
        one.text for one in context.read("ingest", ingest.DOCUMENTS, Document) if one.id in train_side
    ]
    with context.task("base model", total=tiny.steps, unit="steps") as tick:
        metrics = make_tiny_base(
            documents,
            context.folder / MODEL_DIR,
            vocabulary_size=tiny.vocabulary_size,
            hidden_size=tiny.hidden_size,
            layers=tiny.layers,
            heads=_HEADS,
            kv_heads=_KV_HEADS,
            intermediate_size=tiny.hidden_size * 8 // 3,
            steps=tiny.steps,
            batch_size=tiny.batch_size,
            sequence_length=tiny.sequence_length,
            max_length=_MAX_LENGTH,
            seed=part.seed,
            threads=part.threads,
            checkpoint_dir=context.checkpoint_dir,
            tick=tick,
        )
    weights = hashlib.sha256((context.folder / MODEL_DIR / "model.safetensors").read_bytes()).hexdigest()
    tokenizer = hashlib.sha256((context.folder / MODEL_DIR / "tokenizer.json").read_bytes()).hexdigest()
    context.write_json(MODEL, {"name": TINY, "path": MODEL_DIR}, content=[weights, tokenizer])
    return {"name": TINY, "train_side_documents": len(documents), **metrics}


def path_of(workspace: Workspace, run: Run) -> Path:
    """Return the folder of a base run's model."""
    folder = workspace.run_dir("base", run.id)
    return folder / Path(json.loads((folder / MODEL).read_bytes())["path"])


def estimate_minutes(part: Part) -> float | None:
    """Return about how long making the tiny base takes on this machine; a model in a folder takes none."""
    if part.tiny is None:
        return 0.0 if Path(part.base).expanduser().is_dir() else None
    tiny = part.tiny
    parameters = tiny.vocabulary_size * tiny.hidden_size + tiny.layers * 11 * tiny.hidden_size**2
    return training_minutes(tiny.steps * tiny.batch_size * tiny.sequence_length, parameters)


def _locate(name: str, project_dir: Path) -> Path:
    return locate(name, project_dir, instead='training.base = "tiny"')


def summary(run: Run) -> str:
    """Return one line for people."""
    made = run.metrics
    if made["name"] != TINY:
        return f"{made['name']}"
    loss = made.get("held_out_loss")
    held_out = f", held-out loss {loss:.2f}" if loss is not None else ""
    return (
        f"tiny: {made['parameters'] / 1e6:.1f}M parameters from "
        f"{made['train_side_documents']:,} train-side documents, {made['steps']:,} steps{held_out}"
    )


STAGE = Stage(
    name="base",
    version=1,
    settings=Part,
    run=run,
    needs=needs,
    fingerprint=fingerprint,
    costly=lambda _part: True,
)
