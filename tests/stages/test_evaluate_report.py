"""The files that tell of an evaluation."""

import json
import math
from pathlib import Path

from pydantic import TypeAdapter

from lorewright.core.workspace import Workspace
from lorewright.evaluation.report_data import ReportData, figures
from lorewright.evaluation.results_json import FIELDS


def test_an_evaluation_writes_its_report_for_people_pull_requests_and_programs(trained: Path) -> None:
    workspace = Workspace(trained)
    run = workspace.newest("evaluate")
    assert run is not None
    folder = workspace.run_dir("evaluate", run.id)
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    for label in run.metrics["verdicts"].values():
        assert label in markdown
    told = json.loads((folder / "figures.json").read_bytes())
    data = TypeAdapter(ReportData).validate_python(told)
    assert json.loads(json.dumps(figures(data))) == told
    page = (folder / "report.html").read_text(encoding="utf-8")
    for task in data.tasks:
        assert all(f"lore trace {example.id}" in page for example in task.examples)


def test_the_results_are_of_the_trained_model(trained: Path) -> None:
    workspace = Workspace(trained)
    run = workspace.newest("evaluate")
    assert run is not None
    told = json.loads((workspace.run_dir("evaluate", run.id) / "evaluation_results.json").read_bytes())
    assert set(told) == set(FIELDS)
    assert told["perplexity"] == math.exp(told["average_loss"]) > 1
    assert 0 < told["num_test_examples"] <= run.metrics["test_examples"]
    assert (trained / told["model_path"]).exists()
    assert "evaluation_results.json" in run.outputs
