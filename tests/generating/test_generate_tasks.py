"""Tasks through the whole command: your own, real questions, questions shown with passages, several samples."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from generated_project import Project, page  # type: ignore[import-not-found]
from scripted_http import Answer, Question, ScriptedServer, answer  # type: ignore[import-not-found]

from lorewright.core.records import Example
from lorewright.llm.retrieval_template import RETRIEVAL

PROMPTS = 12
OWN = """\
[generation.own.hints]
prompt = "tasks/hints.md"
answer_schema = "tasks/hints.json"
items = "found.hints"
kinds = "prose"
evidence = ["{{ item.evidence }}"]
messages = [
    { role = "system", content = "You help operators of {{ project }}." },
    { role = "user", content = "{{ item.question }}" },
    { role = "assistant", content = "Hint: {{ item.hint }}" },
]
"""
TEXT = {"type": "string", "minLength": 10}
HINTS = {
    "type": "object",
    "properties": {
        "found": {
            "type": "object",
            "properties": {
                "hints": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"question": TEXT, "evidence": TEXT, "hint": TEXT},
                        "required": ["question", "evidence", "hint"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["hints"],
            "additionalProperties": False,
        }
    },
    "required": ["found"],
    "additionalProperties": False,
}
HINT_PROMPT = "You know pumps.\n<!-- user -->\n{{ about }}\n\n{{ passage }}\n\nGive hints."
_BLOCK = re.compile(r"^\[(\d+)\]\n<passage>\n(.*?)\n</passage>$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def own(served: Project, server: ScriptedServer) -> Project:
    """The project with a task of its own."""
    served.write("tasks/hints.md", HINT_PROMPT)
    served.write("tasks/hints.json", json.dumps(HINTS))
    served.configure(server.base_url, tasks=("hints",), more=OWN)
    return served


def test_a_task_of_your_own_is_a_prompt_a_schema_and_a_mapping(own: Project, server: ScriptedServer) -> None:
    own.generate()
    assert len(server.asked) == PROMPTS
    system, user = server.asked[0].body["messages"]
    assert system["content"].startswith("You know pumps.")
    assert user["content"].endswith("Give hints.")
    assert "<passage>\n#" in user["content"]
    assert server.asked[0].schema == HINTS
    examples = own.examples()
    assert len(examples) == 2 * PROMPTS
    chunks = own.chunks()
    for example in examples:
        assert [turn.role for turn in example.messages] == ["system", "user", "assistant"]
        assert example.messages[0].content == "You help operators of Pumphouse."
        assert example.messages[2].content.startswith("Hint: Hint ")
        (piece,) = example.evidence
        assert chunks[piece.chunk_id].text[piece.start : piece.end] == piece.quote
        assert (example.task, example.origin) == ("hints", "office/scripted-1")


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("tasks/hints.md", None, "tasks/hints.md"),
        ("tasks/hints.json", '{"type": "objekt"}', "tasks/hints.json is no JSON schema"),
        ("tasks/hints.json", '{"type": ', "tasks/hints.json is no JSON"),
        ("tasks/hints.md", "{{ passage }} {{ headngs }}", "'headings'"),
        ("tasks/hints.md", "{{ passage ", "tasks/hints.md"),
        ("tasks/hints.md", "Say something.", "passage"),
    ],
    ids=["no prompt", "no schema", "no JSON", "unknown name", "no template", "shows nothing"],
)
def test_a_task_that_cannot_be_used_is_named_before_anything_is_asked(
    path: str, text: str | None, told: str, own: Project, server: ScriptedServer
) -> None:
    if text is None:
        (own.folder / path).unlink()
    else:
        own.write(path, text)
    done = own.generate(code=2)
    assert told in done.stderr
    assert done.stderr.count("error:") == 1
    assert "next:" in done.stderr
    assert server.asked == []


def test_a_mapping_that_names_what_the_schema_has_not_is_told(own: Project, server: ScriptedServer) -> None:
    own.configure(server.base_url, tasks=("hints",), more=OWN.replace("item.hint }", "item.hnt }"))
    done = own.generate(code=2)
    assert "hnt" in done.stderr
    assert "'hint'" in done.stderr
    assert server.asked == []


def test_a_task_of_your_own_takes_no_name_that_is_there(own: Project, server: ScriptedServer) -> None:
    own.configure(server.base_url, tasks=("qa",), more=OWN.replace("own.hints", "own.qa"))
    done = own.generate(code=2)
    assert "'qa'" in done.stderr
    assert server.asked == []


def test_several_samples_are_several_answers(served: Project, server: ScriptedServer) -> None:
    served.generate("--set", "generation.samples=3")
    assert len(server.asked) == 3 * PROMPTS
    seeds = Counter(question.body["seed"] for question in server.asked)
    assert seeds == {0: PROMPTS, 1: PROMPTS, 2: PROMPTS}
    assert {question.body["temperature"] for question in server.asked} == {0.7}
    examples = served.examples()
    assert len(examples) == 3 * 2 * PROMPTS
    assert Counter(example.metadata["sample"] for example in examples) == dict.fromkeys(range(3), 2 * PROMPTS)
    served.generate("--set", "generation.samples=4")
    assert len(server.asked) == 4 * PROMPTS


def test_wishes_reach_the_prompt(served: Project, server: ScriptedServer) -> None:
    wishes = {
        "audience": "operators on their first day",
        "difficulty": "advanced",
        "style": "short and plain",
        "answer_language": "Swedish",
    }
    served.generate(
        *(part for name, value in wishes.items() for part in ("--set", f"generation.{name}={value}"))
    )
    for question in server.asked:
        assert all(value in question.prompt for value in wishes.values())


def test_no_prompt_holds_a_path(served: Project, server: ScriptedServer) -> None:
    served.write("docs/a-most-secret-folder/plain.txt", "Nobody gave this text about Ajax a title. " * 12)
    served.generate("--task", "qa", "--task", "summary", "--task", "code_explanation", "--task", "refusal")
    assert any("Nobody gave this text" in question.prompt for question in server.asked)
    for question in server.asked:
        assert "most-secret" not in question.prompt
        assert ".md" not in question.prompt.partition("<passage>\n")[2]


def citing(question: Question) -> Answer:
    """Answer a real question from its first passage."""
    if question.schema is not None:
        return answer(question)
    first = _BLOCK.search(question.prompt)
    assert first
    return Answer(f"{first[2].splitlines()[-1][:60]} [1]")


@pytest.fixture
def asked(served: Project, server: ScriptedServer) -> Project:
    """The project with real questions, one of which is a test question."""
    server.script = citing
    questions = [
        "How do I start Ajax?",
        "When does Ceres raise an alarm?",
        "How do I  start Ajax?",
        "how do I start Boreas?",
    ]
    served.write("asked.jsonl", "".join(json.dumps({"question": one}) + "\n" for one in questions))
    held_out = {"question": "How do I start Boreas?", "path": "boreas.md"}
    served.write("questions.jsonl", json.dumps(held_out) + "\n")
    served.configure(
        server.base_url,
        tasks=("queries",),
        generation='queries = ["asked.jsonl"]',
        more='[dataset]\nquestions = "questions.jsonl"\n\n[ask]\nmodel = "office/scripted-1"\n\n'
        "[evaluation]\npassages = 5\ncontext_chars = 6000",
    )
    return served


def test_real_questions_are_answered_from_passages_and_test_questions_never(
    asked: Project, server: ScriptedServer
) -> None:
    asked.generate()
    told = [question.prompt.rpartition("Question: ")[2] for question in server.asked]
    assert sorted(told) == ["How do I start Ajax?", "When does Ceres raise an alarm?"]
    examples = asked.examples()
    assert [example.prompt for example in examples] == sorted(told)
    chunks = asked.chunks()
    for example in examples:
        assert example.messages[-1].content.endswith("[1]")
        assert example.evidence
        assert example.evidence[0].quote in chunks[example.evidence[0].chunk_id].text
    reasons = {one.name: one.reason for one in asked.rejections()}
    assert reasons == {
        "How do I start Ajax?": "it was asked before",
        "how do I start Boreas?": "it is a test question (questions.jsonl)",
    }


def test_a_real_question_is_shown_the_prompt_that_serving_shows(
    asked: Project, server: ScriptedServer
) -> None:
    asked.generate()
    (generated,) = [one.body["messages"] for one in server.asked if one.prompt.endswith("start Ajax?")]
    done = asked.lore("ask", "How do I start Ajax?", cwd=asked.folder)
    assert done.returncode == 0, done.stderr
    assert server.asked[-1].body["messages"] == generated
    assert asked.examples()[0].messages[0].content == generated[0]["content"]


def test_an_answer_that_cites_nothing_is_left_out(asked: Project, server: ScriptedServer) -> None:
    server.script = Answer("It starts with the green button.")
    asked.generate()
    assert asked.examples() == []
    assert {one.reason for one in asked.rejections()} >= {"cites no passage"}


def blocks(example: Example) -> dict[int, str]:
    """Return the passages that an example shows, by their numbers."""
    return {int(number): text for number, text in _BLOCK.findall(example.messages[0].content)}


def test_questions_with_passages_cite_the_one_that_proves_the_answer(
    served: Project, server: ScriptedServer
) -> None:
    for name in ("Hebe", "Iris", "Juno", "Kore"):
        served.write(f"docs/{name}.md", page(name))
    served.generate("--task", "grounded_qa", "--set", "generation.unanswerable=0.4")
    asked = len(server.asked)
    assert asked == PROMPTS + 12
    examples = served.examples()
    assert {example.task for example in examples} == {"grounded_qa"}
    refused = [example for example in examples if example.metadata.get("refusal")]
    proven = [example for example in examples if not example.metadata.get("refusal")]
    assert refused
    assert proven
    numbers = Counter[int]()
    for example in proven:
        prompt, said = (turn.content for turn in example.messages)
        assert prompt.startswith(RETRIEVAL.instruction)
        assert prompt.endswith(f"Question: {example.metadata['question']}")
        shown = blocks(example)
        (piece,) = example.evidence
        marks = [int(one) for one in re.findall(r"\[(\d+)\]", said)]
        numbers.update(marks)
        assert marks
        assert [number for number, text in shown.items() if piece.quote in text] == marks
    assert len(numbers) > 1
    for example in refused:
        assert example.messages[-1].content == RETRIEVAL.refusal
        assert not any(example.evidence[0].quote in text for text in blocks(example).values())

    # Beside `qa` it costs nothing.
    served.generate("--task", "grounded_qa", "--task", "qa", "--set", "generation.unanswerable=0.4")
    assert len(server.asked) == asked
    assert served.run().metrics["by_task"]["qa"] == 2 * asked


LINE = "2024-05-01T10:00:0{} ERROR pump.ajax: pressure of Ajax too high, stopped after {} s"


def log(first: int) -> str:
    """Return a log of eight lines."""
    return "".join(LINE.format(number, number + first) + "\n" for number in range(8))


def analysis(seconds: int, category: str) -> dict[str, Any]:
    """Return what is to be said of a log."""
    message = f"pressure of Ajax too high, stopped after {seconds} s"
    return {
        "error_message": message,
        "raw_error_lines": [f"ERROR pump.ajax: {message}"],
        "related_logs": [],
        "llm_reasoning": "A closed valve raises the pressure of Ajax.",
        "category": category,
        "severity": "high",
        "suggested_actions": ["Open the valve of Ajax."],
        "confidence": 0.9,
    }


def test_logs_with_a_label_are_not_asked_about_and_the_others_are(
    served: Project, server: ScriptedServer
) -> None:
    served.write("docs/known.log", log(5))
    served.write("docs/new.log", log(3))
    label = {"path": "known.log", "analysis": analysis(5, "resource_error"), "template": "a"}
    served.write("labels.jsonl", json.dumps(label) + "\n")
    served.configure(server.base_url, tasks=("log_analysis",), generation='labels = ["labels.jsonl"]')
    server.script = Answer(json.dumps(analysis(3, "resource_error")))
    served.generate()
    (question,) = server.asked
    assert "stopped after 3 s" in question.prompt
    assert [example.origin for example in served.examples()] == ["import", "office/scripted-1"]


def test_categories_of_logs_are_those_of_the_settings(served: Project, server: ScriptedServer) -> None:
    served.write("docs/new.log", log(3))
    served.configure(
        server.base_url,
        tasks=("log_analysis",),
        generation="max_failed = 1.0",
        more='[log_analysis]\ncategories = ["valve", "motor"]',
    )
    server.script = Answer(json.dumps(analysis(3, "valve")))
    served.generate()
    (question,) = server.asked
    assert question.schema is not None
    assert question.schema["properties"]["category"]["enum"] == ["valve", "motor"]
    (example,) = served.examples()
    assert json.loads(example.messages[-1].content)["category"] == "valve"
    served.generate("--set", 'log_analysis.categories=["motor"]')
    assert served.examples() == []
    assert served.run().metrics["by_outcome"] == {"invalid": 1}
