"""The learning curve: a run a fraction, made once; all examples are the model that is trained anyway."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lorewright.core.progress import Silent
from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages import learning_curve
from lorewright.stages.learning_curve import curves, make_curve, plan_curve, points_of
from lorewright.stages.settings import load

Lore = Callable[..., CompletedProcess[str]]
FRACTIONS = (0.25, 1.0)


def made(project: Path, *assignments: str) -> list[Run]:
    return make_curve(Workspace(project), load(project, assignments), Silent(), FRACTIONS)


def test_a_curve_is_made_once_and_belongs_to_the_evaluation(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, settings = Workspace(trained), load(trained)
    newest = workspace.newest("train")
    before = plan_curve(workspace, settings, Silent(), FRACTIONS)
    assert [one.there for one in before] == [False, False]
    assert before[0].examples < before[1].examples
    assert before[0].minutes is not None
    assert before[1].minutes is not None
    assert before[0].minutes < before[1].minutes
    points = made(trained)
    assert [run.metrics["examples"] for run in points] == [one.examples for one in before]
    assert workspace.newest("train") == newest, "the model that is trained anyway is not trained again"
    assert not (workspace.run_dir(points[0].stage, points[0].id) / "checkpoints").exists()
    after = plan_curve(workspace, settings, Silent(), FRACTIONS)
    assert [(one.there, one.minutes) for one in after] == [(True, 0.0)] * 2
    monkeypatch.setattr(learning_curve, "prepare", None)
    assert made(trained) == points
    evaluated = workspace.newest("evaluate")
    assert evaluated is not None
    assert points_of(workspace, evaluated) == points
    found = curves(workspace, points)
    assert {(one.task, one.system) for one in found} >= {("qa", "tuned"), ("qa", "tuned+rag")}
    for curve in found:
        assert [point.fraction for point in curve.points] == list(FRACTIONS)
        assert curve.points[0].score.n == curve.points[1].score.n > 0
        assert curve.points[0].examples < curve.points[1].examples
        assert curve.words


def test_points_of_another_training_do_not_belong(trained: Path) -> None:
    workspace = Workspace(trained)
    evaluated = workspace.newest("evaluate")
    assert evaluated is not None
    (point,) = make_curve(workspace, load(trained, ("training.learning_rate=0.02",)), Silent(), (0.25,))
    assert points_of(workspace, evaluated) == []
    assert point.stage == "learn-0.25"
