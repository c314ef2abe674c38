"""A name behind which another model answers than before: told by what the server calls it, when nothing else tells."""

import json
from collections.abc import Callable

from generated_project import Project, check, page  # type: ignore[import-not-found]
from scripted_http import Answer, Question, ScriptedServer, answer  # type: ignore[import-not-found]

PROMPTS = 12


def called(name: str) -> Callable[[Question], Answer]:
    """Return a script whose answers come from a model of that name, and tell of it."""

    def play(question: Question) -> Answer:
        text = answer(question).text.replace("Answer", f"Answer of {name}")
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return Answer(raw=json.dumps({"model": name, "choices": [choice]}).encode())

    return play


def answers(project: Project) -> str:
    return "\n".join(example.messages[-1].content for example in project.examples())


def test_replies_of_a_model_that_was_replaced_count_no_more(served: Project, server: ScriptedServer) -> None:
    server.script = called("m-1")
    served.generate()
    assert len(server.asked) == PROMPTS
    served.write("docs/hebe.md", page("Hebe"))
    server.script = called("m-2")
    done = served.generate(code=1)
    assert "office/scripted-1 is now 'm-2', and was 'm-1'" in done.stderr
    assert "lore generate" in done.stderr
    assert len(server.asked) <= PROMPTS + 3
    before = len(server.asked)
    served.generate()
    assert len(server.asked) == before + PROMPTS + 3
    check(served)
    assert "m-1" not in answers(served)
    assert {call.served_model for call in served.calls()} == {"m-2"}
    again = len(server.asked)
    served.generate()
    assert len(server.asked) == again


def test_the_plan_counts_what_a_replaced_model_is_asked_anew(served: Project, server: ScriptedServer) -> None:
    server.script = called("m-1")
    served.generate()
    served.write("docs/hebe.md", page("Hebe"))
    server.script = called("m-2")
    served.generate(code=1)
    plan = json.loads(served.generate("--dry-run", "--json").stdout)
    assert (plan["calls"], plan["kept"]) == (PROMPTS + 3, 0)


def test_a_server_that_answers_by_two_names_is_asked_anew_once(
    served: Project, server: ScriptedServer
) -> None:
    server.script = called("m-1")
    served.generate()
    served.write("docs/hebe.md", page("Hebe"))
    names = iter(("m-2", "m-1") * 100)

    def by_turns(question: Question) -> Answer:
        return called(next(names))(question)

    server.script = by_turns
    served.generate(code=1)
    served.generate()
    served.write("docs/iris.md", page("Iris"))
    before = len(server.asked)
    served.generate()
    assert len(server.asked) == before + 3
