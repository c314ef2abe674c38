"""Servers that go away or answer nonsense: no reply is lost, no traceback is shown, no more is spent than was said."""

import json
import sqlite3
from contextlib import closing

from generated_project import Project  # type: ignore[import-not-found]
from scripted_http import (  # type: ignore[import-not-found]
    PROSE,
    Answer,
    Question,
    ScriptedServer,
    answer,
)

DEAR = "usd_per_million_input = 1.0\nusd_per_million_output = 1000.0"


def kept(project: Project) -> int:
    with closing(sqlite3.connect(project.workspace / "replies.sqlite")) as replies:
        return int(replies.execute("SELECT count(*) FROM replies").fetchone()[0])


def test_refresh_forgets_nothing_for_a_server_that_is_gone(pumps: Project) -> None:
    with ScriptedServer() as server:
        pumps.configure(server.base_url)
        pumps.generate()
    there = kept(pumps)
    assert there > 0
    assert "cannot be reached" in pumps.generate("--refresh", code=1).stderr
    assert kept(pumps) == there
    pumps.generate()


def test_tokens_that_cannot_be_counted_count_for_nothing(served: Project, server: ScriptedServer) -> None:
    def uncountable(question: Question) -> Answer:
        told = {"prompt_tokens": 10**30, "completion_tokens": "12"}
        turn = {"message": {"content": answer(question).text}, "finish_reason": ["stop"]}
        return Answer(raw=json.dumps({"model": {"a": 1}, "choices": [turn], "usage": told}).encode())

    server.script = uncountable
    served.generate()
    assert all(call.outcome == "as asked" and call.prompt_tokens == 0 for call in served.calls())


def test_a_reply_whose_correction_is_refused_keeps_its_text(served: Project, server: ScriptedServer) -> None:
    def refusing(question: Question) -> Answer:
        return Answer(status=400, error="too long") if len(question.body["messages"]) > 2 else PROSE

    server.script = refusing
    served.generate("--set", "generation.max_failed=1.0")
    assert {(call.outcome, call.text) for call in served.calls()} == {("refused", PROSE.text)}
    assert all(call.prompt_tokens and "too long" in call.problem for call in served.calls())


def test_a_run_inside_the_budget_spends_no_more_than_that(pumps: Project, server: ScriptedServer) -> None:
    """The plan takes 350 tokens for an answer, and these have 1,000."""

    def long(question: Question) -> Answer:
        turn = {"message": {"content": answer(question).text}, "finish_reason": "stop"}
        return Answer(raw=json.dumps({"choices": [turn], "usage": {"completion_tokens": 1000}}).encode())

    server.script = long
    # Reaches this machine by an address that does not say so.
    elsewhere = server.base_url.replace("127.0.0.1", "0.0.0.0")
    pumps.configure(elsewhere, provider=DEAR, more="[budget]\ncalls_usd = 4.3")
    run = pumps.start("run", env={"NO_PROXY": "*"})
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "budget is used up" in errors
    assert 1 <= len(server.asked) <= 4


def test_where_things_stand_can_be_told_while_the_model_is_not_there(
    served: Project, server: ScriptedServer
) -> None:
    served.generate()
    settings = (served.folder / "lore.toml").read_text(encoding="utf-8")
    served.write("lore.toml", settings.replace("office/scripted-1", "own"))
    status = served.lore("status", cwd=served.folder)
    assert status.returncode == 0, status.stderr
    assert "nothing is trained yet" in served.generate(code=1).stderr


def test_a_list_of_models_that_is_gone_asks_nothing_anew(served: Project, server: ScriptedServer) -> None:
    served.generate()
    asked = len(server.asked)
    server.listing = lambda _path: (404, b"{}")
    served.generate("--limit", "4")
    served.generate("--set", "generation.max_failed=0.5")
    assert len(server.asked) == asked
    server.listing = None
    server.models = {"scripted-1": "2" * 64}
    served.generate()
    assert len(server.asked) == 2 * asked
