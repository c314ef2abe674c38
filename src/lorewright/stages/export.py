"""export: base and adapter → one merged model and GGUF files, each compared in the real runtime before it counts."""

import hashlib
from pathlib import Path

from lorewright.core.context import Context
from lorewright.core.records import Example, Metadata, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.stages import base, dataset, train
from lorewright.stages.settings import ExportSettings, Settings

MERGED = "merged"
CHECKS = "checks.json"
_THREADS = 1


class Part(Section):
    """What export takes from the settings tree."""

    project: str
    export: ExportSettings


def select(settings: Settings) -> Part:
    """Return export's part of the tree."""
    return Part(project=settings.project.name, export=settings.export)


def run(part: Part, context: Context) -> Metadata:
    """Merge, write each type, verify each type."""
    from lorewright.export.gguf_file import write_gguf
    from lorewright.export.merge import merge
    from lorewright.export.verify import verify

    trained = context.path("train", train.ADAPTER)
    is_adapter = context.inputs["train"].metrics["method"] == "lora"
    source = base.path_of(context.workspace, context.inputs["base"]) if is_adapter else trained
    merged = context.folder / MERGED
    checks: Metadata = {"merged": merge(source, trained if is_adapter else None, merged)}
    context.add(MERGED, [_digest(file) for file in sorted(merged.glob("*.safetensors"))])
    examples = context.read("dataset", dataset.VALIDATION, Example)
    prompts = [turn.content for one in examples for turn in one.messages if turn.role == "user"]
    with context.task("export", total=len(part.export.types), unit="files") as tick:
        for kind in part.export.types:
            name = file_name(part.project, kind)
            written = write_gguf(merged, context.folder / name, quantisation=kind)
            compared = verify(
                merged, context.folder / name, prompts=prompts[: part.export.check_prompts], threads=_THREADS
            )
            checks[kind] = {**written, **compared}
            context.add(name, _digest(context.folder / name))
            tick(1)
    context.write_json(CHECKS, checks)
    return checks


def file_name(project: str, kind: str) -> str:
    """Return the name of a GGUF file."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in project)
    return f"{safe}-{kind}.gguf"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def summary(run: Run) -> str:
    """Return one line for people: each file's size and the figure its gate looked at."""
    parts = []
    for kind in run.settings["export"]["types"]:
        made = run.metrics[kind]
        figure = made["gate_figure"]
        parts.append(
            f"{kind} {made['bytes'] / 1e6:.1f} MB ({figure} {made[figure]:.2g} ≤ {made['gate_limit']:g})"
        )
    return "verified: " + ", ".join(parts)


STAGE = Stage(
    name="export",
    version=1,
    settings=Part,
    run=run,
    needs=lambda _part: {
        "base": (base.MODEL,),
        "train": (train.ADAPTER,),
        "dataset": (dataset.VALIDATION,),
    },
)
