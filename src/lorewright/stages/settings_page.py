"""docs/settings.md: every key of `lore.toml`, from the JSON Schema that `lore schema` prints.

`python -m lorewright.stages.settings_page > docs/settings.md` writes it.
"""

import json
from collections.abc import Iterator
from typing import Any

from lorewright.stages.settings import Settings

_HEAD = """\
# Settings

Every key of `lore.toml`. Only `project.name` and one source are required; everything else has a default. A key that is
not listed here is an error. `--set SECTION.KEY=VALUE` overrides one for a single command, and `lore schema` prints all
of them as JSON Schema.

Keys marked *no effect on results* make no stage stale when they change.
"""
_TABLE = "| Key | Default | Values | Meaning |\n| --- | --- | --- | --- |"
_TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
Schema = dict[str, Any]


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(line for name, section in sections() for line in _section(name, section))])


def sections() -> Iterator[tuple[str, Schema]]:
    """Yield each section's heading, as it is written in the file, with its part of the schema."""
    root = Settings.model_json_schema()
    yield from _inner(root, root["$defs"], "")


def _inner(schema: Schema, definitions: Schema, prefix: str) -> Iterator[tuple[str, Schema]]:
    for name, value in schema["properties"].items():
        if reference := _reference(value):
            inner = definitions[reference.rpartition("/")[2]]
            yield _heading(f"{prefix}{name}", value), inner
            below = f"{prefix}{name}.NAME." if "additionalProperties" in value else f"{prefix}{name}."
            yield from _inner(inner, definitions, below)


def _heading(name: str, value: Schema) -> str:
    if "items" in value:
        return f"[[{name}]]"
    return f"[{name}.NAME]" if "additionalProperties" in value else f"[{name}]"


def _section(name: str, schema: Schema) -> Iterator[str]:
    yield f"## {name}\n"
    note = schema["description"].removeprefix(name).removeprefix(":").strip()
    if note:
        yield f"{note[0].upper()}{note[1:]}\n"
    yield _TABLE
    required = schema.get("required", [])
    for key, value in schema["properties"].items():
        if not _reference(value):
            default = "required" if key in required else _default(value["default"])
            idle = "" if value.get("result", True) else " *No effect on results.*"
            yield f"| `{key}` | {default} | {_cell(_spoken(value))} | {_cell(value['description'])}{idle} |"
    yield ""


def _reference(value: Schema) -> str:
    """Return the section that a key stands for, empty for a plain value."""
    members = value.get("items") or value.get("additionalProperties")
    found: str = value.get("$ref") or (members.get("$ref", "") if isinstance(members, dict) else "")
    return found


def _spoken(schema: Schema) -> str:
    """Return in words which values a key may have."""
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " or ".join(_spoken(one) for one in schema["anyOf"] if one != {"type": "null"})
    if schema["type"] == "array":
        members = schema.get("prefixItems")
        return f"{len(members)} × {_spoken(members[0])}" if members else f"list of {_spoken(schema['items'])}"
    if schema["type"] == "object":
        return f"table of {_spoken(schema['additionalProperties'])}"
    bounds = [f"{sign} {schema[key]:g}" for key, sign in _BOUNDS.items() if key in schema]
    return ", ".join([_TYPES[schema["type"]], *bounds])


def _default(value: Any) -> str:
    return "not set" if value is None else f"`{_cell(json.dumps(value, ensure_ascii=False))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
