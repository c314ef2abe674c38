"""`lore why` on a real evaluation: what each system saw, one cause an answer, and what people decided."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import lorewright
from lorewright.core.records import Example, Prediction
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.evaluation.why import CAUSES
from lorewright.stages import dataset, evaluate

Lore = Callable[..., CompletedProcess[str]]


def told(lore: Lore, project: Path, *words: str) -> Any:
    done = lore("why", *words, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def table(project: Path, stage: str, artefact: str, record: Any) -> list[Any]:
    workspace = Workspace(project)
    run = workspace.newest(stage)
    assert run is not None
    return list(read_table(workspace.run_dir(stage, run.id) / artefact, record))


def question(project: Path) -> Example:
    """Return a question in words that was asked of every system."""
    asked = {row.example_id for row in table(project, "evaluate", evaluate.PREDICTIONS, Prediction)}
    found: list[Example] = [
        one
        for artefact in dataset.TESTS.values()
        for one in table(project, "dataset", artefact, Example)
        if one.id in asked and one.task == "qa"
    ]
    return min(found, key=lambda one: one.id)


def test_every_answer_is_counted_once(lore: Lore, trained: Path) -> None:
    rows = told(lore, trained, "--all")
    answers = Counter(row.system for row in table(trained, "evaluate", evaluate.PREDICTIONS, Prediction))
    counted: Counter[str] = Counter()
    for row in rows:
        assert sum(row["counts"].values()) == row["answers"]
        assert set(row["counts"]) <= set(CAUSES)
        counted[row["system"]] += row["answers"]
    assert counted == answers


def test_the_worst_answers_come_first_with_the_cause_that_each_has_alone(lore: Lore, trained: Path) -> None:
    found = told(lore, trained, "--limit", "3", "--system", "tuned")
    assert {row["system"] for row in (*found["answers"], *found["causes"])} == {"tuned"}
    values = [row["value"] for row in found["answers"]]
    assert values == sorted(values)
    assert len(values) == min(3, found["wrong"])
    worst = found["answers"][0]
    (answer,) = told(lore, trained, worst["id"][:8], "--system", "tuned")["answers"]
    assert (answer["cause"], answer["value"]) == (worst["cause"], worst["value"])
    assert answer["next"]
    assert worst["question"][:20] in " ".join(lore("why", cwd=trained).stdout.split())


def test_one_question_shows_evidence_and_passages_as_they_were(lore: Lore, trained: Path) -> None:
    example = question(trained)
    found = told(lore, trained, example.id)
    rows = table(trained, "evaluate", evaluate.PREDICTIONS, Prediction)
    said = {row.system: row for row in rows if row.example_id == example.id}
    assert {row["system"]: row["text"] for row in found["answers"]} == {
        name: row.text for name, row in said.items()
    }
    assert tuple(row["chunk_id"] for row in found["shown"]) == said["tuned+rag"].passages
    for piece, evidence in zip(found["evidence"], example.evidence, strict=True):
        assert piece["quote"] == evidence.quote
        lines = (trained / "docs" / piece["path"]).read_text().splitlines()
        there = "\n".join(lines[piece["place"]["first"] - 1 : piece["place"]["last"]])
        assert evidence.quote.splitlines()[0].strip() in there
    printed = lore("why", example.id[:8], cwd=trained).stdout
    assert all(name in printed for name in ("reference", "evidence", "systems with retrieval", *said))
    assert lorewright.why(example.id, trained).model_dump(mode="json") == found


def test_a_question_is_found_by_its_words(lore: Lore, trained: Path) -> None:
    example = question(trained)
    assert told(lore, trained, *example.prompt.split())["id"] == example.id
    several = lore("why", "the", cwd=trained)
    assert several.returncode != 0
    assert "test examples" in several.stderr
    nothing = lore("why", "zeppelin", cwd=trained)
    assert nothing.returncode != 0
    assert "lore why --all" in nothing.stderr


def test_what_nobody_was_asked_is_said_to_be_that(lore: Lore, trained: Path) -> None:
    taught = table(trained, "dataset", dataset.TRAIN, Example)[0]
    done = lore("why", taught.id, cwd=trained)
    assert done.returncode != 0
    assert f"lore trace {taught.id}" in " ".join(done.stderr.split())
    done = lore("why", question(trained).id, "--system", "tunde", cwd=trained)
    assert done.returncode != 0
    assert "tuned+rag" in done.stderr
    assert lore("why", "x", "--all", cwd=trained).returncode == 2


@pytest.mark.parametrize("decision", ["reject", "edit"])
def test_a_decision_of_a_person_makes_the_reference_the_cause(
    lore: Lore, trained: Path, decision: str
) -> None:
    example = question(trained)
    before = told(lore, trained, example.id, "--system", "base")["answers"][0]
    assert before["cause"] not in {"right", "reference"}
    change = ["--answer", "It is another thing altogether, as the alarm says."] if decision == "edit" else []
    done = lore("review", decision, example.id, *change, "--note", "wrong unit", cwd=trained)
    assert done.returncode == 0, done.stderr
    after = told(lore, trained, example.id, "--system", "base")["answers"][0]
    if before["cause"] == "failed":
        assert after["cause"] == "failed", "no answer is none, whatever the reference is"
    else:
        assert after["cause"] == "reference"
        assert "a person" in after["detail"]


def test_before_anything_is_evaluated_it_says_what_to_type(lore: Lore, prepared: Path) -> None:
    done = lore("why", cwd=prepared)
    assert done.returncode != 0
    assert "next: lore evaluate" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_evaluation_whose_inputs_are_gone_says_so(lore: Lore, trained: Path) -> None:
    workspace = Workspace(trained)
    run = workspace.newest("evaluate")
    assert run is not None
    shutil.rmtree(workspace.run_dir("chunk", run.inputs["chunk"]))
    done = lore("why", cwd=trained)
    assert done.returncode != 0
    assert "a run of chunk that is gone" in " ".join(done.stderr.split())
