"""Questions read naturally and are understood far from their page."""

import pytest

from lorewright.generation.subjects import context, is_code_like, is_generic, is_left_out, owner_of, root_name
from lorewright.generation.wording import action, heading_question, name_question, purpose_question


@pytest.mark.parametrize(
    ("heading", "done"),
    [
        ("Installing DIRAC", "install DIRAC"),
        ("Running and stopping agents", "run and stop agents"),
        ("How to add a plugin", "add a plugin"),
        ("Create a new site", "create a new site"),
        ("Setting up the database", "set up the database"),
        ("Query planning", ""),
        ("Computing Element", ""),
        ("CREATE VIEW", ""),
        ("Scheduler", ""),
    ],
)
def test_a_heading_that_names_an_action_gives_its_verb(heading: str, done: str) -> None:
    assert action(heading) == done


@pytest.mark.parametrize(
    ("heading", "answer", "question"),
    [
        ("How does it scale?", "Well.", "How does it scale in Acme?"),
        ("What is a queue", "A queue is a line.", "What is a queue in Acme?"),
        ("`abs`", "Returns the absolute value.", "`abs` do"),
        ("Job queue", "A job queue is a list of jobs.", "What is a Job queue in Acme?"),
        ("Sites", "Sites are places where jobs run.", "What are Sites in Acme?"),
        ("How to use it", "Press the button.", ""),
        ("The schema is consistent", "It must be so.", ""),
    ],
)
def test_the_wording_follows_heading_and_answer(heading: str, answer: str, question: str) -> None:
    asked = heading_question(heading, " in Acme", answer)
    assert question in asked if question else asked == ""


def test_a_generic_heading_asks_about_its_parent() -> None:
    assert purpose_question("Arguments", "`abs`", " in Acme") == "What arguments does `abs` take in Acme?"
    assert purpose_question("Miscellaneous", "`abs`", " in Acme") == ""


def test_the_same_subject_is_always_asked_in_the_same_words() -> None:
    assert {name_question("max_threads", " in Acme", noun="option") for _ in range(5)} == {
        name_question("max_threads", " in Acme", noun="option")
    }


@pytest.mark.parametrize(
    ("parents", "project", "own", "where"),
    [
        (("Service Options",), "DIRAC", "Port", " in DIRAC (Service Options)"),
        (("Overview",), "DIRAC", "Port", " in DIRAC"),
        (("DIRAC Configuration",), "DIRAC", "Port", " in DIRAC Configuration"),
        (("Options",), "DIRAC", "DIRAC version policy", ""),
        (("click: a toolkit for commands",), "", "Port", " in click"),
        ((), "", "Port", ""),
        (("Service",), "DIRAC", "execution.batch.size", " in DIRAC"),
    ],
)
def test_a_question_says_where_unless_it_is_plain(
    parents: tuple[str, ...], project: str, own: str, where: str
) -> None:
    assert context(parents, project=project, own=own) == where


@pytest.mark.parametrize(
    ("path", "project", "name"),
    [
        ("docs/click.md", "", "click"),
        ("click/README.md", "", "click"),
        ("README.md", "", ""),
        ("a.md", "Acme", "Acme"),
    ],
)
def test_without_project_the_file_names_the_subject(path: str, project: str, name: str) -> None:
    assert root_name(path, project) == name


def test_parts_belong_to_the_heading_above_them() -> None:
    assert owner_of(("Functions", "to_date", "Arguments")) == ("argument", "`to_date`", ("Functions",))
    assert owner_of(("Functions", "to_date")) == ("", "", ("Functions", "to_date"))


@pytest.mark.parametrize(
    "title",
    ["License", "Changelog", "v1.2.3 (2025-01-01)", "0.11.0", "Unreleased", "See also", "Worked examples"],
)
def test_headings_that_teach_nothing_are_left_out(title: str) -> None:
    assert is_left_out(title)


@pytest.mark.parametrize("title", ["Making releases", "REST API Resources", "Job history view", "Scheduling"])
def test_headings_that_only_sound_like_it_are_kept(title: str) -> None:
    assert not is_left_out(title)


def test_generic_and_code_like_names_are_told_apart() -> None:
    assert is_generic("Basic usage")
    assert not is_generic("Pilot usage")
    assert all(is_code_like(name) for name in ("max_threads", "--force", "a.b", "f(x)", "`abs`", "camelCase"))
    assert not any(is_code_like(name) for name in ("Scheduler", "job queue", "abs", "End of line."))
