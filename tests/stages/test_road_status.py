"""status, plan and doctor: what is up to date, why the rest is not, and what it would take."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.progress import Silent
from lorewright.core.workspace import Workspace
from lorewright.stages import road
from lorewright.stages.doctor import examine
from lorewright.stages.settings import load

Lore = Callable[..., CompletedProcess[str]]
STAGES = [
    "ingest",
    "chunk",
    "index",
    "probe",
    "generate",
    "review",
    "curate",
    "dataset",
    "base",
    "train",
    "evaluate",
    "export",
]


def rows(lore: Lore, project: Path, *options: str) -> dict[str, dict[str, Any]]:
    done = lore("status", "--json", *options, cwd=project)
    assert done.returncode == 0, done.stderr
    return {row["stage"]: row for row in json.loads(done.stdout)}


def test_a_new_project_has_never_run(lore: Lore, project: Path) -> None:
    found = rows(lore, project)
    assert list(found) == STAGES
    assert (found["ingest"]["state"], found["ingest"]["why"]) == ("never run", "no run yet")
    assert (found["chunk"]["state"], found["chunk"]["why"]) == ("waiting", "after ingest")
    assert found["train"]["why"] == "after dataset, base"
    assert "next: lore run" in lore("status", cwd=project).stdout


def test_the_next_command_after_everything_cheap_is_the_costly_one(lore: Lore, prepared: Path) -> None:
    found = rows(lore, prepared)
    assert [name for name, row in found.items() if row["state"] == "up to date"] == STAGES[:8]
    assert found["base"]["state"] == "never run"
    assert found["base"]["minutes"] is None or found["base"]["minutes"] < 1
    assert "next: lore run --train" in lore("status", cwd=prepared).stdout


@pytest.mark.parametrize(
    ("setting", "stage", "why"),
    [
        ("chunking.max_chars=900", "chunk", "chunking.max_chars: 1500 → 900"),
        ("curation.min_answer_chars=13", "curate", "curation.min_answer_chars: 4 → 13"),
        ("project.name=Other", "generate", "Pumphouse → Other"),
        ("training.rank=2", "train", "training.rank: 4 → 2"),
        ("training.tiny.steps=7", "base", "tiny.steps: 6 → 7"),
        ("evaluation.passages=2", "evaluate", "evaluation.passages: 1 → 2"),
        ('export.types=["f16"]', "export", "types: ['q8_0'] → ['f16']"),
    ],
)
def test_a_changed_setting_is_the_reason_in_words(
    lore: Lore, trained_once: Path, setting: str, stage: str, why: str
) -> None:
    found = rows(lore, trained_once, "--set", setting)
    stale = [name for name, row in found.items() if row["state"] == "stale"]
    assert stage in stale
    assert why in found[stage]["why"]
    before = STAGES[: STAGES.index(stage)]
    untouched = [name for name in before if name not in stale]
    assert all(found[name]["state"] in {"up to date", "waiting"} for name in untouched)


def test_changed_documents_and_changed_inputs_are_reasons(lore: Lore, prepared: Path) -> None:
    document = prepared / "docs" / "alarms.md"
    document.write_text(document.read_text().replace("twelve hours", "ten hours"))
    assert rows(lore, prepared)["ingest"]["why"] == "the files changed"
    assert lore("ingest", cwd=prepared).returncode == 0
    found = rows(lore, prepared)
    assert found["chunk"]["why"] == "ingest's documents changed"
    assert found["index"]["state"] == "waiting"
    (prepared / "labels.jsonl").write_text((prepared / "labels.jsonl").read_text() + "\n")
    assert lore("chunk", cwd=prepared).returncode == 0
    why = rows(lore, prepared)["generate"]["why"]
    assert "chunk's chunks changed" in why
    assert "what lies outside changed" in why


def test_plan_tells_figures_and_what_is_due_and_trains_nothing(lore: Lore, project: Path) -> None:
    done = lore("plan", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["documents"].startswith("46 files: 46 read")
    assert "train" in made["sets"]
    assert made["due"] == "base, train, evaluate, export"
    assert made["base model"] == "tiny"
    assert not (project / ".lore" / "runs" / "base").exists()
    assert "lore run --train" in lore("plan", cwd=project).stdout


def test_plan_of_a_finished_road_has_nothing_due(lore: Lore, trained_once: Path) -> None:
    assert json.loads(lore("plan", "--json", cwd=trained_once).stdout)["due"] == "nothing"


def test_a_training_inside_the_budget_needs_no_asking(lore: Lore, trained: Path) -> None:
    for stage in ("train", "evaluate", "export"):
        shutil.rmtree(trained / ".lore" / "runs" / stage)
    assert lore("evaluate", cwd=trained).returncode == 1
    done = lore("evaluate", "--set", "budget.train_minutes=1000", cwd=trained)
    if (Path("/dev/nvidia0")).exists():
        assert done.returncode == 1
    else:
        assert done.returncode == 0, done.stderr


def test_bring_stops_before_a_costly_stage_with_its_reason(prepared: Path) -> None:
    with pytest.raises(road.CostlyStepError, match=r"base is due \(no run yet\)"):
        road.bring(Workspace(prepared), load(prepared), Silent(), upto="evaluate")


@pytest.mark.parametrize("name", STAGES)
def test_what_a_stage_needs_stands_before_it_on_the_road(name: str, project: Path) -> None:
    needed = road.closure(name, load(project)) - {name}
    assert needed <= set(STAGES[: STAGES.index(name)])


def test_a_base_from_a_folder_is_no_reason_to_read_documents_again(
    lore: Lore, trained: Path, trained_once: Path
) -> None:
    base = next((trained_once / ".lore" / "runs" / "base").iterdir()) / "model"
    found = rows(lore, trained, "--set", f"training.base={base}")
    assert found["base"]["state"] == "stale"
    assert f"base: tiny → {base}" in found["base"]["why"]
    assert found["dataset"]["state"] == "up to date"


def test_doctor_names_each_fault_with_what_to_do(lore: Lore, prepared: Path, tmp_path: Path) -> None:
    checks = {check.name: check for check in examine(prepared)}
    assert checks["lore.toml"].well
    assert checks["source docs"].well
    assert checks["refs"].found == "all lead to runs"
    shutil.rmtree(prepared / "docs")
    shutil.rmtree(prepared / ".lore" / "runs" / "curate")
    done = lore("doctor", cwd=prepared)
    assert done.returncode == 1
    assert "mend its `path` in lore.toml" in done.stdout
    assert "1 lead nowhere" in done.stdout
    outside = {check.name: check for check in examine(tmp_path)}
    assert outside["project"].well
    assert "none here" in outside["project"].found


def test_doctor_finds_a_broken_settings_file(lore: Lore, project: Path) -> None:
    (project / "lore.toml").write_text("[projekt]\n")
    done = lore("doctor", "--json", cwd=project)
    assert done.returncode == 1
    broken = next(check for check in json.loads(done.stdout) if check["name"] == "lore.toml")
    assert broken["well"] is False
    assert "unknown key 'projekt'" in broken["found"]
    assert broken["hint"] == "did you mean 'project'?"
