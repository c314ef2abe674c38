"""What is read from lm-evaluation-harness: its own answer to a task of three examples, as version 0.4.13 gave it."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lorewright.core.errors import EvaluationError
from lorewright.evaluation.lm_eval_tasks import run_tasks
from lorewright.llm.local import LocalModel

MODEL = LocalModel("tiny", object(), object(), "cpu", 128)


def row(number: int, filtered: str = "none", **values: Any) -> dict[str, Any]:
    rest = {"doc": {"q": "Water is"}, "target": 0, "arguments": [("Water is", " wet")], "doc_hash": "c51f"}
    return {"doc_id": number, **rest, "filter": filtered, "metrics": list(values), **values}


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A module with the harness's entry points that remembers what it was asked; `answer` is what it returns."""
    said: dict[str, Any] = {"answer": {}}

    def simple_evaluate(model: Any, **options: Any) -> Any:
        said["options"] = options
        if isinstance(said["answer"], Exception):
            raise said["answer"]
        return said["answer"]

    whole, models, huggingface = (
        ModuleType(name) for name in ("lm_eval", "lm_eval.models", "lm_eval.models.huggingface")
    )
    whole.simple_evaluate = simple_evaluate  # type: ignore[attr-defined]
    huggingface.HFLM = said.update  # type: ignore[attr-defined]
    for module in (whole, models, huggingface):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    return said


def test_values_are_read_by_example_with_the_metric_that_tables_show(harness: dict[str, Any]) -> None:
    harness["answer"] = {
        "higher_is_better": {"arc": {"acc": True, "acc_norm": True}, "ppl": {"nats": False}},
        "samples": {
            "arc": [row(0, acc=1.0, acc_norm=0.0), row(1, acc=0.0, acc_norm=1.0)],
            "ppl": [row(0, nats=3.5), row(0, "strict", nats=9.0)],
        },
    }
    found = run_tasks(MODEL, ["arc", "ppl"], examples=2, batch_size=4)
    assert (found["arc"].metric, dict(found["arc"].values)) == ("acc_norm", {"0": 0.0, "1": 1.0})
    assert (found["ppl"].higher_is_better, dict(found["ppl"].values)) == (False, {"0": 3.5})
    assert harness["options"]["limit"] == 2
    assert harness["options"]["log_samples"] is True
    assert harness["max_length"] == 128


def test_a_task_that_fails_is_named_with_what_the_harness_said(harness: dict[str, Any]) -> None:
    harness["answer"] = KeyError("Spec 'none' is not a registered task")
    with pytest.raises(EvaluationError, match=r"lm_eval failed on none: KeyError.*not a registered task"):
        run_tasks(MODEL, ["none"], examples=None, batch_size=4)


def test_a_task_without_values_of_examples_is_refused(harness: dict[str, Any]) -> None:
    harness["answer"] = {"higher_is_better": {}, "samples": {"odd": [row(0, text="a")]}}
    with pytest.raises(EvaluationError, match="odd has no metric of single examples"):
        run_tasks(MODEL, ["odd"], examples=None, batch_size=4)


def test_the_harness_itself_does_a_task_of_a_local_file(tmp_path: Path) -> None:
    pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")
    from test_local_model import build_model  # type: ignore[import-not-found]

    from lorewright.llm.local import load

    data = tmp_path / "data.jsonl"
    data.write_text(
        '{"q": "The sky is", "choices": ["blue", "far"], "gold": 0}\n'
        '{"q": "Water is", "choices": ["dry", "wet"], "gold": 1}\n',
        encoding="utf-8",
    )
    task = {
        "task": "small",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "{{q}}",
        "doc_to_choice": "{{choices}}",
        "doc_to_target": "gold",
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }
    model = load(build_model(tmp_path / "model"), device="cpu", threads=1)
    (found,) = run_tasks(model, [task], examples=None, batch_size=2).values()
    assert found.metric == "acc"
    assert found.values.keys() == {"0", "1"}
