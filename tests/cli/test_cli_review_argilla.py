"""Examples go to an Argilla server and decisions come back, through the real client, to a stand-in for its HTTP API."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from argilla_server import ANNOTATOR_KEY, KEY, ArgillaServer, serving  # type: ignore[import-not-found]

Lore = Callable[..., CompletedProcess[str]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArgillaServer]:
    monkeypatch.setenv("ARGILLA_API_KEY", KEY)
    with serving() as running:
        yield running


@pytest.fixture
def review(lore: Lore, prepared: Path, server: ArgillaServer) -> Callable[..., CompletedProcess[str]]:
    """`review("push", ...)` on a curated project and the dataset `pumps` of the server."""

    def run(verb: str, *options: str, url: str = "") -> CompletedProcess[str]:
        place = ("--argilla", url or server.address, "--dataset", "pumps")
        return lore("review", verb, *place, *options, cwd=prepared)

    return run


def done(finished: CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def listed(lore: Lore, project: Path, *options: str) -> list[dict[str, Any]]:
    found = json.loads(done(lore("review", "list", "--json", *options, cwd=project)))
    return [row["decided"] for row in found]


def test_records_carry_the_key_question_answer_and_evidence(review: Any, server: ArgillaServer) -> None:
    said = review("push", "--task", "qa", "--limit", "5")
    assert "5 sent to pumps in first, 0 there already" in done(said)
    assert "next: lore review pull --argilla" in said.stdout
    assert said.stderr == "", "the client keeps quiet"
    records = server.records("pumps")
    assert len(records) == 5
    for record in records:
        assert len(record["external_id"]) == 16
        assert record["fields"]["question"].endswith("?")
        path, _, quote = record["fields"]["evidence"].partition("\n")
        assert ":" in path
        assert quote
        assert record["metadata"]["task"] == "qa"
        assert record["metadata"]["filters"] == "kept"


def test_pushing_twice_doubles_nothing_and_keeps_answers(review: Any, server: ArgillaServer) -> None:
    done(review("push", "--task", "qa", "--limit", "4"))
    server.answer(server.records("pumps")[0], "bob", decision="accept")
    again = json.loads(done(review("push", "--task", "qa", "--limit", "6", "--json")))
    assert (again["sent"], again["there"]) == (2, 4)
    assert len(server.records("pumps")) == 6
    assert server.records("pumps")[0]["responses"]


def test_answers_become_decisions_of_whoever_gave_them_when_they_did(
    review: Any, lore: Lore, prepared: Path, server: ArgillaServer
) -> None:
    done(review("push", "--task", "qa", "--limit", "6"))
    accepted, edited, rejected, changed, draft, discarded = server.records("pumps")
    server.answer(accepted, "ada", decision="accept", note="fine")
    server.answer(edited, "bob", at="2026-05-04T11:00:00", decision="edit", new_answer="By hand.")
    server.answer(rejected, "bob", decision="reject", note="outdated")
    server.answer(changed, "ada", decision="accept", new_answer="Slightly better.")
    server.answer(draft, "ada", status="draft", decision="reject")
    server.answer(discarded, "ada", status="discarded")
    assert "4 would be taken in" in done(review("pull", "--dry-run"))
    assert listed(lore, prepared) == []
    assert "6 given: 4 taken in, 0 there already, 2 without a decision" in done(review("pull"))
    found = {one["key"]: one for one in listed(lore, prepared)}
    assert {key: one["decision"] for key, one in found.items()} == {
        accepted["external_id"]: "accept",
        edited["external_id"]: "edit",
        rejected["external_id"]: "reject",
        changed["external_id"]: "edit",
    }
    assert found[edited["external_id"]]["reviewer"] == "bob"
    assert found[edited["external_id"]]["reviewed_at"].startswith("2026-05-04T11:00:00")
    assert found[edited["external_id"]]["messages"][-1]["content"] == "By hand."
    assert found[changed["external_id"]]["messages"][0]["content"] == changed["fields"]["question"]
    assert all(one["seen"]["documents"] for one in found.values())
    done(lore("curate", cwd=prepared))
    answers = done(lore("cat", "curate", cwd=prepared))
    assert "By hand." in answers
    assert rejected["external_id"] not in answers


def test_pulling_twice_doubles_nothing_and_a_changed_mind_counts(
    review: Any, lore: Lore, prepared: Path, server: ArgillaServer
) -> None:
    done(review("push", "--task", "qa", "--limit", "1"))
    (record,) = server.records("pumps")
    server.answer(record, "bob", at="2026-05-04T10:00:00", decision="accept")
    done(review("pull"))
    assert "0 taken in, 1 there already" in done(review("pull"))
    server.answer(record, "bob", at="2026-05-04T12:00:00", decision="reject")
    done(review("pull"))
    server.answer(record, "bob", at="2026-05-04T13:00:00", decision="accept")
    assert "1 taken in" in done(review("pull"))
    assert [one["decision"] for one in listed(lore, prepared)] == ["accept"]
    assert len(listed(lore, prepared, "--history")) == 3


def test_an_older_answer_does_not_outrank_a_newer_decision_here(
    review: Any, lore: Lore, prepared: Path, server: ArgillaServer
) -> None:
    done(review("push", "--task", "qa", "--limit", "1"))
    (record,) = server.records("pumps")
    server.answer(record, "bob", at="2020-01-01T00:00:00", decision="accept")
    done(lore("review", "reject", record["metadata"]["example_id"], "--reviewer", "ada", cwd=prepared))
    done(review("pull"))
    assert [one["decision"] for one in listed(lore, prepared)] == ["reject"]


def test_an_answer_that_cannot_be_kept_is_listed(review: Any, server: ArgillaServer) -> None:
    done(review("push", "--task", "qa", "--limit", "2"))
    first, second = server.records("pumps")
    server.answer(first, "bob", decision="edit")
    server.answer(second, "bob", decision="accept")
    second["external_id"] = "somebody-elses"
    refused = review("pull")
    assert refused.returncode == 1
    assert "2 refused" in refused.stdout
    assert f"{first['external_id']} by bob: its edit cannot be kept: nothing was changed" in refused.stdout
    assert "no example has the key 'somebody-elses'" in refused.stdout


def test_many_records_go_in_several_requests_and_come_back_in_several_pages(
    server: ArgillaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lorewright.core.progress import Silent
    from lorewright.hub import argilla

    monkeypatch.setattr(argilla, "_RECORDS_A_REQUEST", 7)
    monkeypatch.setattr(argilla, "_RECORDS_A_PAGE", 10)
    asked = [
        argilla.Asked(key=f"{number:016x}", question="How?", answer="So.", evidence="", facts={})
        for number in range(30)
    ]
    with argilla.connected(server.address, KEY) as connection, Silent().task("x", total=30, unit="x") as tick:
        assert connection.push(asked, dataset="many", workspace="second", tick=tick).sent == 30
        for record in server.records("many"):
            server.answer(record, "ada", decision="accept")
        found = list(connection.answers(dataset="many", workspace="second"))
    assert [one.key for one in found] == [one.key for one in asked]
    assert sum(line.endswith("/records/bulk") for line in server.asked) == 5


@pytest.mark.parametrize(
    ("key", "verb", "said"),
    [
        ("", "push", "There is no key for Argilla in ARGILLA_API_KEY"),
        ("s3cret-wrong", "push", "does not know the key in ARGILLA_API_KEY"),
        (ANNOTATOR_KEY, "push", "may not do that"),
        (KEY, "pull", "has no dataset 'pumps' in the workspace 'first'"),
    ],
)
def test_a_key_or_dataset_that_is_not_there_is_one_message_without_the_key(
    review: Any, monkeypatch: pytest.MonkeyPatch, key: str, verb: str, said: str
) -> None:
    monkeypatch.setenv("ARGILLA_API_KEY", key)
    refused = review(verb)
    assert refused.returncode in {1, 2}
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not key or key not in refused.stderr + refused.stdout


def test_a_workspace_is_chosen_by_name_and_must_be_there(review: Any, server: ArgillaServer) -> None:
    assert "pumps in second" in done(review("push", "--workspace", "second", "--limit", "1"))
    refused = review("push", "--workspace", "third", "--limit", "1")
    assert "no workspace 'third'; it has: first, second" in refused.stderr


def test_a_dataset_of_something_else_is_left_alone(review: Any, server: ArgillaServer) -> None:
    done(review("push", "--limit", "1"))
    (dataset,) = server.datasets.values()
    dataset.questions[:] = [one for one in dataset.questions if one["name"] == "note"]
    refused = review("push")
    assert "was made for something else: it asks for note" in refused.stderr
    assert len(server.records("pumps")) == 1


def test_a_server_in_trouble_is_one_message_and_the_next_try_sends_the_rest(
    review: Any, server: ArgillaServer
) -> None:
    done(review("push", "--task", "qa", "--limit", "2"))
    before = len(server.asked)
    done(review("push", "--task", "qa", "--limit", "4"))
    for spoilt in range(len(server.asked) - before):
        server.troubles = [0] * spoilt + [(500, 422, 404)[spoilt % 3]]
        refused = review("push", "--task", "qa", "--limit", "6")
        assert refused.returncode != 0
        assert "Traceback" not in refused.stderr
        assert sum(line.startswith("error:") for line in refused.stderr.splitlines()) == 1
        assert "this should not happen" not in refused.stderr
        server.troubles = []
    assert "2 sent" in done(review("push", "--task", "qa", "--limit", "6"))
    assert len(server.records("pumps")) == 6


def test_an_address_where_nothing_or_something_else_answers_is_one_message(review: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = review("push", url=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert "does not answer" in nobody.stderr
    assert "is no address of an Argilla server" in review("push", url="argilla.example.org").stderr
    assert all("Traceback" not in one for one in (nobody.stderr,))


def test_without_the_extra_there_is_one_clear_message(prepared: Path, server: ArgillaServer) -> None:
    code = "import sys; sys.modules['argilla'] = None\nfrom lorewright.cli.main import main\nmain()"
    arguments = ("review", "push", "--argilla", server.address, "--dataset", "pumps")
    refused = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=prepared, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Reviews on an Argilla server need its client, which is not installed." in refused.stderr
    assert "pip install 'lorewright[argilla]'" in refused.stderr


def test_a_dry_run_sends_nothing(review: Any, server: ArgillaServer) -> None:
    assert "4 examples would be sent" in done(review("push", "--limit", "4", "--dry-run"))
    assert server.asked == []
