"""`lore evaluate` with a gate: exit codes, the baselines file, production, forgetting, the learning curve."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from rich.console import Console

from lorewright.cli.learning_view import print_curve
from lorewright.core.workspace import Workspace
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.report_parts import LearningCurve, LearningPoint

Lore = Callable[..., CompletedProcess[str]]
LOW, HIGH = "evaluation.gate.max_drop=0.5", "evaluation.gate.min_gain=0.99"


def evaluated(lore: Lore, project: Path, *assignments: str, code: int = 0) -> dict[str, Any]:
    options = [part for one in assignments for part in ("--set", one)]
    done = lore("evaluate", "--json", *options, cwd=project)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report_of(project: Path) -> str:
    workspace = Workspace(project)
    run = workspace.newest("report")
    assert run is not None
    return (workspace.run_dir("report", run.id) / "report.html").read_text(encoding="utf-8")


def test_without_a_gate_nothing_more_is_made(lore: Lore, trained: Path) -> None:
    assert "gate" not in evaluated(lore, trained)
    assert Workspace(trained).newest("report") is None


def test_a_gain_that_is_not_there_exits_with_three_and_leaves_the_evaluation_as_it_was(
    lore: Lore, trained: Path
) -> None:
    before = Workspace(trained).newest("evaluate")
    found = evaluated(lore, trained, HIGH, code=3)
    assert before is not None
    assert found["id"] == before.id, "the gate is no part of what was evaluated"
    assert found["gate"]["passed"] is False
    assert {check["name"] for check in found["gate"]["checks"]} == {"min_gain"}
    assert {check["task"] for check in found["gate"]["checks"]} == {"qa", "log_analysis"}
    shown = lore("evaluate", "--set", HIGH, cwd=trained)
    assert shown.returncode == 3
    assert "gate not passed" in shown.stdout
    assert "at least 0.99 is asked for" in " ".join(shown.stdout.split())
    assert "The gate is not passed" in report_of(trained)


def test_a_drop_that_nothing_can_tell_fails_until_baselines_are_written(lore: Lore, trained: Path) -> None:
    refused = lore("evaluate", "--set", LOW, cwd=trained)
    assert refused.returncode == 3
    assert "--update-baselines" in refused.stdout
    path = trained / "baselines.json"
    elsewhere = "evaluation.gate.baselines=kept/values.json"
    assert lore("evaluate", "--update-baselines", "--set", elsewhere, cwd=trained).returncode == 0
    assert (trained / "kept" / "values.json").exists()
    tried = lore("evaluate", "--update-baselines", "--dry-run", "--json", "--set", LOW, cwd=trained)
    assert tried.returncode == 0, tried.stderr
    assert {row["old"] for row in json.loads(tried.stdout)["changes"]} == {None}
    assert not path.exists()
    written = lore("evaluate", "--update-baselines", "--set", LOW, cwd=trained)
    assert written.returncode == 0, written.stdout + written.stderr
    assert "written to baselines.json" in " ".join(written.stdout.split())
    kept = json.loads(path.read_bytes())
    assert kept["qa"]["unseen-docs"]["run"].startswith("evaluate/")
    again = lore("evaluate", "--update-baselines", "--set", LOW, cwd=trained)
    assert "holds these values already" in again.stdout
    assert evaluated(lore, trained, LOW)["gate"]["passed"] is True
    for sets in kept.values():
        for one in sets.values():
            one["metrics"] = dict.fromkeys(one["metrics"], 1.0)
    path.write_text(json.dumps(kept), encoding="utf-8")
    checks = evaluated(lore, trained, "evaluation.gate.max_drop=0.0", code=3)["gate"]["checks"]
    assert any("against the baseline 1.000" in check["words"] for check in checks)
    path.write_text("{", encoding="utf-8")
    broken = lore("evaluate", "--set", LOW, cwd=trained)
    assert broken.returncode == 2
    assert "baselines.json is no file of baselines" in broken.stderr


def test_the_version_in_production_is_asked_beside_the_new_one(lore: Lore, trained: Path) -> None:
    workspace = Workspace(trained)
    first = workspace.newest("train")
    assert first is not None
    workspace.refs.move({"models/Pumphouse/production": f"train/{first.id}"}, why="a test deploys it")
    same = evaluated(lore, trained, LOW)
    paired = [check for check in same["gate"]["checks"] if "in production" in check["words"]]
    assert [check["value"] for check in paired] == [0.0] * len(paired)
    assert {check["task"] for check in paired} == {"qa", "log_analysis"}
    assert "models/Pumphouse/production" in report_of(trained)
    plain = evaluated(lore, trained)
    assert plain["metrics"]["choices"] == same["metrics"]["choices"], (
        "production is no alternative of the verdict"
    )
    named = lore("evaluate", "--set", LOW, "--set", 'evaluation.gate.production="train/none"', cwd=trained)
    assert named.returncode == 2
    assert "'train/none', which is no trained model" in " ".join(named.stderr.split())


def test_what_was_forgotten_is_measured_once_and_gated(lore: Lore, trained: Path) -> None:
    wide = "evaluation.gate.max_general_loss_increase=50"
    found = evaluated(lore, trained, wide)
    (check,) = found["gate"]["checks"]
    assert check["passed"]
    assert check["value"] is not None
    shown = lore("evaluate", "--set", wide, cwd=trained)
    assert "all paragraphs" in shown.stdout
    assert "perplexity" in shown.stdout
    assert "German" in shown.stdout
    assert "Forgetting" in report_of(trained)
    (trained / "own.txt").write_text(
        "One paragraph of ours.\n\nAnother one, a little longer.\n", encoding="utf-8"
    )
    evaluated(lore, trained, "evaluation.forgetting.text=own.txt")
    run = Workspace(trained).newest("forgetting")
    assert run is not None
    assert run.metrics["paragraphs"] == 2
    missing = lore("evaluate", "--set", "evaluation.forgetting.text=none.txt", cwd=trained)
    assert missing.returncode == 2
    assert "'none.txt' cannot be read" in " ".join(missing.stderr.split())
    harness = lore("evaluate", "--set", 'evaluation.forgetting.lm_eval_tasks=["arc_easy"]', cwd=trained)
    assert harness.returncode == 1
    assert "pip install 'lorewright[lm-eval]'" in harness.stderr


def test_a_learning_curve_is_planned_made_and_shown_in_the_report(lore: Lore, trained: Path) -> None:
    asked = ("evaluate", "--learning-curve", "0.5,1")
    planned = lore(*asked, "--dry-run", cwd=trained)
    assert planned.returncode == 0, planned.stderr
    assert "50%" in planned.stdout
    assert "minutes of training" in planned.stdout
    assert Workspace(trained).newest("learn-0.5") is None
    made = lore(*asked, cwd=trained)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "95% interval" in made.stdout
    assert "examples:" in made.stdout, "what the last step says"
    assert "learning curve, 1 of 2" in made.stderr
    again = json.loads(lore(*asked, "--dry-run", "--json", cwd=trained).stdout)
    assert [(one["fraction"], one["there"]) for one in again] == [(0.5, True), (1.0, True)]
    assert lore("evaluate", cwd=trained).returncode == 0
    assert "Would more data help?" in report_of(trained)


def test_bars_are_as_long_as_the_scores() -> None:
    scores = [Interval(mean, mean - 0.1, mean + 0.1, 60, 60) for mean in (0.2, 0.4)]
    points = tuple(LearningPoint(number + 0.5, 10, score) for number, score in enumerate(scores))
    console = Console(file=StringIO(), width=100)
    print_curve(
        console, LearningCurve("qa", "seen-docs", "tuned", "token_f1", points, words="More would help.")
    )
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert [line.count("█") for line in shown.splitlines() if "█" in line] == [15, 30]
    assert "More would help." in shown


def test_a_trial_tells_what_would_follow(lore: Lore, trained: Path) -> None:
    options = ("--set", HIGH, "--set", 'evaluation.forgetting.lm_eval_tasks=["arc_easy"]')
    told = lore("evaluate", "--dry-run", *options, cwd=trained)
    assert told.returncode == 0, told.stderr
    assert "arc_easy, whose data lm_eval fetches" in told.stdout
    assert "then the gate is checked" in told.stdout
    assert Workspace(trained).newest("report") is None
    assert lore("evaluate", "--learning-curve", "--rate", "3", cwd=trained).returncode == 2


@pytest.mark.parametrize("given", ["0", "1.5", "half", "0.5,", "nan"])
def test_what_is_no_fraction_is_refused(lore: Lore, project: Path, given: str) -> None:
    done = lore("evaluate", "--learning-curve", given, cwd=project)
    assert done.returncode == 2
    assert "is no list of fractions" in done.stderr
