"""`lore compare`: two versions asked the same questions, nothing twice, and nothing that one was trained on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from scripted_http import Answer, ScriptedServer  # type: ignore[import-not-found]

import lorewright
from lorewright.core.records import Example
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import dataset

Lore = Callable[..., CompletedProcess[str]]
RETRAINED = "training.learning_rate=0.05"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(lambda question: Answer(f"It is {question.digest[:6]}.")) as running:
        yield running


@pytest.fixture
def served(trained: Path, server: ScriptedServer) -> Path:
    """The trained project, with a provider."""
    added = f'[providers.office]\nbase_url = "{server.base_url}"\nusd_per_million_input = 100\n\n'
    settings = (trained / "lore.toml").read_text(encoding="utf-8")
    (trained / "lore.toml").write_text(settings.replace("[evaluation]\n", f"{added}[evaluation]\n"))
    return trained


def compared(lore: Lore, project: Path, *words: str) -> Any:
    done = lore("compare", *words, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def newest(project: Path, stage: str) -> str:
    run = Workspace(project).newest(stage)
    assert run is not None
    return run.id


def test_what_evaluate_asked_is_not_asked_again(lore: Lore, trained: Path) -> None:
    plans = compared(lore, trained, "base+rag", "own", "--dry-run")
    assert [plan["model"] for plan in plans] == [
        f"base/{newest(trained, 'base')}",
        f"own/train/{newest(trained, 'train')}",
    ]
    assert all(plan["calls"] == plan["kept"] > 0 for plan in plans)
    found = compared(lore, trained, "base+rag", "own")
    for change in found["sets"]:
        assert change["wins"] + change["losses"] + change["ties"] == change["metrics"][0]["difference"]["n"]
    assert found["excluded"] == {}
    assert "B − A" in lore("compare", "base+rag", "own", cwd=trained).stdout


def test_two_trainings_are_compared_by_any_of_their_names(lore: Lore, trained: Path) -> None:
    first, evaluated = newest(trained, "train"), newest(trained, "evaluate")
    assert lore("train", "--set", RETRAINED, cwd=trained).returncode == 0
    second = newest(trained, "train")
    workspace = Workspace(trained)
    workspace.refs.move({"models/pumphouse/production": f"train/{first}"}, why="try")
    by_ref = compared(lore, trained, "models/pumphouse/production", "train")
    assert by_ref["a"]["system"] == f"own/train/{first}"
    assert by_ref["b"]["system"] == f"own/train/{second}"
    for names in ((first[:8], "tuned"), (f"own/{first}", "own"), (f"evaluate/{evaluated}", "latest/train")):
        again = compared(lore, trained, *names)
        assert again["sets"] == by_ref["sets"]
    same = lorewright.compare(f"train/{first}", "train", trained).model_dump(mode="json")
    assert same["sets"] == by_ref["sets"]


def test_a_served_model_is_planned_with_its_price_and_asked_once(
    lore: Lore, served: Path, server: ScriptedServer
) -> None:
    own, plan = compared(lore, served, "own+rag", "office/wise+rag", "--dry-run")
    assert own["calls"] == own["kept"]
    assert plan["model"] == "office/wise"
    assert plan["calls"] > plan["kept"] == 0 < plan["usd"]
    assert not server.asked
    assert "price" in lore("compare", "own+rag", "office/wise+rag", "--dry-run", cwd=served).stdout
    found = compared(lore, served, "own+rag", "office/wise+rag")
    assert len(server.asked) == plan["calls"]
    assert any("office/wise" in note for note in found["notes"])
    assert all(row["b"].startswith("It is ") for row in found["examples"])
    compared(lore, served, "own+rag", "office/wise+rag")
    assert len(server.asked) == plan["calls"]


def test_a_model_that_knows_the_references_wins_every_example(
    lore: Lore, served: Path, server: ScriptedServer
) -> None:
    made = Workspace(served).run_dir("dataset", newest(served, "dataset"))
    known = [one for name in dataset.TESTS.values() for one in read_table(made / name, Example)]
    server.script = lambda question: Answer(
        next(one.messages[-1].content for one in known if one.prompt in question.prompt)
    )
    options = ("--examples", "4", "--set", "evaluation.max_new_tokens=200")
    found = compared(lore, served, "own", "office/wise", *options)
    turned = compared(lore, served, "office/wise", "own", *options)
    for change, other in zip(found["sets"], turned["sets"], strict=True):
        first = change["metrics"][0]
        assert first["b"]["mean"] == 1.0 > first["a"]["mean"]
        assert (change["wins"], change["losses"]) == (other["losses"], other["wins"])
        assert change["wins"] == first["difference"]["n"]
        assert first["outcome"] in {"better", "no difference shown", "too few groups to tell"}
    largest = [row["b_value"] - row["a_value"] for row in found["examples"]]
    assert largest == sorted(largest, reverse=True)
    assert all(row["b"] == row["reference"] for row in found["examples"])
    assert [row["id"] for row in turned["examples"]] == [row["id"] for row in found["examples"]]
    printed = " ".join(lore("compare", "own", "office/wise", *options, cwd=served).stdout.split())
    assert "the 4 examples that changed most" in printed
    assert found["examples"][0]["question"][:30].split()[0] in printed


def test_questions_that_a_version_was_trained_on_are_left_out_and_counted(lore: Lore, trained: Path) -> None:
    workspace = Workspace(trained)
    run = workspace.newest("train")
    assert run is not None
    folder = workspace.run_dir("dataset", run.inputs["dataset"])
    taught = {one.id for one in read_table(folder / dataset.TRAIN, Example)}
    reshuffled = ("--set", "dataset.seed=7", "--set", "evaluation.max_examples=200")
    found = compared(lore, trained, "base", "own", "--examples", "500", *reshuffled)
    made = workspace.run_dir("dataset", newest(trained, "dataset"))
    tests = {
        name: [one.id for one in read_table(made / artefact, Example)]
        for name, artefact in dataset.TESTS.items()
    }
    leaking = {name: sum(one in taught for one in ids) for name, ids in tests.items()}
    assert sum(leaking.values()) > 0
    for name, count in leaking.items():
        assert found["excluded"].get(name, {}).get("own: the example", 0) == count
    out = sum(count for ways in found["excluded"].values() for count in ways.values())
    asked = sum(change["metrics"][0]["difference"]["n"] for change in found["sets"])
    assert asked + out == sum(map(len, tests.values()))
    assert not {row["id"] for row in found["examples"]} & taught
    printed = lore("compare", "base", "own", *reshuffled, cwd=trained).stdout
    assert "trained on" in printed


def test_questions_of_your_own_that_are_like_what_was_trained_on_are_left_out(
    lore: Lore, trained: Path
) -> None:
    made = Workspace(trained).run_dir("dataset", newest(trained, "dataset"))
    taught = [one for one in read_table(made / dataset.TRAIN, Example) if one.task == "qa"]
    asked = [
        (taught[0].prompt.upper(), taught[0].messages[-1].content),
        (f"And {taught[1].prompt}", taught[1].messages[-1].content),
        ("Who founded the city of Rome in the legend of the she-wolf?", "Romulus did."),
    ]
    rows = [json.dumps({"question": one, "answer": said, "path": "alarms.md"}) for one, said in asked]
    (trained / "questions.jsonl").write_text("\n".join(rows) + "\n")
    found = compared(lore, trained, "base", "own", "--set", "dataset.questions=questions.jsonl")
    assert found["excluded"]["questions"] == {"own: its question": 1, "own: nearly its question": 1}
    (own,) = [change for change in found["sets"] if change["test_set"] == "questions"]
    assert own["metrics"][0]["difference"]["n"] == 1


def test_a_dataset_that_is_gone_is_told(lore: Lore, trained: Path) -> None:
    workspace = Workspace(trained)
    run = workspace.newest("train")
    assert run is not None
    compared(lore, trained, "base", "own", "--set", "dataset.seed=7", "--dry-run")
    (workspace.run_dir("dataset", run.inputs["dataset"]) / dataset.TRAIN).unlink()
    found = compared(lore, trained, "base", "own", "--set", "dataset.seed=7")
    assert any("is gone" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("own", "tuned"), "are one version"),
        (("own", "office/wise"), "needs its provider in lore.toml"),
        (("own", "nosuch"), "There is no run or ref named 'nosuch'"),
        (("own", "dataset"), "no model of it is there"),
    ],
)
def test_names_that_are_no_two_versions_are_refused(
    lore: Lore, trained: Path, names: tuple[str, str], said: str
) -> None:
    done = lore("compare", *names, cwd=trained)
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_without_a_trained_model_it_says_what_to_type(lore: Lore, prepared: Path) -> None:
    done = lore("compare", "own", "base", cwd=prepared)
    assert done.returncode != 0
    assert "next: lore train" in done.stderr
