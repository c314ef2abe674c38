"""schema: valid JSON Schema of every key, and docs/settings.md has every key of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from lorewright.stages.settings_page import page, sections

Lore = Callable[..., CompletedProcess[str]]
PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def schema(lore: Lore, folder: Path) -> dict[str, Any]:
    done = lore("schema", cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def parts(value: Any) -> list[dict[str, Any]]:
    """Return every schema inside a schema, itself first."""
    inner = [
        *value.get("properties", {}).values(),
        *value.get("$defs", {}).values(),
        *value.get("anyOf", []),
        *value.get("prefixItems", []),
        *([value["items"]] if "items" in value else []),
    ]
    return [value, *(part for one in inner for part in parts(one))]


def test_the_schema_is_well_formed_and_closed(lore: Lore, tmp_path: Path) -> None:
    root = schema(lore, tmp_path)
    assert root["required"] == ["project", "sources"]
    for part in parts(root):
        assert part.get("type", "object") in TYPES
        assert isinstance(part.get("enum", []), list)
        assert set(part.get("required", [])) <= part.get("properties", {}).keys()
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in root["$defs"]
        if "properties" in part:
            assert part["additionalProperties"] is False


def test_every_key_says_what_it_means(lore: Lore, tmp_path: Path) -> None:
    for name, section in schema(lore, tmp_path)["$defs"].items():
        for key, value in section["properties"].items():
            assert value.get("description") or "$ref" in value, f"{name}.{key}"


def test_the_page_has_every_section_and_key(lore: Lore, tmp_path: Path) -> None:
    written = page()
    defined = schema(lore, tmp_path)["$defs"]
    assert len(list(sections())) == len(defined)
    for heading, section in sections():
        table = written.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        keys = re.findall(r"^\| `(\w+)` \|", table, re.M)
        plain = [key for key, value in section["properties"].items() if "$ref" not in str(value)]
        assert keys == plain, heading
    for row in re.findall(r"^\| `.*$", written, re.M):
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row


def test_the_page_in_docs_is_the_one_that_the_settings_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m lorewright.stages.settings_page > docs/settings.md"
    )
