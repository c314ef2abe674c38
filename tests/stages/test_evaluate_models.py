"""Who answers the test questions: every model through the reply cache, whoever serves it, and nothing asked twice."""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from scripted_http import Answer, Question, ScriptedServer  # type: ignore[import-not-found]

from lorewright.core.records import Call, Example, Prediction, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.llm.local import load
from lorewright.stages import base, dataset, evaluate
from lorewright.stages.evaluate_models import CALLS

Lore = Callable[..., CompletedProcess[str]]
SERVED = ("office/wise", "office/wise+rag")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(lambda question: Answer(f"It is {question.digest[:6]}.")) as running:
        yield running


@pytest.fixture
def compared(trained: Path, server: ScriptedServer) -> Path:
    """The trained project, which compares its model with one behind a server."""
    settings = (trained / "lore.toml").read_text(encoding="utf-8")
    systems = json.dumps(["tuned", "retrieval", *SERVED])
    added = f'[providers.office]\nbase_url = "{server.base_url}"\nusd_per_million_input = 100\n\n'
    (trained / "lore.toml").write_text(
        settings.replace("[evaluation]\n", f"{added}[evaluation]\nsystems = {systems}\n"), encoding="utf-8"
    )
    return trained


def evaluated(lore: Lore, project: Path, *options: str) -> Run:
    done = lore("evaluate", "--json", *options, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return Run.model_validate_json(done.stdout)


def answers(project: Path, run: Run) -> list[Prediction]:
    folder = Workspace(project).run_dir("evaluate", run.id)
    return list(read_table(folder / evaluate.PREDICTIONS, Prediction))


def verdicts(project: Path, run: Run) -> Any:
    folder = Workspace(project).run_dir("evaluate", run.id)
    return json.loads((folder / evaluate.VERDICTS).read_bytes())


def test_a_served_model_stands_in_the_table_with_what_it_cost(
    lore: Lore, compared: Path, server: ScriptedServer
) -> None:
    run = evaluated(lore, compared)
    rows = [row for row in answers(compared, run) if row.system in SERVED]
    assert len(rows) == len(server.asked) > 0
    assert all(row.text.startswith("It is ") and row.latency_s and row.usd for row in rows)
    assert all(bool(row.passages) == row.system.endswith("+rag") for row in rows)
    assert {row[0] for one in verdicts(compared, run) for row in one["rows"]} == {
        "tuned",
        "retrieval",
        *SERVED,
    }


def test_a_stopped_evaluation_asks_only_for_what_is_missing(
    lore: Lore, compared: Path, server: ScriptedServer
) -> None:
    good = server.script
    server.script = _failing_after(3, good)
    done = lore("evaluate", "--set", "evaluation.concurrency=1", cwd=compared)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    server.script = good
    asked = len(server.asked)
    run = evaluated(lore, compared)
    wanted = sum(row.system in SERVED for row in answers(compared, run))
    assert len(server.asked) - asked == wanted - 3
    timed = [row for row in answers(compared, run) if row.system in SERVED and row.latency_s is not None]
    assert len(timed) == wanted - 3, "what was not really asked for just now has no latency"


def _failing_after(answered: int, good: Any) -> Any:
    turns = iter(range(10_000))

    def play(question: Question) -> Answer:
        return good(question) if next(turns) < answered else Answer(status=401, error="no such key")

    return play


def test_a_refused_question_is_a_failure_and_no_answer(
    lore: Lore, compared: Path, server: ScriptedServer
) -> None:
    good, turns = server.script, count()
    server.script = lambda question: (
        good(question) if next(turns) % 3 else Answer(status=400, error="Error: the answer is 42")
    )
    run = evaluated(lore, compared)
    failed = [row for row in answers(compared, run) if row.error]
    assert {row.system for row in failed} <= set(SERVED)
    assert all(row.text == "" and row.latency_s is None for row in failed)
    assert run.metrics["failed_answers"] == len(failed) > 0
    counted = run.metrics["accounts"]["answers"]
    assert counted["failed"] == len(failed)


def test_a_retrained_model_is_never_scored_with_old_replies(lore: Lore, trained: Path) -> None:
    before = {(row.system, row.example_id): row.text for row in answers(trained, evaluated(lore, trained))}
    other = "training.learning_rate=0.5"
    done = lore("train", "--set", other, cwd=trained)
    assert done.returncode == 0, done.stderr
    after = answers(trained, evaluated(lore, trained, "--set", other))
    fresh = {row.system for row in after if row.latency_s is not None}
    assert {"tuned", "tuned+rag"} <= fresh
    assert not {"base", "base+rag"} & fresh, "the base is the same, and is not asked again"
    assert any(before[row.system, row.example_id] != row.text for row in after if row.system == "tuned")


def test_an_earlier_version_can_be_compared_with(lore: Lore, trained: Path) -> None:
    first = Workspace(trained).newest("train")
    assert first is not None
    other = "training.learning_rate=0.05"
    assert lore("train", "--set", other, cwd=trained).returncode == 0
    systems = f'evaluation.systems=["tuned", "own/train/{first.id}", "retrieval"]'
    run = evaluated(lore, trained, "--set", other, "--set", systems)
    assert {row.system for row in answers(trained, run)} == {"tuned", f"own/train/{first.id}", "retrieval"}


def test_answers_in_batches_are_those_of_one_question_at_a_time(lore: Lore, trained: Path) -> None:
    run = evaluated(lore, trained)
    workspace = Workspace(trained)
    found = workspace.newest("base")
    assert found is not None
    model = load(base.path_of(workspace, found), device="cpu", threads=1)
    made = workspace.run_dir("dataset", run.inputs["dataset"])
    examples = {one.id: one for name in dataset.TESTS.values() for one in read_table(made / name, Example)}
    rows = [row for row in answers(trained, run) if row.system == "base"]
    assert rows
    for row in rows:
        alone = model.generate([examples[row.example_id].messages[:-1]], max_new_tokens=8, batch_size=1)
        assert row.text == alone[0]


def test_a_system_that_is_none_is_named_with_the_nearest(lore: Lore, trained: Path) -> None:
    done = lore("evaluate", "--set", 'evaluation.systems=["tuned", "retreival"]', cwd=trained)
    assert done.returncode != 0
    assert "'retreival' is no system; did you mean 'retrieval'?" in " ".join(done.stderr.split())


def test_a_plan_tells_calls_and_price_and_asks_nothing(
    lore: Lore, compared: Path, server: ScriptedServer
) -> None:
    done = lore("evaluate", "--dry-run", "--json", cwd=compared)
    assert done.returncode == 0, done.stderr
    (plan,) = json.loads(done.stdout)
    assert plan["model"] == "office/wise"
    assert plan["calls"] > plan["kept"] == 0 < plan["usd"]
    assert not server.asked
    assert "calls" in lore("evaluate", "--dry-run", cwd=compared).stdout
    evaluated(lore, compared)
    assert len(server.asked) == plan["calls"]
    (after,) = json.loads(lore("evaluate", "--dry-run", "--json", cwd=compared).stdout)
    assert after["calls"] == after["kept"]


def test_an_evaluation_made_again_has_the_same_verdicts_answers_and_scores(lore: Lore, trained: Path) -> None:
    first = evaluated(lore, trained)
    workspace = Workspace(trained)
    shutil.rmtree(workspace.run_dir("evaluate", first.id))
    (workspace.root / "replies.sqlite").unlink()
    again = evaluated(lore, trained)
    assert again.id == first.id
    for artefact in (evaluate.VERDICTS, evaluate.PREDICTIONS, evaluate.SCORES):
        assert again.outputs[artefact] == first.outputs[artefact], artefact


def test_references_that_no_answer_may_be_as_long_as_are_told(lore: Lore, trained: Path) -> None:
    done = lore("evaluate", "--set", "evaluation.max_new_tokens=2", cwd=trained)
    assert done.returncode == 0, done.stderr
    told = " ".join((done.stdout + done.stderr).split())
    assert "are longer than evaluation.max_new_tokens = 2" in told


@pytest.mark.parametrize(
    ("metric", "told"),
    [("tokenf1", "did you mean 'token_f1'?"), ("bogus", "these may: "), ("judge", "no judge gives points")],
)
def test_a_metric_that_cannot_decide_is_named_before_anything_is_asked(
    lore: Lore, compared: Path, server: ScriptedServer, metric: str, told: str
) -> None:
    done = lore("evaluate", "--set", f"evaluation.metric={metric}", cwd=compared)
    assert done.returncode != 0
    said = " ".join(done.stderr.split())
    assert f"evaluation.metric is '{metric}'" in said
    assert told in said
    assert not server.asked


def test_a_metric_that_some_answers_lack_decides_only_elsewhere_and_that_is_said(
    lore: Lore, trained: Path
) -> None:
    done = lore("evaluate", "--set", "evaluation.metric=chrf", cwd=trained)
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "log_analysis on unseen-docs: field_accuracy decides, for" in said
    assert "answers have no chrf" in said
    assert "qa on unseen-docs: token_f1 decides" not in said


def test_what_one_command_may_use_is_for_all_models_together(
    lore: Lore, compared: Path, server: ScriptedServer
) -> None:
    alone = evaluated(lore, compared, "--set", 'evaluation.systems=["retrieval", "office/first"]')
    folder = Workspace(compared).run_dir("evaluate", alone.id)
    calls = [one for one in read_table(folder / CALLS, Call) if one.model == "office/first"]
    used = sum(one.prompt_tokens + one.completion_tokens for one in calls)
    limit = f"evaluation.stop_at_tokens={used * 3 // 2}"
    both = 'evaluation.systems=["retrieval", "office/second", "office/third"]'
    server.asked.clear()
    done = lore("evaluate", "--set", both, "--set", limit, cwd=compared)
    assert done.returncode != 0
    assert "The budget is used up" in " ".join(done.stderr.split())
    assert len(calls) <= len(server.asked) < 2 * len(calls), (
        "the first has what it needs, the second what is left"
    )
    assert lore("evaluate", "--set", both, "--set", limit, cwd=compared).returncode == 0
