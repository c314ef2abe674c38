"""generate: chunks → candidate examples, each with the evidence it stands on; a rejection for each that is none."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lorewright.core.context import Context
from lorewright.core.records import Call, Example, Metadata, Record, Rejection, Run
from lorewright.core.stage import Needs, Stage
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import index, ingest
from lorewright.stages.asked_models import known_model, opened_model, runs_elsewhere
from lorewright.stages.calls_outcome import account_for_prompts, require_complete
from lorewright.stages.generate_grounding import grounded_records, queries_digest
from lorewright.stages.generate_part import Part, asked_model, select
from lorewright.stages.generate_prepare import Prepared, prepare
from lorewright.stages.generate_prompts import Made, rejection_of
from lorewright.stages.generate_structure import TASKS, label_digest, screened, structural_records, unmatched
from lorewright.stages.generate_tasks import task_list
from lorewright.stages.model_calls import Answered, ask_all

__all__ = ["CALLS", "CANDIDATES", "MASKED", "REJECTIONS", "STAGE", "select", "summary"]
CANDIDATES = "candidates.parquet"
REJECTIONS = "rejections.parquet"
CALLS = "calls.parquet"
MASKED = "masked.json"
_QUOTED = re.compile(r": ['\"].*", re.S)


def needs(part: Part) -> Needs:
    """Return what is consumed: an index only where a task shows passages."""
    found = {"ingest": (ingest.DOCUMENTS,), "chunk": (chunk_stage.CHUNKS,)}
    return {**found, "index": (index.VERSION,)} if part.shown else found


def fingerprint(part: Part, workspace: Workspace) -> Any:
    """Return the content of label and question files, of prompts, of plug-in tasks, and what is known of the model."""
    chosen = part.generation
    tasks = task_list(chosen, part.log_analysis, workspace)
    return [
        [label_digest(workspace, name) for name in chosen.labels],
        queries_digest(part, workspace) if tasks.queries else None,
        TASKS.origins(tasks.structural),
        {task.name: task.digest for task in tasks.asked},
        known_model(asked_model(part), workspace),
    ]


def run(part: Part, context: Context) -> Metadata:
    """Make examples: of structure where documents changed, of a model's replies where there are none yet."""
    prepared = prepare(part, context.workspace, context.inputs)
    records: list[Record] = list(_from_structure(part, prepared, context))
    answered = _from_model(part, prepared, context)
    records += [*prepared.rejections, *(one for made in answered.records for one in made)] if answered else []
    outputs = [*_once(_shown_with_passages(part, prepared, records, context))]
    outputs += [unmatched(path) for path in sorted(prepared.labels.keys() - prepared.known_paths)]
    examples = [record for record in outputs if isinstance(record, Example)]
    rejections = [record for record in outputs if isinstance(record, Rejection)]
    context.write(CANDIDATES, examples, Example)
    context.write(REJECTIONS, rejections, Rejection)
    if answered:
        context.write(CALLS, answered.calls, Call)
        context.write_json(MASKED, prepared.materials.masked)
        account_for_prompts(prepared.prompts, answered, context)
    return {
        "documents": len(prepared.documents),
        "passages": len(prepared.chunks),
        "candidates": len(examples),
        "rejected": len(rejections),
        "by_task": dict(Counter(example.task for example in examples).most_common()),
        "by_reason": dict(Counter(_kind_of(rejection.reason) for rejection in rejections).most_common(12)),
        **context.counts,
        **(answered.counted() | {"secrets": prepared.materials.counted()} if answered else {}),
    }


def _from_structure(part: Part, prepared: Prepared, context: Context) -> Iterator[Record]:
    """Return what needs no model, of the chosen passages."""
    made = structural_records(
        context,
        prepared.documents,
        prepared.places,
        tasks=prepared.tasks.structural,
        project=part.subject,
        labels=prepared.labels,
        options=part.options,
    )
    every = part.generation.limit is None and part.generation.sample is None
    return screened(made, None if every else {chunk.id for chunk in prepared.chunks})


def _from_model(part: Part, prepared: Prepared, context: Context) -> Answered[Made] | None:
    """Return what a model makes of the prompts; None where no task asks one."""
    asked = asked_model(part)
    if asked is None or not (prepared.tasks.asked or prepared.tasks.queries):
        return None
    with opened_model(asked, context.workspace) as model:
        answered = ask_all(prepared.prompts, model, context.reporter, left_out=rejection_of)
    require_complete(
        answered,
        asked,
        folder=context.checkpoint_dir,
        accept_unanswered=part.generation.accept_unanswered,
        max_failed=part.generation.max_failed,
    )
    return answered


def _shown_with_passages(
    part: Part, prepared: Prepared, records: Sequence[Record], context: Context
) -> Iterable[Record]:
    """Return the records, those of tasks that show passages made of the ones that they are made of."""
    if part.shown is None or prepared.library is None:
        return records
    return grounded_records(records, prepared.library, part.shown, part.generation, context.reporter)


def _once(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records, and for an example that was there before a rejection."""
    seen: set[str] = set()
    for record in records:
        if isinstance(record, Example) and record.id in seen:
            yield Rejection(
                record="candidate",
                record_id=record.id,
                filter="repeated",
                reason="the same example was made before",
                twin=record.id,
                name=record.prompt[:200],
            )
        else:
            yield record
        if isinstance(record, Example):
            seen.add(record.id)


def _kind_of(reason: str) -> str:
    """Return a reason without the words that it quotes."""
    return _QUOTED.sub("", reason)


def summary(run: Run) -> str:
    """Return one line for people."""
    tasks = ", ".join(f"{count:,} {task}" for task, count in run.metrics["by_task"].items())
    told = f" ({tasks})" if tasks else ""
    return f"{run.metrics['candidates']:,} candidates{told}, {run.metrics['rejected']:,} left out"


STAGE = Stage(
    name="generate",
    version=3,
    settings=Part,
    run=run,
    needs=needs,
    fingerprint=fingerprint,
    costly=lambda part: runs_elsewhere(asked_model(part)),
)
