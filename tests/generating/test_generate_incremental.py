"""What a change costs: the calls that it needs and no others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from generated_project import Project, check, page  # type: ignore[import-not-found]
from scripted_http import Answer, Question, ScriptedServer, answer  # type: ignore[import-not-found]

PROMPTS = 12
UNTITLED = """\
The glossary of the pump house explains each word that operators use, in the order of the alphabet, for newcomers.

A slot is the smallest time for which a pump can be scheduled, which is five minutes in every pump house of ours.
"""
OWN = """\
[generation.own.hints]
prompt = "hints.md"
answer_schema = "hints.json"
messages = [
    { role = "user", content = "What should operators of {{ title }} know?" },
    { role = "assistant", content = "{{ reply.hint }}" },
]
"""
HINT = {
    "type": "object",
    "properties": {"hint": {"type": "string", "minLength": 5}},
    "required": ["hint"],
    "additionalProperties": False,
}


@contextmanager
def calls(server: ScriptedServer, count: int) -> Iterator[list[Question]]:
    """Count the questions that the block makes; they are in the list when it ends."""
    before = len(server.asked)
    found: list[Question] = []
    yield found
    found += server.asked[before:]
    assert len(found) == count


@pytest.fixture
def made(served: Project, server: ScriptedServer) -> Project:
    """The project with its examples made."""
    with calls(server, PROMPTS):
        served.generate()
    return served


def test_a_new_file_costs_the_calls_of_its_own_passages(made: Project, server: ScriptedServer) -> None:
    made.write("docs/hebe.md", page("Hebe"))
    with calls(server, 3) as asked:
        made.generate()
    assert all("Hebe" in question.prompt for question in asked)
    check(made)
    assert made.run().metrics["calls"] == PROMPTS + 3


def test_a_changed_passage_costs_its_own_call(made: Project, server: ScriptedServer) -> None:
    made.write("docs/ajax.md", page("Ajax").replace("for three seconds", "for four seconds"))
    with calls(server, 1) as asked:
        made.generate()
    assert "for four seconds" in asked[0].prompt


def test_a_removed_file_costs_none(made: Project, server: ScriptedServer) -> None:
    (made.folder / "docs" / "ajax.md").unlink()
    with calls(server, 0):
        made.generate()
    check(made)
    assert made.run().metrics["calls"] == PROMPTS - 3


def test_a_renamed_file_costs_none(made: Project, server: ScriptedServer) -> None:
    before = {example.id for example in made.examples()}
    (made.folder / "docs" / "ajax.md").rename(made.folder / "docs" / "the first.md")
    with calls(server, 0):
        made.generate()
    assert {example.id for example in made.examples()} == before
    check(made)


def test_a_renamed_file_without_a_title_of_its_own_costs_none(
    served: Project, server: ScriptedServer
) -> None:
    served.write("docs/words.txt", UNTITLED)
    with calls(server, PROMPTS + 2) as asked:
        served.generate()
    assert not any("words" in question.prompt for question in asked if "A slot is" in question.prompt)
    (served.folder / "docs" / "words.txt").rename(served.folder / "docs" / "glossary.txt")
    with calls(server, 0):
        served.generate()
    check(served)


def test_a_changed_concurrency_changes_nothing(made: Project, server: ScriptedServer) -> None:
    before = made.run().id
    with calls(server, 0):
        done = made.generate("--set", "generation.concurrency=2", "--set", "providers.office.timeout_s=60")
    assert "up to date" in done.stdout
    assert made.run().id == before


def test_a_raised_limit_costs_the_replies_that_were_cut(served: Project, server: ScriptedServer) -> None:
    cut = Answer('{"pairs": [{"question": "What does Ceres', finish="length")
    server.script = lambda question: cut if "Alarms of Ceres" in question.prompt else answer(question)
    with calls(server, PROMPTS):
        served.generate()
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS - 1, "invalid": 1}
    server.script = answer
    with calls(server, 1) as asked:
        served.generate("--set", "generation.max_new_tokens=2048")
    assert "Alarms of Ceres" in asked[0].prompt
    assert asked[0].max_tokens == 2048
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS}
    with calls(server, 0):
        served.generate("--set", "generation.max_new_tokens=4096")


def test_a_lowered_limit_costs_nothing(made: Project, server: ScriptedServer) -> None:
    with calls(server, 0):
        made.generate("--set", "generation.max_new_tokens=60")
    check(made)


def test_a_changed_prompt_costs_the_calls_of_its_task(served: Project, server: ScriptedServer) -> None:
    served.write("hints.md", "{{ about }}\n\n{{ passage }}\n\nGive a hint.")
    served.write("hints.json", json.dumps(HINT))
    served.configure(server.base_url, tasks=("qa", "hints"), more=OWN)
    # The own task is made of code, too: four passages of it.
    with calls(server, 2 * PROMPTS + 4):
        served.generate()
    served.write("hints.md", "{{ about }}\n\n{{ passage }}\n\nGive a hint to operators.")
    with calls(server, PROMPTS + 4) as asked:
        served.generate()
    assert all("hint to operators" in question.prompt for question in asked)
    served.write("hints.md", "{{ about }}\n\n{{ passage }}\n\nGive a hint.")
    with calls(server, 0):
        served.generate()


def test_an_added_task_costs_its_own_calls(made: Project, server: ScriptedServer) -> None:
    with calls(server, 4) as asked:
        made.generate("--set", 'generation.tasks=["qa", "summary"]')
    assert all("summar" in question.prompt.casefold() for question in asked)
    check(made)
    assert made.run().metrics["by_task"] == {"qa": 2 * PROMPTS, "summary": 4}
    with calls(server, 0):
        made.generate()


def test_another_audience_is_another_prompt(made: Project, server: ScriptedServer) -> None:
    with calls(server, PROMPTS) as asked:
        made.generate("--set", 'generation.audience="night-shift operators"')
    assert all("night-shift operators" in question.prompt for question in asked)


def test_another_model_behind_the_same_name_is_asked_anew_and_the_first_one_remembered(
    made: Project, server: ScriptedServer
) -> None:
    first = made.run()
    server.models["scripted-1"] = "2" * 64
    server.script = lambda question: Answer(answer(question).text.replace("about", "on"))
    with calls(server, PROMPTS):
        made.generate()
    second = made.run()
    assert second.id != first.id
    assert all(" on " in example.messages[-1].content for example in made.examples())
    with calls(server, 0):
        made.generate()

    server.models["scripted-1"] = "1" * 64
    with calls(server, 0):
        made.generate()
    assert made.run().outputs == first.outputs
    assert all(" about " in example.messages[-1].content for example in made.examples())


def test_everything_is_asked_anew_on_request(made: Project, server: ScriptedServer) -> None:
    with calls(server, PROMPTS):
        done = made.generate("--refresh")
    assert "12 kept replies" in done.stdout
    check(made)
    with calls(server, 0):
        made.generate()


def test_the_chain_ends_where_nothing_new_came_of_it(made: Project, server: ScriptedServer) -> None:
    assert made.lore("curate", cwd=made.folder).returncode == 0
    with calls(server, PROMPTS):
        made.generate("--refresh")
    done = made.lore("curate", cwd=made.folder)
    (line,) = [line for line in done.stdout.splitlines() if " curate " in line and "lore" not in line]
    assert "up to date" in line
