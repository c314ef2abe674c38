"""Tasks of EleutherAI's lm-evaluation-harness (MIT, `lm_eval` 0.4), asked of a model in this process."""

import importlib.util
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lorewright.core.errors import EvaluationError, MissingDependencyError
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference
from lorewright.llm.local import LocalModel

# Length-normalised accuracy is what the harness's own tables show where a task has it.
_PREFERRED = ("acc_norm", "acc", "exact_match")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TaskValues:
    """What a model came to in one task: the metric, whether more of it is better, and values by example number."""

    metric: str
    higher_is_better: bool
    values: Mapping[str, float]


@dataclass(frozen=True)
class TaskChange:
    """One task's means for base and tuned model, and the paired difference."""

    task: str
    metric: str
    higher_is_better: bool
    base: Interval
    tuned: Interval
    difference: Interval


def require_lm_eval() -> None:
    """Make sure that the harness is installed.

    Raises:
        MissingDependencyError: It is not.
    """
    if importlib.util.find_spec("lm_eval") is None:
        raise MissingDependencyError(
            "evaluation.forgetting.lm_eval_tasks needs lm_eval, which is not installed",
            hint="pip install 'lorewright[lm-eval]'",
        )


def run_tasks(
    model: LocalModel, tasks: Sequence[str | Mapping[str, Any]], *, examples: int | None, batch_size: int
) -> dict[str, TaskValues]:
    """Return the values of each task; groups come as the tasks in them. Data of a task are fetched when it begins.

    Args:
        model: Asked without a chat template, as the harness does with base models.
        tasks: Names that the harness knows, or its own configurations.
        examples: The first so many of each; all when None.
        batch_size: Requests computed side by side.

    Raises:
        MissingDependencyError: The harness is not installed.
        EvaluationError: It does not know a task, cannot fetch its data, or a task has no metric of single examples.
    """
    require_lm_eval()
    import lm_eval
    from lm_eval.models.huggingface import HFLM

    # It warns of a model that is loaded already; its progress bars stay.
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    asked = HFLM(
        pretrained=model.model, tokenizer=model.tokenizer, batch_size=batch_size, max_length=model.max_length
    )
    try:
        found = lm_eval.simple_evaluate(
            asked,
            tasks=[one if isinstance(one, str) else dict(one) for one in tasks],
            limit=examples,
            bootstrap_iters=0,
            log_samples=True,
        )
    except Exception as error:  # the harness and its tasks raise anything, tasks that are not known among it
        named = ", ".join(one if isinstance(one, str) else str(one["task"]) for one in tasks)
        raise EvaluationError(
            f"lm_eval failed on {named}: {type(error).__name__}: {str(error).strip()[:300]}",
            "lm-eval ls tasks lists what there is; data of a task are fetched from the Hub",
        ) from error
    better: Mapping[str, Mapping[str, bool]] = found["higher_is_better"]
    return {task: _values(task, rows, better.get(task, {})) for task, rows in found["samples"].items()}


def task_changes(base: Mapping[str, TaskValues], tuned: Mapping[str, TaskValues]) -> tuple[TaskChange, ...]:
    """Return how far each task changed from base to tuned model; an example is a cluster of its own."""
    return tuple(_change(task, before, tuned[task]) for task, before in base.items())


def _change(task: str, before: TaskValues, after: TaskValues) -> TaskChange:
    is_share = all(0 <= value <= 1 for one in (before, after) for value in one.values.values())
    least, most = (0.0, 1.0) if is_share else (None, None)
    return TaskChange(
        task=task,
        metric=before.metric,
        higher_is_better=before.higher_is_better,
        base=mean_interval(before.values, {}, bounds=(least, most)),
        tuned=mean_interval(after.values, {}, bounds=(least, most)),
        difference=paired_difference(after.values, before.values, {}, span=most),
    )


def _values(task: str, rows: Sequence[Mapping[str, Any]], better: Mapping[str, bool]) -> TaskValues:
    # A task with several filters logs each example once a filter; the first is the one its tables show first.
    filters = {row["filter"] for row in rows}
    first = rows[0]["filter"] if rows else ""
    named = [name for row in rows[:1] for name in row["metrics"] if isinstance(row[name], int | float)]
    if not named:
        raise EvaluationError(
            f"The task {task} has no metric of single examples, so that a difference would have no interval.",
            "leave it out of evaluation.forgetting.lm_eval_tasks",
        )
    if len(filters) > 1:
        _log.info("%s: of the filters %s the first is shown", task, sorted(filters))
    metric = next((name for name in _PREFERRED if name in named), named[0])
    values = {str(row["doc_id"]): float(row[metric]) for row in rows if row["filter"] == first}
    return TaskValues(metric, better.get(metric, True), values)
