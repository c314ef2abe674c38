"""What a judge may cost: told before, never passed, never spent on another machine without being asked for."""

import json
import shutil
import socket

import pytest
from generated_project import Project, page, wait_until  # type: ignore[import-not-found]
from judged_project import (  # type: ignore[import-not-found]
    EXAMPLES,
    JUDGE,
    OFF,
    curated,
    is_judging,
    judged_questions,
    judging,
    rows,
    run_of,
)
from scripted_http import Answer, Question, ScriptedServer, late  # type: ignore[import-not-found]

from lorewright.llm.replies import Replies

ELSEWHERE = """
[providers.far]
base_url = "http://192.0.2.7:8080/v1"
usd_per_million_input = 100
usd_per_million_output = 400
"""
FAR = f'{OFF}\n[curation.judge]\nmodel = "far/judge-1"\n{ELSEWHERE}'


@pytest.fixture
def judged(served: Project, server: ScriptedServer) -> Project:
    """The project with a judge, nothing asked yet."""
    served.configure(server.base_url, more=JUDGE)
    server.script = judging(lambda _: 5)
    return served


@pytest.fixture
def far(served: Project, server: ScriptedServer) -> Project:
    """The project with its examples made and a judge on another machine."""
    served.configure(server.base_url, more=FAR)
    served.generate()
    return served


def test_the_plan_tells_calls_tokens_price_and_time_and_asks_nothing(
    judged: Project, server: ScriptedServer
) -> None:
    plan = json.loads(curated(judged, "--dry-run", "--json"))
    assert (plan["examples"], plan["calls"], plan["kept"], plan["pairs"]) == (EXAMPLES, EXAMPLES, 0, 0)
    assert plan["rubric"] == "faithfulness"
    assert plan["prompt_tokens"] > 0 < plan["completion_tokens"]
    assert (plan["usd"], plan["free"]) == (0.0, True)
    assert not list(judged_questions(server.asked))
    told = curated(judged, "--dry-run")
    for label in ("model", "rubric", "examples", "calls", "tokens", "price", "time", "next:"):
        assert label in told
    curated(judged)
    assert len(list(judged_questions(server.asked))) == plan["calls"]
    after = json.loads(curated(judged, "--dry-run", "--json"))
    assert (after["calls"], after["kept"]) == (EXAMPLES, EXAMPLES)


def test_tokens_stop_before_their_limit_and_the_rest_is_asked_when_it_is_raised(
    judged: Project, server: ScriptedServer
) -> None:
    judged.generate()
    before = len(server.asked)
    told = curated(judged, "--set", "curation.judge.stop_at_tokens=6000", code=1)
    assert "The budget is used up" in told
    assert "lore curate --set curation.judge.model=''" in told
    first = len(server.asked) - before
    assert 0 < first < EXAMPLES
    curated(judged, "--set", "curation.judge.stop_at_tokens=1000000")
    assert len(server.asked) - before == EXAMPLES
    assert run_of(judged).metrics["kept_from_before"] == first


def test_a_judge_on_another_machine_runs_only_when_asked_for(
    far: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    done = far.lore("dataset", cwd=far.folder)
    assert done.returncode == 1
    assert "curate is due (no run yet): 24 to ask (far/judge-1), about $" in done.stderr
    assert "next: lore curate --dry-run, then lore curate" in done.stderr
    done = far.lore("run", cwd=far.folder)
    assert "curate is due" in done.stdout
    assert "next: lore curate --dry-run, then lore curate" in done.stdout
    assert tried == []
    assert "far (http://192.0.2.7:8080/v1) cannot be reached" in curated(far, code=1)
    assert tried


@pytest.fixture
def paid(served: Project, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project, its server taken for one on another machine."""
    monkeypatch.setattr("lorewright.stages.asked_models.is_loopback", lambda _: False)
    served.configure(
        server.base_url, provider="usd_per_million_input = 100\nusd_per_million_output = 1", more=JUDGE
    )
    server.script = judging(lambda _: 5)
    return served


def test_what_generation_spent_of_the_budget_is_not_there_for_the_judge(
    paid: Project, server: ScriptedServer
) -> None:
    making = json.loads(paid.generate("--dry-run", "--json").stdout)["usd"]
    paid.generate()
    scoring = json.loads(curated(paid, "--dry-run", "--json"))["usd"]
    assert making < scoring
    shutil.rmtree(paid.workspace)
    budget = ("--set", f"budget.calls_usd={scoring + 0.001:.4f}")
    done = paid.lore("dataset", *budget, cwd=paid.folder)
    assert "curate is due" in done.stderr
    assert paid.run().metrics["usd"] > 0
    assert not list(judged_questions(server.asked))
    # In a command of its own it has all of the budget.
    paid.lore("dataset", *budget, cwd=paid.folder)
    assert list(judged_questions(server.asked))


def test_lore_plan_tells_what_a_judge_has_yet_to_score(judged: Project) -> None:
    judged.generate()
    done = judged.lore("plan", "--json", "--set", "dataset.min_examples=1", cwd=judged.folder)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["judge"].startswith("24 to ask (office/scripted-1), $0")
    assert plan["examples"] == "not known before the examples are there"
    assert "curate" in plan["due"]
    curated(judged)
    done = judged.lore("plan", "--json", "--set", "dataset.min_examples=1", cwd=judged.folder)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["judge"] == "24, all kept from before"
    assert plan["examples"].startswith("24 of 24 kept")


def called(name: str) -> "object":
    """Return a script whose judgements come from a model of that name, and tell of it."""
    good = judging(lambda _: 5)

    def play(question: Question) -> Answer:
        if not is_judging(question):
            made: Answer = good(question)
            return made
        choice = {"message": {"role": "assistant", "content": good(question).text}, "finish_reason": "stop"}
        return Answer(raw=json.dumps({"model": name, "choices": [choice]}).encode())

    return play


def test_a_judge_that_was_replaced_ends_the_command_and_its_scores_count_no_more(
    judged: Project, server: ScriptedServer
) -> None:
    server.script = called("m-1")
    more = f"{OFF}\n[curation.judge]\nmodel = 'bench/judge-1'\n[providers.bench]\nbase_url = '{server.base_url}'\n"
    server.models["judge-1"] = "2" * 64
    judged.configure(server.base_url, more=more)
    curated(judged)
    judged.write("docs/hebe.md", page("Hebe"))
    server.script = called("m-2")
    told = curated(judged, code=1)
    assert "bench/judge-1 is now 'm-2', and was 'm-1'" in told
    assert "lore curate --dry-run shows what is to be asked anew" in told
    curated(judged)
    assert {one.served_model for one in rows(judged, "judgements")} == {"m-2"}


def test_a_curation_killed_while_judging_goes_on_and_asks_nothing_twice_that_was_kept(
    judged: Project, server: ScriptedServer
) -> None:
    judged.generate()
    server.script = late(0.15, judging(lambda _: 5))
    process = judged.start("curate")
    wait_until(lambda: sum(map(is_judging, server.asked)) >= 9, process)
    process.kill()
    process.communicate()
    killed = {one.digest for one in judged_questions(server.asked)}
    assert len(killed) < EXAMPLES
    server.script = judging(lambda _: 5)
    curated(judged)
    asked = [one.digest for one in judged_questions(server.asked)]
    assert len(set(asked)) == EXAMPLES
    assert len(asked) - EXAMPLES <= 4
    assert run_of(judged).metrics["kept_from_before"] >= len(killed) - 4


def test_lengths_of_judgements_are_not_estimated_from_examples_of_the_same_model(judged: Project) -> None:
    judged.generate()
    before = json.loads(curated(judged, "--dry-run", "--json"))
    curated(judged, "--set", "generation.limit=6")
    used = run_of(judged).metrics
    after = json.loads(curated(judged, "--dry-run", "--json"))
    assert 0 < after["kept"] < EXAMPLES
    calls = used["calls"]
    assert (
        used["prompt_tokens"] / calls
        <= before["prompt_tokens"] / EXAMPLES
        <= 2 * used["prompt_tokens"] / calls
    )
    assert before["completion_tokens"] == 60 * EXAMPLES
    left = after["calls"] - after["kept"]
    assert after["prompt_tokens"] == pytest.approx(left * used["prompt_tokens"] / calls, rel=0.05)
    assert after["completion_tokens"] == pytest.approx(left * used["completion_tokens"] / calls, rel=0.05)


def test_what_needs_no_call_needs_no_asking_whatever_calls_may_cost(
    served: Project, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lorewright.stages.asked_models.is_loopback", lambda _: False)
    served.configure(server.base_url, more=JUDGE)
    server.script = judging(lambda _: 5)
    served.generate()
    curated(served)
    first, before = run_of(served).id, len(server.asked)
    with Replies(served.workspace / "replies.sqlite") as replies:
        replies.next_epoch()
    done = served.lore("dataset", cwd=served.folder)
    assert "is due" not in done.stderr
    assert run_of(served).id != first
    assert len(server.asked) == before


def test_status_says_how_to_ask_a_judge_that_costs(far: Project) -> None:
    far.lore("run", cwd=far.folder)
    told = far.lore("status", cwd=far.folder).stdout
    assert "next: lore curate --dry-run, then lore curate" in " ".join(told.split())
