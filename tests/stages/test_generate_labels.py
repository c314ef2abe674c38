"""What a label of a log may say is a setting."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Lore = Callable[..., CompletedProcess[str]]


def test_categories_of_the_settings_hold_for_labels_too(lore: Lore, prepared: Path) -> None:
    options = ("--task", "log_analysis", "--set", 'log_analysis.categories=["water", "fire"]', "--json")
    done = lore("generate", *options, cwd=prepared)
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["metrics"]
    assert run["candidates"] == 0
    assert run["rejected"] > 0
    assert all("is none of water, fire" in reason for reason in run["by_reason"])


def test_with_the_usual_categories_labels_become_examples(lore: Lore, prepared: Path) -> None:
    done = lore("generate", "--task", "log_analysis", "--json", cwd=prepared)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["metrics"]["by_task"]["log_analysis"] > 0
