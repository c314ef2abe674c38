"""What a task must satisfy before anything is asked: its schema, and the names that its templates use."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ConfigError
from lorewright.core.records import Metadata
from lorewright.generation.material import Material
from lorewright.llm.rendering import names, nearest, require_filled, require_known

if TYPE_CHECKING:
    from lorewright.generation.task import Task

_OF_A_REPLY = dict.fromkeys(("reply", "item"), "the prompt is made before there is a reply")
_DEFAULT = "what a reply may lack needs a default: {{ item.name | default('') }}"


def read_schema(text: str, parameters: Mapping[str, Any], *, where: str) -> Metadata:
    """Return a JSON schema in which each `"enum": "$name"` is the list of that parameter.

    Raises:
        ConfigError: It is no JSON object, no schema (draft 2020-12), or refers to another file.
    """
    from jsonschema_rs import ReferencingError, ValidationError, meta

    try:
        schema = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{where} is no JSON: {error}.", f"mend {where}") from error
    if not isinstance(schema, dict):
        raise ConfigError(f"{where} holds no JSON object but {str(schema)[:60]!r}.", f"mend {where}")
    schema = {name: _filled(value, parameters, where, name) for name, value in schema.items()}
    try:
        meta.validate(schema)
    except (ValidationError, ReferencingError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise ConfigError(f"{where} is no JSON schema: {said}.", "see json-schema.org/learn") from error
    return schema


def _filled(node: Any, parameters: Mapping[str, Any], where: str, key: str = "") -> Any:
    if isinstance(node, dict):
        return {name: _filled(value, parameters, where, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, parameters, where) for value in node]
    if not isinstance(node, str):
        return node
    if key == "$ref" and not node.startswith("#"):
        raise ConfigError(
            f"{where} refers to another schema, {node!r}.", "write that part into the file itself"
        )
    if key == "enum":
        name = node.removeprefix("$")
        if name not in parameters:
            raise ConfigError(f"{where}: there is no parameter {node!r}.", nearest(name, parameters))
        return list(parameters[name])
    return node


def check_prompt(task: "Task", *, where: str) -> None:
    """Check that a prompt shows the passage and names only what there is.

    Raises:
        ConfigError: Names the variable, and the nearest known one.
    """
    known = _prompt_variables(task)
    used: set[str] = set()
    for template in (task.system, task.user):
        found = names(template, where=where)
        require_known(found, known, where=where, hints=_OF_A_REPLY)
        used |= found.keys()
    if "passage" not in used:
        raise ConfigError(f"{where} does not show the passage.", "write {{ passage }} where it is to stand")
    for template in (task.system, task.user):
        require_filled(template, {**_some(task), **task.parameters}, where=where, hint=_DEFAULT)


def check_mapping(task: "Task", *, where: str, schema_name: str) -> None:
    """Check that paths and templates of a mapping name what the reply has.

    Raises:
        ConfigError: Names the property or variable, and the nearest known one.
    """
    item = _listed_schema(task.answer_schema, task.items, task.answer_schema, where, "items", schema_name)
    schemas = {"reply": task.answer_schema, "item": item}
    if task.each:
        schemas["turn"] = _listed_schema(item, task.each, task.answer_schema, where, "each", schema_name)
    known = {*_prompt_variables(task), "text", "code", *schemas}
    reply = sample_of(task.answer_schema, task.answer_schema)
    trial = {**_some(task), "text": "text", "code": "code", "reply": reply, "item": _first(reply, task.items)}
    if task.each:
        trial["turn"] = _first(trial["item"], task.each)
    templates = [message.content for message in task.messages] + [*task.evidence, *task.copied]
    for template in templates:
        at = f"{where}: {template[:60]!r}"
        found = names(template, where=at)
        require_known(found, known, where=at)
        for variable in found.keys() & schemas.keys():
            for chain in found[variable]:
                _check_chain(chain, schemas[variable], task.answer_schema, f"{at}: {variable}", schema_name)
        if is_valid(reply, task.answer_schema):
            require_filled(template, trial, where=at, hint=_DEFAULT)
    roles = [message.role for message in task.messages if message.role != "system"]
    if roles[-1:] != ["assistant"] or "user" not in roles:
        raise ConfigError(
            f"{where}: the messages are of {', '.join(message.role for message in task.messages)}.",
            "an example has a message of the user and ends with one of the assistant",
        )


def _prompt_variables(task: "Task") -> set[str]:
    return {*_some(task)} | {*task.parameters}


def _some(task: "Task") -> dict[str, Any]:
    from lorewright.generation.prompting import variables

    return variables(task, Material("", "", "", (), "text", ()))


def _resolved(schema: Any, root: Metadata) -> Metadata:
    for _ in range(20):
        if not isinstance(schema, dict) or "$ref" not in schema:
            break
        node: Any = root
        for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
            node = (
                node.get(part.replace("~1", "/").replace("~0", "~"), {})
                if part and isinstance(node, dict)
                else node
            )
        schema = node
    return schema if isinstance(schema, dict) else {}


def _listed_schema(
    schema: Metadata, path: str, root: Metadata, where: str, key: str, schema_name: str
) -> Metadata:
    """Return the schema of the entries of the list at a dotted path."""
    current = _resolved(schema, root)
    for part in filter(None, path.split(".")):
        properties = current.get("properties", {})
        if part not in properties:
            raise ConfigError(
                f"{where}: `{key}` is {path!r}, but {schema_name} has no property {part!r}.",
                nearest(part, properties),
            )
        current = _resolved(properties[part], root)
    if current.get("type") == "array":
        return _resolved(current.get("items", {}), root)
    if path:
        raise ConfigError(
            f"{where}: `{key}` is {path!r}, which is no list in {schema_name}.",
            "name a property of type array",
        )
    return current


def _check_chain(
    chain: Sequence[str], schema: Metadata, root: Metadata, where: str, schema_name: str
) -> None:
    current = _resolved(schema, root)
    for part in chain:
        properties = current.get("properties")
        if not isinstance(properties, dict):
            return
        if part not in properties:
            raise ConfigError(f"{where}.{part} is no property in {schema_name}.", nearest(part, properties))
        current = _resolved(properties[part], root)


def _first(value: Any, path: str) -> Any:
    for part in filter(None, path.split(".")):
        value = value.get(part) if isinstance(value, dict) else None
    return value[0] if isinstance(value, list) and value else value


def is_valid(value: Any, schema: Metadata) -> bool:
    """Whether a value satisfies a schema."""
    from jsonschema_rs import is_valid as satisfies

    return satisfies(schema, value)


def sample_of(schema: Any, root: Metadata, depth: int = 0) -> Any:
    """Return a small value of a schema: required properties, lists with an entry; good enough to try templates on."""
    schema = _resolved(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return sample_of(schema[choice][0], root, depth + 1)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        return (
            {name: sample_of(properties.get(name), root, depth + 1) for name in required}
            if depth < 20
            else {}
        )
    if kind == "array":
        return [sample_of(schema.get("items"), root, depth + 1)] * max(1, schema.get("minItems", 1))
    if kind in {"integer", "number"}:
        return schema.get("minimum", 0)
    if kind in {"boolean", "null"}:
        return None if kind == "null" else True
    return "sample".ljust(schema.get("minLength", 0), "s")[: schema.get("maxLength", 1 << 20)]
