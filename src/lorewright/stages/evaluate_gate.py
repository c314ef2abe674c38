"""The gate on a finished evaluation, and the baselines file beside `lore.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.files import write_atomic
from lorewright.core.ids import digest
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.evaluation.baseline_values import (
    Baseline,
    Baselines,
    baselines_text,
    changes,
    parse_baselines,
    with_baselines,
)
from lorewright.evaluation.gate import (
    Conditions,
    Scored,
    baseline_of,
    candidate,
    gate,
    metric_of,
)
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.report_data import ReportData
from lorewright.evaluation.report_parts import Gate
from lorewright.stages.evaluate import SCORES
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.evaluation_settings import EvaluationSettings, GateSettings
from lorewright.stages.suite_scores import ByMetric, suite_scores


@dataclass(frozen=True)
class Update:
    """What an evaluation would change in the baselines file.

    Attributes:
        rows: Task, test set, metric, old value (None where there was none) and new value.
        text: What the file would hold.
    """

    path: Path
    rows: tuple[tuple[str, str, str, float | None, float], ...]
    text: str


def check(
    workspace: Workspace,
    evaluated: Run,
    asked: GateSettings,
    data: ReportData,
    *,
    production: str,
    baselines: str,
    general_loss: Interval | None,
) -> Gate:
    """Return what the gate says of a finished evaluation.

    Args:
        workspace: Of the project.
        evaluated: A run of evaluate.
        asked: What is asked of the model.
        data: The evaluation's report, which says by which metrics it decides.
        production: The system in production, `own/RUN`.
        baselines: The text of the baselines file; empty where there is none.
        general_loss: How much higher the tuned model's loss is on general text.

    Raises:
        ConfigError: The gate asks for a metric, a test set or a version that there is not, or the file is broken.
        EvaluationError: Nothing but tuned models was evaluated.
    """
    scored = scored_of(workspace, evaluated, data)
    systems = {name for one in scored for values in one.scores.values() for name in values}
    if (
        asked.production
        and asked.max_drop is not None
        and systems.isdisjoint({production, f"{production}+rag"})
    ):
        raise ConfigError(
            f"evaluation.gate.production is {asked.production!r}, which is no trained model.",
            "name a run of train or a ref, or leave it out",
        )
    conditions = Conditions(
        metric=asked.metric,
        system=asked.system,
        min_gain=asked.min_gain,
        max_drop=asked.max_drop,
        tolerance=asked.tolerance,
        test_sets=asked.test_sets,
        max_general_loss_increase=asked.max_general_loss_increase,
    )
    known = parse_baselines(baselines, name=asked.baselines) if baselines else {}
    return gate(scored, conditions, baselines=known, production=production, general_loss=general_loss)


def scored_of(workspace: Workspace, evaluated: Run, data: ReportData) -> list[Scored]:
    """Return the scores of an evaluation by task and test set, with the metric that decided each verdict."""
    decided = {
        (verdict.task, verdict.test_set): verdict.metric for task in data.tasks for verdict in task.verdicts
    }
    evaluation = EvaluationSettings.model_validate(evaluated.settings["evaluation"])
    return [
        Scored(
            task=suite.task,
            test_set=suite.test_set,
            headline=decided[suite.task, suite.test_set],
            scores=_comparable(values),
            clusters={example.id: example.group for example in suite.examples},
            examples=_digest(suite),
        )
        for suite, values in suite_scores(workspace, evaluated, SCORES, evaluation)
    ]


def plan_update(workspace: Workspace, evaluated: Run, asked: GateSettings, data: ReportData) -> Update:
    """Return what writing an evaluation's values into the baselines file would change.

    Raises:
        ConfigError: The file is there and is none.
        NotFoundError: No tuned model was evaluated.
    """
    path = workspace.project_dir / asked.baselines
    text = read_baselines(workspace, asked)
    old: Baselines = parse_baselines(text, name=asked.baselines) if text else {}
    date = evaluated.finished_at.date().isoformat()
    new: dict[str, dict[str, Baseline]] = {}
    for one in scored_of(workspace, evaluated, data):
        system = candidate(one, metric_of(one, asked.metric), asked.system)
        if system:
            found = baseline_of(one, system, run=f"evaluate/{evaluated.id}", date=date)
            new.setdefault(one.task, {})[one.test_set] = found
    if not new:
        raise NotFoundError(
            "No tuned model was evaluated, so there is nothing to write into the baselines file.",
            'add "tuned" to evaluation.systems in lore.toml',
        )
    return Update(path, tuple(changes(old, new)), baselines_text(with_baselines(old, new)))


def write_update(update: Update) -> None:
    """Write the baselines file; version control has the one before."""
    update.path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(update.path, update.text.encode("utf-8"))


def read_baselines(workspace: Workspace, asked: GateSettings) -> str:
    """Return the text of the baselines file, empty where there is none.

    Raises:
        ConfigError: It is there and cannot be read.
    """
    try:
        return (workspace.project_dir / asked.baselines).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"evaluation.gate.baselines: {asked.baselines!r} cannot be read: {error}.", "name another file"
        ) from error


def _comparable(values: ByMetric) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """Return the metrics that every system has, of the same examples."""
    systems = {name for of in values.values() for name in of}
    return {
        metric: of
        for metric, of in values.items()
        if of.keys() == systems and len({frozenset(one) for one in of.values()}) == 1
    }


def _digest(suite: Suite) -> str:
    return digest(sorted(example.id for example in suite.examples))[:16]
