"""A user's own task: the same shape as the built-in ones, and every mistake in it named before anything is asked."""

import json
import tomllib
from typing import Any

import pytest
from task_materials import evidence_stands, material_of  # type: ignore[import-not-found]

from lorewright.core.errors import ConfigError
from lorewright.core.records import Example
from lorewright.generation.prompting import make_request
from lorewright.generation.reading import read_items
from lorewright.generation.task import Task, builtin_names, builtin_task, own_task

PROMPT = """
You collect settings.
<!-- user -->
{{ about }}
{{ passage }}
List at most {{ pairs }}.
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "found": {
            "type": "object",
            "properties": {
                "settings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "items": {"type": "string"},
                            "quote": {"type": "string"},
                            "note": {"type": "string"},
                        },
                        "required": ["items", "quote"],
                    },
                }
            },
            "required": ["settings"],
        }
    },
    "required": ["found"],
}
MAPPING = """
items = "found.settings"
evidence = ["{{ item.quote }}"]
kinds = "prose"
messages = [
    { role = "user", content = "What is the setting `{{ item.items }}`{{ ' of ' ~ project if project }} for?" },
    { role = "assistant", content = "{{ item.quote }}" },
]
"""


def task(prompt: str = PROMPT, schema: Any = SCHEMA, mapping: str = MAPPING) -> Task:
    return own_task(
        "settings",
        prompt_text=prompt,
        schema=schema if isinstance(schema, str) else json.dumps(schema),
        mapping=tomllib.loads(mapping),
        prompt_name="prompts/settings.md",
        schema_name="prompts/settings.json",
    )


def test_a_task_from_toml_asks_and_reads_like_a_built_in_one() -> None:
    own, material = task(), material_of()
    request = make_request(own, material)
    assert request.messages[0].content == "You collect settings."
    assert request.messages[1].content.startswith("Project: Acme")
    quote = "Set `retries` to a number from 1 to 10 to turn them on."
    reply = {"found": {"settings": [{"items": "retries", "quote": quote}]}}
    (example,) = read_items(own, material, reply, origin="a/b")
    assert isinstance(example, Example)
    assert (example.task, example.origin) == ("settings", "a/b")
    assert [turn.content for turn in example.messages] == [
        "What is the setting `retries` of Acme for?",
        quote,
    ]
    assert evidence_stands(example, material.pieces)


def test_a_prompt_without_a_border_is_the_user_s_turn_alone() -> None:
    request = make_request(task("List settings.\n---\n{{ passage }}"), material_of())
    assert [turn.role for turn in request.messages] == ["user"]


def test_without_evidence_templates_the_whole_passage_is_the_evidence() -> None:
    own = task(mapping=MAPPING.replace('evidence = ["{{ item.quote }}"]\n', ""))
    material = material_of()
    reply = {"found": {"settings": [{"items": "retries", "quote": "off by default, as it were"}]}}
    (example,) = read_items(own, material, reply, origin="a/b")
    assert isinstance(example, Example)
    assert [one.quote for one in example.evidence] == [material.pieces[0].chunk.text]


def test_a_user_s_turn_with_the_passage_in_it_may_point_at_it() -> None:
    shown = MAPPING.replace("What is the setting", "In the text below, what is this?\\n{{ text }}\\n")
    reply = {"found": {"settings": [{"items": "retries", "quote": "off by default"}]}}
    (example,) = read_items(task(mapping=shown), material_of(), reply, origin="a/b")
    assert isinstance(example, Example)


@pytest.mark.parametrize(
    ("change", "said", "hint"),
    [
        ({"prompt": "{{ pasage }}"}, "prompts/settings.md: there is no variable 'pasage'", "'passage'"),
        ({"prompt": "{{ passage }} {{ item.quote }}"}, "prompts/settings.md", "before there is a reply"),
        ({"prompt": "List the settings."}, "prompts/settings.md does not show the passage", "{{ passage }}"),
        ({"prompt": "{{ passage }}\n{% if %}"}, "prompts/settings.md:2 is no Jinja template", "jinja"),
        ({"prompt": "{{ passage | upcase }}"}, "prompts/settings.md", "jinja"),
        ({"schema": "{"}, "prompts/settings.json is no JSON", "mend"),
        ({"schema": "[]"}, "prompts/settings.json holds no JSON object", "mend"),
        ({"schema": {"type": "objekt"}}, "prompts/settings.json is no JSON schema", "json-schema"),
        ({"schema": {"$ref": "http://127.0.0.1:1/x.json"}}, "another schema", "into the file itself"),
        ({"schema": {"enum": "$kinds"}}, "no parameter '\\$kinds'", ""),
        ({"mapping": MAPPING.replace("found.settings", "found.setings")}, "'setings'", "'settings'"),
        ({"mapping": MAPPING.replace('"found.settings"', '"found"')}, "no list", "array"),
        ({"mapping": MAPPING.replace("{{ item.quote }}", "{{ item.qoute }}")}, "item.qoute", "'quote'"),
        ({"mapping": MAPPING.replace("{{ item.quote }}", "{{ itm.quote }}")}, "'itm'", "'item'"),
        ({"mapping": MAPPING.replace("{{ item.quote }}", "{{ item.note }}")}, "note", "default"),
        ({"mapping": MAPPING.replace("{{ item.quote }}", "{{ item.quote ")}, "no Jinja template", "jinja"),
        ({"mapping": MAPPING.replace("kinds", "kind")}, "unknown key 'kind'", "'kinds'"),
        ({"mapping": MAPPING.replace('"assistant"', '"user"')}, "messages", "assistant"),
        ({"mapping": MAPPING.replace('"assistant"', '"bot"')}, "messages.1.role", "schema"),
    ],
)
def test_a_mistake_is_named_with_the_nearest_known_name(change: dict[str, Any], said: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        task(**change)
    assert hint in error.value.hint


def test_an_optional_property_may_have_a_default() -> None:
    own = task(
        mapping=MAPPING.replace('"{{ item.quote }}" }', "\"{{ item.note | default('nothing noted') }}\" }")
    )
    reply = {"found": {"settings": [{"items": "retries", "quote": "off by default"}]}}
    (example,) = read_items(own, material_of(), reply, origin="a/b")
    assert example.messages[-1].content == "nothing noted"  # type: ignore[union-attr]


def test_references_inside_a_schema_are_followed() -> None:
    pair = SCHEMA["properties"]["found"]["properties"]["settings"]["items"]  # type: ignore[index]
    rows = {"type": "array", "items": {"$ref": "#/$defs/pair"}}
    schema = {"type": "object", "properties": {"rows": rows}, "required": ["rows"], "$defs": {"pair": pair}}
    assert task(schema=schema, mapping=MAPPING.replace("found.settings", "rows")).items == "rows"
    with pytest.raises(ConfigError, match=r"item\.quot "):
        task(
            schema=schema,
            mapping=MAPPING.replace("found.settings", "rows").replace("item.quote", "item.quot"),
        )


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": PROMPT + "Be brief."},
        {"schema": {**SCHEMA, "title": "settings"}},
        {"mapping": MAPPING.replace("for?", "good for?")},
        {"mapping": MAPPING + "\nversion = 2"},
    ],
)
def test_the_digest_changes_with_prompt_schema_and_mapping(change: dict[str, Any]) -> None:
    assert task(**change).digest != task().digest


def test_digests_are_stable_and_no_two_tasks_share_one() -> None:
    assert task().digest == task().digest
    assert len({builtin_task(name).digest for name in builtin_names()}) == len(builtin_names())


def test_a_template_cannot_reach_python() -> None:
    with pytest.raises(ConfigError, match="cannot be filled in"):
        task(prompt="{{ passage }}{{ passage.__class__.__mro__ }}")
