"""The learning curve: the same training on fractions of the examples, each a run of its own, made once.

A fraction's stage is `learn-0.25`. Its model is thrown away once it has answered. That of all examples is the model
that `train` makes.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lorewright.core.context import Context
from lorewright.core.ids import digest
from lorewright.core.progress import Reporter
from lorewright.core.records import Example, Metadata, Prediction, Run, Score
from lorewright.core.settings import Section
from lorewright.core.stage import Needs, Stage, execute, identify
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.evaluation.comparing import CANDIDATES
from lorewright.evaluation.learning_curve import Trained, learning_curve, nested_fraction
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.report_parts import LearningCurve
from lorewright.evaluation.scoring import score
from lorewright.stages import base, dataset, index, train
from lorewright.stages.asked_models import in_process, opened_model, replies_path
from lorewright.stages.asking import Model
from lorewright.stages.calls_outcome import require_complete
from lorewright.stages.evaluate_models import no_answer, prompts_of, questions_of
from lorewright.stages.evaluate_part import Part as EvaluatePart
from lorewright.stages.evaluate_part import asked_model
from lorewright.stages.evaluate_part import select as select_evaluate
from lorewright.stages.evaluate_prepare import prepare
from lorewright.stages.evaluate_scores import shown_texts
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.model_calls import ask_all
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings
from lorewright.stages.suite_scores import suite_scores

STAGES = "learn-"
SCORES = "scores.parquet"
PREDICTIONS = "predictions.parquet"
FRACTIONS = (0.1, 0.25, 0.5, 1.0)
_TUNED = "tuned"
_VERSION = 2


class Part(Section):
    """What a point of the curve takes from the settings tree."""

    fraction: float
    train: train.Part
    evaluate: EvaluatePart


@dataclass(frozen=True)
class Planned:
    """A point before it is made.

    Attributes:
        examples: Training examples of all tasks.
        there: Whether it is made already.
        minutes: About how long its training takes; None where that is not known.
    """

    fraction: float
    examples: int
    there: bool
    minutes: float | None


def select(settings: Settings, fraction: float) -> Part:
    """Return a point's part of the tree: training as it is, and what decides how its model is tested."""
    chosen = settings.evaluation
    evaluation = EvaluationSettings(
        systems=tuple(name for name in CANDIDATES if name in chosen.systems) or (_TUNED,),
        max_examples=chosen.max_examples,
        max_new_tokens=chosen.max_new_tokens,
        passages=chosen.passages,
        context_chars=chosen.context_chars,
        batch_size=chosen.batch_size,
    )
    part = select_evaluate(settings).model_copy(
        update={
            "project": "",
            "evaluation": evaluation,
            "min_support": 0.0,
            "hold_back": False,
            "production": "",
        }
    )
    return Part(fraction=fraction, train=train.select(settings), evaluate=part)


def stage_of(fraction: float) -> Stage[Part]:
    """Return the stage of a fraction."""
    return Stage(name=f"{STAGES}{fraction:g}", version=_VERSION, settings=Part, run=run, needs=needs)


def needs(part: Part) -> Needs:
    """All examples are the model that is trained anyway."""
    found: dict[str, tuple[str, ...]] = {
        "index": (index.VERSION,),
        "dataset": (dataset.TRAIN, *dataset.TESTS.values()),
        "base": (base.MODEL,),
    }
    return found | {"train": (train.ADAPTER,)} if part.fraction >= 1 else found


def run(part: Part, context: Context) -> Metadata:
    """Train on the fraction, ask the model the test questions, and score its answers by the metric that decides."""
    examples = nested_fraction(context.read("dataset", dataset.TRAIN, Example), part.fraction)
    prepared = prepare(part.evaluate, context.workspace, context.inputs, context.reporter)
    questions = questions_of(_TUNED, prepared)
    with _opened(part, examples, context) as model:
        prompts = prompts_of(questions, None, part.evaluate.evaluation.max_new_tokens)
        label = f"{part.fraction:.0%} of the examples"
        answered = ask_all(prompts, model, context.reporter, left_out=no_answer, label=label)
    require_complete(answered, model.asked, folder=context.folder, max_failed=1.0)
    predictions = [row for (row,) in answered.records]
    scores = [
        row
        for suite in prepared.suites
        for row in score(
            suite.examples,
            [
                found
                for question, found in zip(questions, predictions, strict=True)
                if question.suite.key == suite.key
            ],
            metrics=(headline_metric(suite.examples),),
            shown=shown_texts(suite, prepared),
        )
    ]
    context.write(PREDICTIONS, predictions, Prediction)
    context.write(SCORES, scores, Score)
    tasks = sorted({example.task for example in examples})
    return {
        "examples": len(examples),
        "by_task": {task: sum(example.task == task for example in examples) for task in tasks},
        "answers": len(predictions),
    }


def plan_curve(
    workspace: Workspace, settings: Settings, reporter: Reporter, fractions: Sequence[float]
) -> list[Planned]:
    """Bring what is cheap up to date and return what each point would take; nothing is trained or fetched.

    Raises:
        CostlyStepError: The examples are still to be asked for.
    """
    inputs = _cheap(workspace, settings, reporter)
    if base.estimate_minutes(base.select(settings)) == 0:
        bring(workspace, settings, reporter, upto="base", asked=("base",))
    found_base = workspace.find("base", identify(base.STAGE, base.select(settings), inputs, workspace).id)
    inputs |= {"base": found_base} if found_base else {}
    rows = list(read_table(workspace.run_dir("dataset", inputs["dataset"].id) / dataset.TRAIN, Example))
    minutes = train.estimate_minutes(train.select(settings), inputs, workspace)
    planned = []
    for fraction in fractions:
        examples = len(nested_fraction(rows, fraction))
        there = _is_there(workspace, settings, fraction, inputs)
        share = None if minutes is None else minutes * examples / max(len(rows), 1)
        planned.append(Planned(fraction, examples, there, 0.0 if there else share))
    return planned


def make_curve(
    workspace: Workspace, settings: Settings, reporter: Reporter, fractions: Sequence[float]
) -> list[Run]:
    """Return the run of each point, made where it is not there yet, the smallest fraction first."""
    inputs = _cheap(workspace, settings, reporter)
    inputs |= bring(workspace, settings, reporter, upto="base", asked=("base",))
    made = []
    for number, fraction in enumerate(sorted(fractions), start=1):
        reporter.say(f"learning curve, {number} of {len(fractions)}: {fraction:.0%} of the examples")
        if fraction >= 1:
            inputs |= bring(workspace, settings, reporter, upto="train", asked=("base", "train"))
        made.append(execute(stage_of(fraction), select(settings, fraction), inputs, workspace, reporter))
    return made


def points_of(workspace: Workspace, evaluated: Run) -> list[Run]:
    """Return the points that belong to an evaluation: of its examples, base and index, trained as its model was."""
    trained = workspace.manifest("train", evaluated.inputs["train"])
    names = sorted(path.name for path in (workspace.root / "runs").glob(f"{STAGES}*"))
    found = [run for name in names if (run := workspace.newest(name)) is not None]
    return sorted(
        (run for run in found if trained and _belongs(run, evaluated, trained)),
        key=lambda run: run.settings["fraction"],
    )


def curves(workspace: Workspace, points: Sequence[Run]) -> tuple[LearningCurve, ...]:
    """Return the curves of points of the same test examples, by task, test set and system."""
    if not points:
        return ()
    evaluation = EvaluationSettings.model_validate(points[-1].settings["evaluate"]["evaluation"])
    scored = [
        {suite.key: (suite, values) for suite, values in suite_scores(workspace, point, SCORES, evaluation)}
        for point in points
    ]
    found = []
    for key, (suite, _) in scored[-1].items():
        metric = headline_metric(suite.examples)
        for system in suite.systems:
            trained = [
                Trained(
                    point.settings["fraction"],
                    point.metrics["by_task"].get(suite.task, 0),
                    of[key][1][metric][system],
                )
                for point, of in zip(points, scored, strict=True)
            ]
            clusters = {example.id: example.group for example in suite.examples}
            found.append(
                learning_curve(
                    trained,
                    clusters,
                    task=suite.task,
                    test_set=suite.test_set,
                    system=system,
                    metric=metric,
                )
            )
    return tuple(found)


def _cheap(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Run]:
    inputs = bring(workspace, settings, reporter, upto="index")
    return inputs | bring(workspace, settings, reporter, upto="dataset")


def _is_there(workspace: Workspace, settings: Settings, fraction: float, inputs: Mapping[str, Run]) -> bool:
    part = select(settings, fraction)
    if "base" not in inputs:
        return False
    known = dict(inputs)
    if fraction >= 1:
        trained = workspace.find("train", identify(train.STAGE, train.select(settings), known, workspace).id)
        if trained is None:
            return False
        known["train"] = trained
    stage = stage_of(fraction)
    return workspace.find(stage.name, identify(stage, part, known, workspace).id) is not None


def _belongs(point: Run, evaluated: Run, trained: Run) -> bool:
    if point.version != _VERSION or point.settings["train"] != trained.settings:
        return False
    tested = point.settings["evaluate"]["evaluation"]
    same = ("max_examples", "max_new_tokens", "passages", "context_chars")
    return all(evaluated.consumed.get(name) == value for name, value in point.consumed.items()) and all(
        tested[name] == evaluated.settings["evaluation"][name] for name in same
    )


@contextmanager
def _opened(part: Part, examples: Sequence[Example], context: Context) -> Iterator[Model]:
    """Yield the model of the fraction: that of `train`, or one that is trained here and goes with the checkpoints."""
    from lorewright.llm.replies import Replies

    if part.fraction >= 1:
        asked = asked_model(part.evaluate, f"own/train/{context.inputs['train'].id}")
        with opened_model(asked, context.workspace) as model:
            yield model
        return
    folder = context.checkpoint_dir / train.ADAPTER
    result = train.fit(part.train, examples, (), folder, context)
    asked = asked_model(part.evaluate, f"own/{STAGES}{part.fraction:g}")
    base_run = context.inputs["base"]
    is_adapter = part.train.method == "lora"
    provider = in_process(
        asked,
        base.path_of(context.workspace, base_run) if is_adapter else folder,
        adapter=folder if is_adapter else None,
        content=digest([result.adapter_digest, base_run.outputs[base.MODEL]]),
    )
    with Replies(replies_path(context.workspace)) as replies:
        yield Model(asked, provider, asyncio.run(provider.resolve()), replies)
