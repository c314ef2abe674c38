"""forgetting: what base and tuned model make of general text, and of tasks of lm-evaluation-harness."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from lorewright.core.context import Context
from lorewright.core.errors import ConfigError
from lorewright.core.files import write_atomic
from lorewright.core.ids import text_digest
from lorewright.core.records import Metadata, Run
from lorewright.core.settings import Section, no_effect
from lorewright.core.stage import Outside, Stage
from lorewright.core.workspace import Workspace
from lorewright.evaluation.forgetting import (
    GENERAL,
    Forgetting,
    Paragraph,
    forgetting,
    general_text,
    paragraphs,
    perplexity,
)
from lorewright.evaluation.lm_eval_tasks import (
    TaskChange,
    TaskValues,
    require_lm_eval,
    run_tasks,
    task_changes,
)
from lorewright.stages import base, train
from lorewright.stages.settings import Settings
from lorewright.stages.speed import resolve_device

if TYPE_CHECKING:
    from lorewright.llm.local import LocalModel

RESULT = "forgetting.json"


class Part(Section):
    """What forgetting takes from the settings tree; `text` is the name of a text, empty where none is measured."""

    text: str
    lm_eval_tasks: tuple[str, ...]
    lm_eval_examples: int | None
    device: str
    threads: int
    batch_size: int = no_effect(8, "Paragraphs computed side by side.")


@dataclass(frozen=True)
class Measured:
    """What one model makes of the text, paragraph by paragraph, and of tasks."""

    losses: list[tuple[float, int]]
    tasks: dict[str, TaskValues]


@dataclass(frozen=True)
class Known:
    """What a run of forgetting found; the text is None where none was measured."""

    text: Forgetting | None
    tasks: tuple[TaskChange, ...]


def select(settings: Settings) -> Part:
    """Return forgetting's part of the tree; what the gate asks for is measured on the general text."""
    chosen = settings.evaluation.forgetting
    asked = settings.evaluation.gate.max_general_loss_increase is not None
    return Part(
        text=chosen.text or (GENERAL if asked else ""),
        lm_eval_tasks=chosen.lm_eval_tasks,
        lm_eval_examples=chosen.lm_eval_examples if chosen.lm_eval_tasks else None,
        device=resolve_device(settings.training.device),
        threads=settings.training.threads,
        batch_size=min(settings.evaluation.batch_size, 8),
    )


def is_wanted(settings: Settings) -> bool:
    """Whether the settings ask for anything to be measured."""
    part = select(settings)
    return bool(part.text or part.lm_eval_tasks)


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return the digest of the text and the release of the harness.

    Raises:
        ConfigError: The file cannot be read.
        MissingDependencyError: Tasks of the harness are named and it is not installed.
    """
    if part.lm_eval_tasks:
        require_lm_eval()
    text = _text(part.text, workspace) if part.text else ""
    return Outside([text_digest(text), _release() if part.lm_eval_tasks else ""], text)


def run(part: Part, context: Context) -> Metadata:
    """Measure both models, one after the other; what a stopped run had measured is read back."""
    measured = paragraphs(context.found)
    if part.text and not measured:
        raise ConfigError(
            f"evaluation.forgetting.text: {part.text} has no paragraphs.", "blank lines part paragraphs"
        )
    before, after = (_measured(name, measured, part, context) for name in ("base", "tuned"))
    found = Known(
        forgetting(measured, base=before.losses, tuned=after.losses) if measured else None,
        task_changes(before.tasks, after.tasks),
    )
    context.write_json(RESULT, asdict(found))
    return {
        "paragraphs": found.text.difference.n if found.text else 0,
        "base_loss": found.text.base.mean if found.text else None,
        "tuned_loss": found.text.tuned.mean if found.text else None,
        "loss_increase": found.text.difference.mean if found.text else None,
        "tasks": {one.task: one.difference.mean for one in found.tasks},
    }


def read_known(workspace: Workspace, run: Run) -> Known:
    """Return what a run found."""
    return TypeAdapter(Known).validate_json((workspace.run_dir(run.stage, run.id) / RESULT).read_bytes())


def summary(run: Run) -> str:
    """Return one line for people."""
    made = run.metrics
    said = [f"{task} {_signed(change)}" for task, change in made["tasks"].items()]
    if made["paragraphs"]:
        before, after = perplexity(made["base_loss"]), perplexity(made["tuned_loss"])
        said.insert(
            0,
            f"general text: {_signed(made['loss_increase'])} nats a token, perplexity {before:,.1f} → {after:,.1f}",
        )
    return ", ".join(said)


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _measured(name: str, measured: Sequence[Paragraph], part: Part, context: Context) -> Measured:
    """Return what a model makes of it all; what a stopped run had computed is read back."""
    kept = context.checkpoint_dir / f"{name}.json"
    if not kept.exists():
        model = _open(name, part, context)
        with context.task(f"{name}: general text", total=len(measured), unit="paragraphs") as tick:
            losses = model.text_nll([one.text for one in measured], batch_size=part.batch_size, tick=tick)
        tasks = {}
        if part.lm_eval_tasks:
            tasks = run_tasks(
                model, part.lm_eval_tasks, examples=part.lm_eval_examples, batch_size=part.batch_size
            )
        write_atomic(kept, json.dumps(asdict(Measured(losses, tasks))).encode("utf-8"))
    return TypeAdapter(Measured).validate_json(kept.read_bytes())


def _open(name: str, part: Part, context: Context) -> "LocalModel":
    from lorewright.llm.local import load

    base_dir = base.path_of(context.workspace, context.inputs["base"])
    trained = context.path("train", train.ADAPTER)
    if name == "base":
        return load(base_dir, device=part.device, threads=part.threads)
    if context.inputs["train"].metrics["method"] == "full":
        return load(trained, device=part.device, threads=part.threads)
    return load(base_dir, adapter=trained, device=part.device, threads=part.threads)


def _text(name: str, workspace: Workspace) -> str:
    if name == GENERAL:
        return general_text()
    try:
        return (workspace.project_dir / name).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"evaluation.forgetting.text: {name!r} cannot be read: {error}.",
            f"name a text file, or {GENERAL!r} for the text that comes with lore",
        ) from error


def _release() -> str:
    try:
        return version("lm_eval")
    except PackageNotFoundError:
        return ""


STAGE = Stage(
    name="forgetting",
    version=1,
    settings=Part,
    run=run,
    fingerprint=fingerprint,
    needs=lambda _part: {"base": (base.MODEL,), "train": (train.ADAPTER,)},
)
