"""What generation may cost: limits are never passed, and nothing runs on another machine without being asked for."""

import math
import socket

import pytest
from generated_project import Project, check, kept_texts  # type: ignore[import-not-found]
from scripted_http import CHARS_PER_TOKEN, ScriptedServer  # type: ignore[import-not-found]

PROMPTS = 12
PRICE = "usd_per_million_input = 100\nusd_per_million_output = 400"
ELSEWHERE = "http://192.0.2.7:8080/v1"


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Where connections were tried; none is made."""
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def test_tokens_stop_before_their_limit_and_the_rest_is_asked_for_when_it_is_raised(
    served: Project, server: ScriptedServer
) -> None:
    done = served.generate("--set", "generation.stop_at_tokens=6000", code=1)
    assert "The budget is used up" in done.stderr
    assert "of 6,000" in done.stderr
    assert f"{len(server.asked)} of 12 prompts are answered and kept" in done.stderr
    assert "next: raise it" in done.stderr
    assert 0 < len(server.asked) < PROMPTS
    first = {question.digest for question in server.asked}
    read = sum(len(question.prompt) // CHARS_PER_TOKEN + 1 for question in server.asked)
    written = sum(len(text) // CHARS_PER_TOKEN for text in kept_texts(served))
    assert read + written <= 6000

    served.generate("--set", "generation.stop_at_tokens=100000")
    check(served)
    assert len(server.asked) == PROMPTS
    assert first.isdisjoint(question.digest for question in server.asked[len(first) :])


def test_dollars_stop_before_their_limit(served: Project, server: ScriptedServer) -> None:
    served.configure(server.base_url, provider=PRICE)
    plan = served.lore("generate", "--dry-run", cwd=served.folder).stdout
    assert "about $2." in plan
    done = served.generate("--set", "generation.stop_at_usd=0.6", code=1)
    assert "of $0.6" in done.stderr
    assert 0 < len(server.asked) < PROMPTS
    spent = float(done.stderr.partition("used up: $")[2].partition(" of")[0])
    assert 0 < spent <= 0.6

    served.generate("--set", "generation.stop_at_usd=5")
    check(served)
    assert len(server.asked) == PROMPTS
    made = served.run().metrics
    costs = (made["prompt_tokens"] * 100 + made["completion_tokens"] * 400) / 1e6
    assert math.isclose(made["usd"], costs, rel_tol=1e-6)
    assert made["asked"] + made["kept_from_before"] == PROMPTS


def test_a_limit_does_not_change_the_run(served: Project, server: ScriptedServer) -> None:
    served.generate("--set", "generation.stop_at_tokens=100000")
    served.generate()
    assert len(served.runs()) == 1


def test_a_dollar_limit_without_a_price_says_where_the_price_goes(
    pumps: Project, connected: list[object]
) -> None:
    pumps.configure(ELSEWHERE)
    done = pumps.generate("--dry-run", "--set", "generation.stop_at_usd=1", code=2)
    assert "generation.stop_at_usd is 1, and what office takes is not known" in done.stderr
    assert "usd_per_million_input" in done.stderr.partition("next:")[2]


@pytest.mark.parametrize("command", ["curate", "dataset"])
def test_calls_to_another_machine_are_made_only_when_asked_for(
    command: str, pumps: Project, connected: list[object]
) -> None:
    pumps.configure(ELSEWHERE, provider=PRICE)
    done = pumps.lore(command, cwd=pumps.folder)
    assert done.returncode == 1
    assert "generate is due (no run yet): 12 to ask (office/scripted-1), about $" in done.stderr
    assert "next: lore generate --dry-run, then lore generate" in done.stderr
    assert connected == []


def test_the_road_stops_before_calls_to_another_machine_with_what_is_due(
    pumps: Project, connected: list[object]
) -> None:
    pumps.configure(ELSEWHERE, provider=PRICE)
    done = pumps.lore("run", cwd=pumps.folder)
    assert "generate is due (no run yet): 12 to ask (office/scripted-1), about $" in done.stdout
    assert pumps.runs() == connected == []


def test_a_price_that_is_not_known_is_never_within_the_budget(
    pumps: Project, connected: list[object]
) -> None:
    pumps.configure(ELSEWHERE, more="[budget]\ncalls_usd = 1000")
    done = pumps.lore("curate", cwd=pumps.folder)
    assert done.returncode == 1
    assert "at a price that is not known" in done.stderr
    assert connected == []


def test_what_is_within_the_budget_is_asked_for(pumps: Project, connected: list[object]) -> None:
    pumps.configure(ELSEWHERE, provider=PRICE, more="[budget]\ncalls_usd = 1000")
    done = pumps.lore("curate", cwd=pumps.folder)
    assert done.returncode == 1
    assert f"office ({ELSEWHERE}) cannot be reached" in done.stderr
    assert set(connected) == {("192.0.2.7", 8080)}


def test_a_server_on_this_machine_is_free(served: Project, server: ScriptedServer) -> None:
    done = served.lore("curate", cwd=served.folder)
    assert done.returncode == 0
    assert len(server.asked) == PROMPTS
    assert served.run().metrics["usd"] == 0
