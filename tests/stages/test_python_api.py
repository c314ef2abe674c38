"""The verbs as functions, and what base and method choose."""

import subprocess
import sys
from pathlib import Path

import pytest

import lorewright
from lorewright.core.settings import check
from lorewright.stages.settings import TrainingSettings


def test_a_folder_answers_questions_from_python(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "retry.md").write_text(
        "# Tasks\n\n## Retries\n\nSet `retries` on the operator to try a task again.\n"
    )
    run = lorewright.init(str(docs), project_dir=tmp_path)
    assert run.metrics["passages"] >= 1
    answer = lorewright.ask("How do I try a task again?", tmp_path)
    assert "retries" in answer.text
    assert answer.citations[0].label.startswith("retry.md:")
    assert lorewright.chunk(tmp_path).metrics["documents"] == 1


def test_a_plain_script_reads_many_files_and_runs_once(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(12):
        (docs / f"page{number}.md").write_text(
            f"# Page {number}\n\nText of page {number}, long enough to be kept.\n"
        )
    script = tmp_path / "script.py"
    script.write_text(
        "import lorewright\n"
        f"run = lorewright.init({str(docs)!r}, project_dir={str(tmp_path)!r})\n"
        "print(run.metrics['passages'])\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["12"]


def test_unknown_names_of_the_package_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        lorewright.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("chosen", "method", "rate"),
    [
        ({}, "full", 2e-3),
        ({"method": "lora"}, "lora", 5e-3),
        ({"base": "Qwen/Qwen3-0.6B"}, "lora", 2e-4),
        ({"base": "Qwen/Qwen3-0.6B", "method": "full"}, "full", 2e-5),
        ({"base": "Qwen/Qwen3-0.6B", "learning_rate": 1e-4}, "lora", 1e-4),
    ],
)
def test_method_and_rate_suit_the_base_unless_set(
    chosen: dict[str, object], method: str, rate: float
) -> None:
    settings = check(chosen, TrainingSettings, where="test")
    assert settings.resolved_method() == method
    assert settings.resolved_rate() == rate
