"""`lore generate` as a person meets it: the plan, the preview, what can be chosen, and what is told of a slip."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generated_project import PUMPS, VALVES, Lore, Project, page  # type: ignore[import-not-found]
from scripted_http import ScriptedServer, late  # type: ignore[import-not-found]

PROMPTS = 12


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, lore: Lore, server: ScriptedServer) -> Project:
    """Four documents of three passages each and some code, from two sources."""
    project = Project(tmp_path / "project", lore)
    for pump in PUMPS:
        project.write(f"docs/pumps/{pump.lower()}.md", page(pump))
    project.write("code/valves.py", VALVES)
    project.configure(server.base_url, more='[[sources]]\npath = "code"')
    return project


def plan(project: Project, *options: str) -> dict[str, Any]:
    """Return what a dry run tells programs."""
    told: dict[str, Any] = json.loads(project.generate("--dry-run", "--json", *options).stdout)
    return told


def test_a_dry_run_tells_what_the_run_then_does_and_asks_nothing(
    project: Project, server: ScriptedServer
) -> None:
    tasks = ("--task", "qa", "--task", "summary", "--task", "code_explanation")
    planned = plan(project, *tasks)
    assert server.asked == []
    assert project.runs() == []
    assert (planned["model"], planned["place"]) == ("office/scripted-1", server.base_url)
    assert (planned["calls"], planned["kept"], planned["usd"]) == (18, 0, 0)
    assert [(one["task"], one["calls"]) for one in planned["tasks"]] == [
        ("qa", 12),
        ("summary", 4),
        ("code_explanation", 2),
    ]
    project.generate(*tasks)
    made = project.run().metrics
    assert made["calls"] == planned["calls"] == len(server.asked)
    assert (made["documents"], made["passages"]) == (planned["documents"], planned["passages"])
    # Before the first call tokens are estimated.
    assert 0.5 < planned["prompt_tokens"] / made["prompt_tokens"] < 2.5

    again = plan(project, *tasks)
    assert (again["calls"], again["kept"]) == (18, 18)
    more = plan(project, *tasks, "--task", "conversation", "--set", "generation.samples=2")
    assert more["kept"] == 0  # another temperature


def test_after_some_calls_a_plan_knows_the_time(project: Project, server: ScriptedServer) -> None:
    server.script = late(0.05)
    assert plan(project)["seconds"] is None
    project.generate("--limit", "6")
    planned = plan(project)
    assert (planned["kept"], planned["measured"]) == (6, 6)
    assert planned["seconds"] >= 6 * 0.05 / 4


def test_a_plan_is_shown_to_people(project: Project, server: ScriptedServer) -> None:
    project.write(
        "docs/mail.md", "# Mail\n\nWrite to pumps@waterworks.se about the pumps of the hall, by noon.\n"
    )
    done = project.generate("--dry-run")
    assert server.asked == []
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert "office/scripted-1" in lines["model"]
    assert server.base_url in lines["model"]
    assert "1 e-mail address" in lines["secrets"]
    assert "12 to ask" in lines["calls"]
    assert "nothing: it runs on this machine" in lines["price"]
    assert "next:" in done.stdout


def test_a_plan_without_a_model_asks_nothing(project: Project, server: ScriptedServer) -> None:
    done = project.generate("--dry-run", "--model", "extractive")
    assert "none: no task asks a model" in done.stdout
    assert server.looked_up == []


def test_a_preview_shows_examples_as_they_would_be_kept_and_makes_no_run(
    project: Project, server: ScriptedServer
) -> None:
    done = project.generate("--preview", "3", "--json", "--language", "markdown")
    shown = json.loads(done.stdout)
    assert len(shown["examples"]) == 3
    assert shown["asked"] == len(server.asked) == shown["passages"] == 3
    assert project.runs() == []
    again = json.loads(project.generate("--preview", "3", "--json", "--language", "markdown").stdout)
    assert (again["examples"], again["asked"]) == (shown["examples"], 0)

    done = project.generate("--preview", "3", "--language", "markdown")
    printed = " ".join(done.stdout.split())
    assert all(
        " ".join(turn["content"].split()) in printed
        for example in shown["examples"]
        for turn in example["messages"]
    )
    assert "3 passages tried, 0 calls made" in done.stdout
    project.generate()
    assert len(server.asked) == PROMPTS
    kept = {example.id for example in project.examples()}
    assert {example["id"] for example in shown["examples"]} <= kept


def test_a_preview_shows_passages_that_are_of_a_kind_that_suits_the_task(
    project: Project, server: ScriptedServer
) -> None:
    shown = json.loads(project.generate("--preview", "4", "--json", "--task", "code_explanation").stdout)
    assert len(server.asked) == 2
    assert [example["task"] for example in shown["examples"]] == ["code_explanation"] * 4


def test_a_run_is_told_to_programs(project: Project) -> None:
    done = project.generate("--json")
    told = json.loads(done.stdout)
    assert told["id"] == project.run().id
    assert told["metrics"]["by_task"] == {"qa": 2 * PROMPTS}
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "prompts", "names"),
    [
        (("--limit", "4"), 4, {"Ajax", "Boreas"}),
        (("--limit", "30"), 12, {"Ajax", "Boreas", "Ceres", "Dione"}),
        (("--sample", "5"), 5, None),
        (("--path", "**/ajax.md"), 3, {"Ajax"}),
        (("--path", "pumps/*", "--path", "!*es.md"), 9, {"Ajax", "Boreas", "Dione"}),
        (("--source", "code"), 0, set()),
        (("--source", "docs"), 12, {"Ajax", "Boreas", "Ceres", "Dione"}),
        (("--language", "python"), 0, set()),
        (("--language", "markdown", "--limit", "1"), 1, {"Ajax"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_part_of_the_passages_is_chosen(
    options: tuple[str, ...], prompts: int, names: set[str] | None, project: Project, server: ScriptedServer
) -> None:
    assert plan(project, *options)["calls"] == prompts
    project.generate(*options)
    assert len(server.asked) == prompts
    shown = "".join(question.prompt.partition("<passage>\n")[2] for question in server.asked)
    assert names is None or {name for name in PUMPS if name in shown} == names


def test_a_sample_stays_the_same_and_grows(project: Project, server: ScriptedServer) -> None:
    project.generate("--sample", "5", "--language", "markdown")
    project.generate("--sample", "5", "--language", "markdown")
    assert len(server.asked) == 5
    project.generate("--sample", "8", "--language", "markdown")
    assert len(server.asked) == 8


def test_a_sample_is_drawn_of_documents_that_the_task_suits(project: Project, server: ScriptedServer) -> None:
    for number in range(3):
        project.write(
            f"docs/logs/{number}.log", f"10:00:0{number} pump {number} started\n10:00:09 ERROR no water\n"
        )
    planned = plan(project, "--task", "log_analysis", "--sample", "2")
    assert (planned["passages"], planned["calls"]) == (2, 2)
    unasked = ("--task", "qa", "--set", "generation.model=extractive")
    assert plan(project, *unasked, "--sample", "100", "--source", "docs")["passages"] == PROMPTS


def test_a_log_that_people_labelled_may_be_drawn_of_any_kind_and_is_not_asked_about(
    project: Project, server: ScriptedServer
) -> None:
    analysis = {"error_message": "moves", "category": "other", "severity": "low"}
    label = {"path": "pumps/ajax.md", "analysis": analysis, "template": "moves"}
    project.write("labels.jsonl", json.dumps(label) + "\n")
    options = ("--task", "log_analysis", "--sample", "100", "--set", 'generation.labels=["labels.jsonl"]')
    planned = plan(project, *options)
    assert (planned["passages"], planned["calls"]) == (3, 0)


def test_one_task_is_chosen(project: Project, server: ScriptedServer) -> None:
    project.generate("--task", "summary")
    assert len(server.asked) == 4
    assert project.run().metrics["by_task"] == {"summary": 4}


@pytest.mark.parametrize(
    ("options", "told", "next_step"),
    [
        (("--task", "sumary"), "There is no task named 'sumary'.", "did you mean 'summary'?"),
        (("--source", "doc"), "No document has the source 'doc'.", "--source docs"),
        (("--language", "pyton"), "'pyton'", "--language python"),
        (("--path", "nowhere/*"), "No path fits 'nowhere/*'.", "--path takes a glob of paths, such as"),
        (("--model", "nothing"), "'nothing'", ""),
    ],
    ids=["task", "source", "language", "path", "model"],
)
def test_an_unknown_name_is_told_with_the_nearest(
    options: tuple[str, ...], told: str, next_step: str, project: Project, server: ScriptedServer
) -> None:
    done = project.generate(*options, code=2)
    assert told in done.stderr
    assert done.stderr.count("error:") == 1
    assert next_step in done.stderr.partition("next:")[2]
    assert server.asked == []


def test_a_task_that_needs_a_model_says_how_to_name_one(project: Project, server: ScriptedServer) -> None:
    done = project.generate("--model", "extractive", "--task", "summary", code=2)
    assert "The task 'summary' needs a model, and generation.model is 'extractive'." in done.stderr
    assert "lore generate --model" in done.stderr.partition("next:")[2]
    assert server.looked_up == []


def test_without_a_model_examples_come_from_structure(project: Project, server: ScriptedServer) -> None:
    project.generate("--model", "extractive")
    assert {example.origin for example in project.examples()} == {"extractive"}
    assert server.asked == server.looked_up == []


def test_what_became_of_the_calls_is_told(project: Project) -> None:
    done = project.generate()
    assert "24 candidates (24 qa), 0 left out" in done.stdout
    assert "12 prompts: 12 calls made, 0 kept from before; replies: 12 as asked" in done.stdout
    assert "next: lore curate" in done.stdout
