"""What is asked when documents, files and settings are odd: nothing twice, nothing that cannot be, no traceback."""

import json
import shutil

import pytest
from generated_project import PUMPS, Project, page  # type: ignore[import-not-found]
from scripted_http import Question, ScriptedServer  # type: ignore[import-not-found]

SUPPORT = (
    "\n## Support\n\n"
    + "Call the support line on any working day between eight and five, and give the number of the controller. "
    * 4
)
SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
OWN = """
[generation.own.mine]
prompt = "prompt.md"
answer_schema = "schema.json"
messages = [
    {{ role = "user", content = "What does the log of the pump house say of {{{{ reply.question }}}}?" }},
    {{ role = "assistant", content = "{{{{ reply.answer }}}}" }},
]
{more}
"""


def own_task(project: Project, server: ScriptedServer, prompt: str, more: str = "") -> None:
    project.write("prompt.md", prompt)
    project.write("schema.json", json.dumps(SCHEMA))
    project.configure(server.base_url, tasks=["mine"], more=OWN.format(more=more))


def summaries(server: ScriptedServer) -> list[Question]:
    return [question for question in server.asked if "Summarise it." in question.prompt]


@pytest.mark.parametrize("ending", ["md", "html"])
def test_a_rename_asks_nothing_though_documents_share_a_passage(
    pumps: Project, server: ScriptedServer, ending: str
) -> None:
    shutil.rmtree(pumps.folder / "docs")
    for pump in PUMPS:
        text = page(pump).replace(f"# The pump {pump}", "# The pump", 1) + SUPPORT
        if ending == "html":
            text = f"<title>Of {pump}</title><h1>Manual</h1><p>{page(pump)}</p><h2>Help</h2><p>{SUPPORT}</p>"
        pumps.write(f"docs/{pump.lower()}.{ending}", text)
    pumps.configure(server.base_url, tasks=["qa", "summary"])
    pumps.generate()
    asked, before = len(server.asked), {example.id for example in pumps.examples()}
    assert all("support line" in question.prompt for question in summaries(server))
    (pumps.folder / f"docs/ajax.{ending}").rename(pumps.folder / f"docs/zephyr.{ending}")
    pumps.generate()
    assert len(server.asked) == asked
    assert {example.id for example in pumps.examples()} == before


def test_a_document_that_two_strategies_cut_is_shown_once(pumps: Project, server: ScriptedServer) -> None:
    pumps.configure(server.base_url, tasks=["summary"])
    settings = (pumps.folder / "lore.toml").read_text(encoding="utf-8")
    pumps.write(
        "lore.toml", settings.replace("[chunking]", '[chunking]\nstrategies = ["headings", "windows"]')
    )
    pumps.generate()
    assert len(summaries(server)) == len(PUMPS)
    assert all(question.prompt.count("press\nthe green button") == 1 for question in summaries(server))


def test_an_own_task_of_whole_documents_is_made_of_logs_too(served: Project, server: ScriptedServer) -> None:
    lines = [f"2024-01-01 00:00:{number:02d} ERROR valve {number} did not open" for number in range(40)]
    served.write("docs/pumps.log", "\n".join(lines))
    own_task(served, server, "{{ passage }}", 'kinds = "log"\nper = "document"')
    served.generate()
    assert len(server.asked) == 1
    assert "valve 39 did not open" in server.asked[0].prompt


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}{{ passage }}", "recursion"),
        ("{{ passage }}{{ headings[5] if headings }}", "The prompt of 'mine' cannot be filled in"),
        ("{{ passage.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_template_that_fails_is_named_before_anything_is_asked(
    served: Project, server: ScriptedServer, prompt: str, reason: str
) -> None:
    own_task(served, server, prompt)
    told = served.generate(code=2).stderr
    assert reason in told
    assert not server.asked


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("samples = 3\ntemperature = 0.0", "3 samples at temperature 0 are the same answer"),
        ("max_new_tokens = 100000000000000000000", "max_new_tokens"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    pumps: Project, server: ScriptedServer, setting: str, reason: str
) -> None:
    pumps.configure(server.base_url, generation=setting)
    assert reason in pumps.generate(code=2).stderr


@pytest.mark.parametrize(
    "line",
    [b'{"question": "How does \xff start?"}', b'{"question": "How does \\ud800 start?"}', b"[1]", b"{"],
)
def test_a_line_that_is_no_question_is_named(pumps: Project, server: ScriptedServer, line: bytes) -> None:
    good = b'\xef\xbb\xbf{"question": "How do I start \xe2\x80\xa8 Dione?"}\n\n'
    (pumps.folder / "asked.jsonl").write_bytes(good + line)
    pumps.configure(server.base_url, tasks=["queries"], generation='queries = ["asked.jsonl"]')
    assert "asked.jsonl:3 is no question" in pumps.generate(code=1).stderr


@pytest.mark.parametrize("line", [b'{"path": "\xff"}', b'{"path": "\\ud800"}', b'{"path": 3}', b"[1]"])
def test_a_line_that_is_no_label_is_named(pumps: Project, server: ScriptedServer, line: bytes) -> None:
    (pumps.folder / "labels.jsonl").write_bytes(line)
    pumps.configure(server.base_url, tasks=["log_analysis"], generation='labels = ["labels.jsonl"]')
    assert "labels.jsonl:1 is no label" in pumps.generate(code=1).stderr


def test_a_passage_that_no_task_asks_about_is_left_out_with_its_reason(
    pumps: Project, server: ScriptedServer
) -> None:
    pumps.write("docs/short.md", "# Short\n\nSee above.\n")
    pumps.configure(server.base_url, tasks=["qa", "code_explanation"])
    pumps.generate()
    asked = {call.chunk_id for call in pumps.calls()}
    left_out = {one.record_id: one.reason for one in pumps.rejections() if one.filter == "unsuitable"}
    assert asked | left_out.keys() == pumps.chunks().keys()
    assert not asked & left_out.keys()
    assert "nothing for qa: it has fewer than 80 characters" in left_out.values()
    assert pumps.run().metrics["rejected"] == len(pumps.rejections())


def test_a_secret_reaches_no_prompt_as_a_name_or_with_signs_in_it_that_nobody_sees(
    pumps: Project, server: ScriptedServer
) -> None:
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    body = "".join(f"    step_{number} = open_valve({number}) + seconds\n" for number in range(6))
    pumps.write("docs/named.py", f"def {token}(seconds):\n{body}    return step_1\n")
    pumps.write(
        "docs/parted.html", f"<h1>Log in</h1><p>{SUPPORT}</p><p>Use {token[:12]}&#8203;{token[12:]}.</p>"
    )
    pumps.configure(server.base_url, tasks=["qa", "summary", "code_explanation"])
    pumps.generate()
    prompts = "".join(question.prompt for question in server.asked)
    assert "step_5" in prompts
    assert "support line" in prompts
    assert token[12:] not in prompts
