"""The judge of an evaluation: points against the reference, answers compared in both orders, and what it costs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from scripted_http import Answer, Question, ScriptedServer  # type: ignore[import-not-found]

from lorewright.core.records import Call, Prediction, Run, Score
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import evaluate
from lorewright.stages.evaluate_models import CALLS

Lore = Callable[..., CompletedProcess[str]]


def marks(question: Question) -> Answer:
    """Give full points to what says the reference word for word, else one; prefer always the first of two."""
    wanted = (question.schema or {})["properties"]
    said: dict[str, Any] = {"explanation": "Because of the reference."}
    if "better" in wanted:
        return Answer(json.dumps({**said, "better": "A"}))
    reference = question.prompt.rpartition("<reference>\n")[2].partition("\n</reference>")[0]
    answer = question.prompt.rpartition("<answer>\n")[2].partition("\n</answer>")[0]
    return Answer(json.dumps({**said, "correctness": 5 if answer == reference else 1}))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(marks) as running:
        yield running


@pytest.fixture
def judged(trained: Path, server: ScriptedServer) -> Path:
    """The trained project with a judge behind a server."""
    settings = (trained / "lore.toml").read_text(encoding="utf-8")
    added = (
        f'\n[evaluation.judge]\nmodel = "office/wise"\n\n[providers.office]\nbase_url = "{server.base_url}"\n'
    )
    (trained / "lore.toml").write_text(settings + added, encoding="utf-8")
    return trained


def evaluated(lore: Lore, project: Path, *options: str) -> Run:
    done = lore("evaluate", "--json", *options, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return Run.model_validate_json(done.stdout)


def rows(project: Path, run: Run, name: str, kind: Any) -> list[Any]:
    return list(read_table(Workspace(project).run_dir("evaluate", run.id) / name, kind))


def test_an_answer_that_says_the_reference_gets_all_points_and_one_that_is_none_gets_none_unasked(
    lore: Lore, judged: Path, server: ScriptedServer
) -> None:
    run = evaluated(lore, judged)
    scores = [one for one in rows(judged, run, evaluate.SCORES, Score) if one.metric == "judge"]
    answers = {
        (one.example_id, one.system): one for one in rows(judged, run, evaluate.PREDICTIONS, Prediction)
    }
    assert {one.value for one in scores if one.system == "retrieval"} <= {0.0, 1.0}
    none = [one for one in scores if answers[one.example_id, one.system].finish == "length"]
    assert none
    assert all(one.value == 0 and "cut" in one.explanation for one in none)
    asked = [call for call in rows(judged, run, CALLS, Call) if call.model == "office/wise"]
    assert len(asked) == len(scores) - len(none)
    assert len(server.asked) == len({one.prompt for one in server.asked}) <= len(asked)
    assert run.metrics["judge"] == "office/wise"


def test_a_judge_that_prefers_the_first_answer_calls_every_pair_a_tie(
    lore: Lore, judged: Path, server: ScriptedServer
) -> None:
    pairs = 'evaluation.judge.pairs=[["retrieval","base"],["retrieval","tuned"]]'
    run = evaluated(lore, judged, "--set", "evaluation.judge.asks=pairs", "--set", pairs)
    scores = [one for one in rows(judged, run, evaluate.SCORES, Score) if one.metric.startswith("judge")]
    assert {one.metric for one in scores} == {"judge_over:base", "judge_over:tuned"}
    assert {one.system for one in scores} == {"retrieval"}
    answers = {
        (one.example_id, one.system): one for one in rows(judged, run, evaluate.PREDICTIONS, Prediction)
    }
    for one in scores:
        against = answers[one.example_id, one.metric.partition(":")[2]]
        asked = against.finish == "stop" and against.text
        assert one.value == (0.5 if asked else 1.0), "an answer that is none loses without a judge"
    orders = Counter(question.prompt.count("<answer_a>") for question in server.asked)
    assert sum(orders.values()) % 2 == 0


def test_a_judge_decides_only_when_it_is_asked_to(lore: Lore, judged: Path, server: ScriptedServer) -> None:
    first = json.loads(_verdicts(judged, evaluated(lore, judged)))
    assert {one["columns"][1] for one in first} <= {"token F1", "field accuracy"}
    chosen = json.loads(_verdicts(judged, evaluated(lore, judged, "--set", "evaluation.metric=judge")))
    assert "judge" in {
        one["columns"][1].lower().split()[0] for one in chosen if one["title"].startswith("qa")
    }


def test_the_plan_tells_what_the_judge_may_be_asked_and_asks_nothing(
    lore: Lore, judged: Path, server: ScriptedServer
) -> None:
    done = lore("evaluate", "--dry-run", "--json", cwd=judged)
    assert done.returncode == 0, done.stderr
    (plan,) = json.loads(done.stdout)
    assert plan["model"] == "office/wise"
    assert not server.asked
    evaluated(lore, judged)
    assert 0 < len(server.asked) <= plan["calls"]


def test_a_rubric_that_is_none_is_named(lore: Lore, judged: Path) -> None:
    done = lore("evaluate", "--set", "evaluation.judge.rubric=correctnes", cwd=judged)
    assert done.returncode != 0
    told = " ".join(done.stderr.split())
    assert "evaluation.judge.rubric is 'correctnes'" in told
    assert "correctness" in told


def _verdicts(project: Path, run: Run) -> str:
    path = Workspace(project).run_dir("evaluate", run.id) / evaluate.VERDICTS
    return path.read_text(encoding="utf-8")
