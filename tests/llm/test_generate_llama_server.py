"""`lore generate` before llama.cpp's own server: whatever a random model writes, nothing half is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from generated_project import PUMPS, Lore, Project, check, page  # type: ignore[import-not-found]

from lorewright.generation.task import own_task

PROMPT = "{{ about }}\n\n{{ passage }}\n\nSay how it is."
SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "word": {"type": "string", "pattern": "^[a-z]{3,9}$"},
                    "level": {"enum": ["low", "high"]},
                },
                "required": ["word", "level"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["notes"],
    "additionalProperties": False,
}
NOTES = """\
[generation.own.notes]
prompt = "notes.md"
answer_schema = "notes.json"
items = "notes"
messages = [
    { role = "user", content = "Which level has {{ item.word }} in {{ title }}?" },
    { role = "assistant", content = "It is {{ item.level }}." },
]
"""


@pytest.fixture(scope="module")
def llama(write_gguf: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(write_gguf(tmp_path_factory.mktemp("gguf") / "random.gguf", context=8192))
    params.n_ctx = 8192
    params.n_parallel = 2
    params.kv_unified = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    params.offline = True
    params.ui = False
    server = xllamacpp.Server(params)
    # A server that is freed before its loop has begun waits for the end of that loop for ever.
    server.handle_completions({"prompt": [0], "n_predict": 1})
    return server


@pytest.fixture
def project(llama: Any, tmp_path: Path, lore: Lore) -> Project:
    project = Project(tmp_path / "project", lore)
    for pump in PUMPS[:2]:
        project.write(f"docs/{pump}.md", page(pump))
    project.write("notes.md", PROMPT)
    project.write("notes.json", json.dumps(SCHEMA))
    project.configure(
        f"{llama.listening_address}/v1",
        tasks=("qa", "notes"),
        generation="temperature = 1.0\nmax_new_tokens = 160\nsamples = 2\nmax_failed = 1.0",
        more=NOTES,
    )
    return project


def test_every_call_is_accounted_for_and_what_is_kept_is_whole(project: Project) -> None:
    project.generate()
    mapping = {
        "items": "notes",
        "messages": [
            {"role": "user", "content": "Which level has {{ item.word }} in {{ title }}?"},
            {"role": "assistant", "content": "It is {{ item.level }}."},
        ],
    }
    notes = own_task("notes", prompt_text=PROMPT, schema=json.dumps(SCHEMA), mapping=mapping)
    check(project, own=[notes])
    made = project.run().metrics
    assert made["calls"] == 24
    assert set(made["by_outcome"]) <= {"as asked", "repaired", "cut", "healed", "invalid"}
    kept = [example for example in project.examples() if example.task == "notes"]
    assert kept
    assert {example.messages[-1].content for example in kept} <= {"It is low.", "It is high."}

    again = project.generate("--json")
    assert json.loads(again.stdout)["metrics"] == made
