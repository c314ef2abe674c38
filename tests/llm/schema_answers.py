"""Answers that satisfy a JSON schema, made of a prompt: the same prompt has the same answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COPIED = ("evidence", "quote", "span", "citation", "excerpt")
_MARKED = (
    re.compile(r"<(passage|chunk|document|text|code|source|excerpt)\b[^>]*>\n?(.*?)\n?</\1>", re.DOTALL),
    re.compile(r"(`{3,}|~{3,}|\"{3}|={3,}|-{3,})[^\n]*\n(.*?)\n\1", re.DOTALL),
)


def satisfying(schema: Mapping[str, Any], prompt: str, digest: str) -> Any:
    """Return a value that satisfies a schema: strings with the digest in them, `evidence` and the like copied."""
    return _Maker(schema, passage(prompt), digest).value(schema, "", ())


def passage(prompt: str) -> str:
    """Return the longest text between marks, or else the last paragraph."""
    for pattern in _MARKED:
        if found := [str(match.group(2)) for match in pattern.finditer(prompt)]:
            return max(found, key=len)
    return prompt.rstrip().rpartition("\n\n")[2]


@dataclass(frozen=True)
class _Maker:
    root: Mapping[str, Any]
    passage: str
    digest: str

    def value(self, schema: Mapping[str, Any], name: str, place: tuple[int, ...]) -> Any:
        if "$ref" in schema:
            return self.value(self._target(str(schema["$ref"])), name, place)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.value(schema[choice][0], name, place)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][int(self.digest[:8], 16) % len(schema["enum"])]
        kind = schema.get("type", "object")
        return self._of_kind(kind[0] if isinstance(kind, list) else kind, schema, name, place)

    def _target(self, reference: str) -> Any:
        target: Any = self.root
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        return target

    def _of_kind(self, kind: str, schema: Mapping[str, Any], name: str, place: tuple[int, ...]) -> Any:
        if kind == "object":
            return {key: self.value(part, key, place) for key, part in schema.get("properties", {}).items()}
        if kind == "array":
            count = min(max(schema.get("minItems", 0), 2), schema.get("maxItems", 2))
            item = schema.get("items", {"type": "string"})
            return [self.value(item, name, (*place, number)) for number in range(count)]
        if kind in {"integer", "number"}:
            return min(max(schema.get("minimum", 0), 1), schema.get("maximum", 1))
        return self._string(schema, name, place) if kind == "string" else {"boolean": True}.get(kind)

    def _string(self, schema: Mapping[str, Any], name: str, place: tuple[int, ...]) -> str:
        shortest = int(schema.get("minLength", 1))
        lines = [line.strip() for line in self.passage.splitlines() if len(line.strip()) >= shortest]
        line = lines[sum(place) % len(lines)] if lines else self.passage
        if any(word in name.casefold() for word in _COPIED):
            return line[: int(schema.get("maxLength", 400))]
        mark = f"{self.digest[:12]}{''.join(f'-{number}' for number in place)}"
        text = f"{name.capitalize() or 'Text'} {mark} about {line[:80]}"
        text = f"What does {text} say?" if "question" in name.casefold() else f"{text}."
        text += "." * (shortest - len(text))
        return text[: int(schema.get("maxLength", len(text)))]
