"""A server that fails midway, is not there, wants another key or has no such model: what was answered stays."""

import json
from collections.abc import Callable

import pytest
from generated_project import Project, check, lines  # type: ignore[import-not-found]
from scripted_http import (  # type: ignore[import-not-found]
    CLOSED,
    PROSE,
    Answer,
    Question,
    ScriptedServer,
    answer,
    broken,
    in_turn,
)

PROMPTS = 12
KEY = "sk-of-the-office-0123456789"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr("lorewright.llm.retries._FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("lorewright.llm.endpoints._BACKOFF_S", 0.001)


def fails_after(count: int, how: Answer) -> Callable[[Question], Answer]:
    """Return a script that answers so many different prompts, and no others ever."""
    good: set[str] = set()

    def play(question: Question) -> Answer:
        if len(good) < count:
            good.add(question.digest)
        return answer(question) if question.digest in good else how

    return play


@pytest.mark.parametrize("how", [broken(), CLOSED], ids=["500", "hangs up"])
def test_answers_before_a_failure_are_kept_and_only_the_rest_is_asked_for(
    how: Answer, served: Project, server: ScriptedServer
) -> None:
    server.script = fails_after(5, how)
    done = served.generate(code=1)
    assert "5 of 12 prompts are answered and kept; 7 have no answer" in done.stderr
    assert "next: ask for only those: lore generate" in done.stderr
    (path,) = (served.workspace / "runs" / "generate").glob("*.partial/checkpoints/unanswered.jsonl")
    assert str(path) in done.stderr
    assert [one["outcome"] for one in lines(path.read_text())] == ["unanswered"] * 7
    assert served.runs() == []

    answered = set(list(dict.fromkeys(question.digest for question in server.asked))[:5])
    server.script = answer
    before = len(server.asked)
    served.generate()
    check(served)
    again = [question.digest for question in server.asked[before:]]
    assert len(again) == len(set(again)) == PROMPTS - 5
    assert answered.isdisjoint(again)
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS}
    assert served.run().metrics["kept_from_before"] == 5


def test_a_run_can_be_finished_without_what_was_not_answered_and_made_whole_later(
    served: Project, server: ScriptedServer
) -> None:
    server.script = fails_after(5, broken())
    served.generate("--accept-unanswered")
    check(served)
    made = served.run()
    assert made.metrics["by_outcome"] == {"unanswered": 7, "as asked": 5}
    assert sum(one.filter == "failed" for one in served.rejections()) == 7

    server.script = answer
    before = len(server.asked)
    served.generate("--accept-unanswered")
    assert len(server.asked) == before
    served.generate("--accept-unanswered", "--retry-failed")
    check(served)
    assert len(server.asked) == before + 7
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS}


def test_a_server_that_goes_away_loses_nothing(pumps: Project) -> None:
    with ScriptedServer() as first:
        first.script = fails_after(5, broken())
        pumps.configure(first.base_url)
        pumps.generate(code=1)
    done = pumps.generate(code=1)
    assert "5 of 12 prompts are answered and kept; 7 have no answer" in done.stderr
    with ScriptedServer(port=first.port) as second:
        pumps.generate()
        check(pumps)
        assert len(second.asked) == PROMPTS - 5


def test_a_finished_run_needs_no_server(pumps: Project) -> None:
    with ScriptedServer() as server:
        pumps.configure(server.base_url)
        pumps.generate()
    assert "up to date" in pumps.generate().stdout


def test_a_wrong_key_ends_the_command_with_one_message_without_it(
    served: Project, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICE_KEY", KEY)
    served.configure(server.base_url, provider='api_key_env = "OFFICE_KEY"')
    server.script = Answer(status=401, error=f"Incorrect API key provided: {KEY}")
    done = served.generate(code=1)
    assert done.stderr.count("error:") == 1
    assert "401" in done.stderr
    assert "next: check the key in OFFICE_KEY" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert len(server.asked) <= 4
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    for path in served.workspace.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_a_key_that_is_not_set_is_asked_for_before_anything_is_sent(
    served: Project, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OFFICE_KEY", raising=False)
    served.configure(server.base_url, provider='api_key_env = "OFFICE_KEY"')
    done = served.generate(code=2)
    assert "OFFICE_KEY" in done.stderr
    assert "next: export OFFICE_KEY=..." in done.stderr
    assert server.asked == server.looked_up == []


def test_an_unknown_model_ends_the_command_after_the_first_answer(
    served: Project, server: ScriptedServer
) -> None:
    server.script = Answer(status=404, error="The model 'scripted-2' does not exist")
    done = served.generate("--model", "office/scripted-2", code=1)
    assert done.stderr.count("error:") == 1
    assert "scripted-2" in done.stderr
    assert f"curl {server.base_url}/models" in done.stderr
    assert len(server.asked) <= 4


def test_a_server_that_does_not_run_is_named_with_what_to_do(pumps: Project) -> None:
    pumps.configure(NOWHERE)
    done = pumps.generate(code=1)
    assert NOWHERE.removesuffix("/v1") in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_provider_is_named_with_what_to_write(served: Project, server: ScriptedServer) -> None:
    done = served.generate("--model", "ofice/scripted-1", code=2)
    assert "'ofice'" in done.stderr
    assert "office/scripted-1" in done.stderr.partition("next:")[2]
    done = served.generate("--model", "warehouse/scripted-1", code=2)
    assert "[providers.warehouse]" in done.stderr.partition("next:")[2]
    assert server.asked == server.looked_up == []


def test_a_plan_counts_the_corrections_that_are_due(served: Project, server: ScriptedServer) -> None:
    def play(question: Question) -> Answer:
        return broken() if len(question.body["messages"]) > 2 else PROSE

    server.script = play
    served.generate(code=1)
    plan = json.loads(served.generate("--dry-run", "--json").stdout)
    assert (plan["calls"], plan["kept"]) == (PROMPTS, 0)
    before = len(server.asked)
    server.script = answer
    served.generate()
    assert len(server.asked) == before + PROMPTS
    assert served.run().metrics["by_outcome"] == {"healed": PROMPTS}
    plan = json.loads(served.generate("--dry-run", "--json").stdout)
    assert plan["kept"] == PROMPTS


def test_a_busy_server_is_waited_for(served: Project, server: ScriptedServer) -> None:
    server.script = in_turn(Answer(status=429, error="slow down", headers={"Retry-After": "0"}), answer)
    served.generate()
    check(served)
    assert served.run().metrics["retried"] == 1
    assert len(server.asked) == PROMPTS + 1
