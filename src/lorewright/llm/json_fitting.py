"""A JSON value held against the schema that was asked for: what is wanted is kept as it is, the rest named."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from lorewright.core.errors import ConfigError
from lorewright.core.records import Metadata
from lorewright.llm.json_reading import ListPlace

_LONGEST_PROBLEM = 200


class Fitted(NamedTuple):
    """A value that satisfies its schema, or the reason why none does.

    Attributes:
        value: None where there is a problem.
        dropped: What was left out to get there, each with its place and reason.
        wrapped: Whether a list was put into its object, or one item into its list.
    """

    value: Any
    problem: str = ""
    dropped: tuple[str, ...] = ()
    wrapped: bool = False


def require_schema(schema: Metadata) -> None:
    """Raise ConfigError unless a schema is one of JSON Schema's draft 2020-12 that refers to itself only."""
    _validator(json.dumps(schema, sort_keys=True))


def list_place(schema: Metadata) -> ListPlace | None:
    """Return where an answer's list stands, None where the answer is a single object.

    An answer is a list where the schema is an array, or an object with one array of objects among its properties
    or with an array as its only property.
    """
    if schema.get("type") == "array":
        return ListPlace(None)
    properties = {key: _resolved(schema, part) for key, part in schema.get("properties", {}).items()}
    arrays = [key for key, part in properties.items() if part.get("type") == "array"]
    rows = [key for key in arrays if _resolved(schema, properties[key].get("items")).get("type") == "object"]
    if len(rows) == 1:
        return ListPlace(rows[0])
    return ListPlace(arrays[0]) if len(arrays) == len(properties) == 1 else None


def fit(value: Any, schema: Metadata) -> Fitted:
    """Return a value as its schema wants it.

    A bare list is put into the object that wants one, a bare item into its list. Keys that no schema allows are
    left out, for models like to add an explanation; so are the items of the answer's list that do not satisfy
    it, and those beyond its `maxItems`, as long as one and `minItems` are left. Nothing is converted, nothing
    filled in.

    Raises:
        ConfigError: The schema is none.
    """
    if _is_schema(value, schema):
        return Fitted(None, "it repeats the schema instead of filling it in")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return Fitted(None, "it holds half a character (a lone surrogate)")
    except (ValueError, RecursionError):
        return Fitted(None, "it holds a number that is too large, or is nested too deep")
    validator = _validator(json.dumps(schema, sort_keys=True))
    dropped: list[str] = []
    try:
        if validator.is_valid(value):
            return Fitted(value)
        place = list_place(schema)
        shaped = _shaped(value, place)
        left = _without_extra_keys(shaped, validator, dropped)
        if place is not None:
            left = _without_bad_items(left, place, schema, validator, dropped)
        first = next(validator.iter_errors(left), None)
    except (ValueError, RecursionError):
        return Fitted(None, "it is nested too deep")
    if first is not None:
        return Fitted(None, _said(first), tuple(dropped))
    return Fitted(left, "", tuple(dropped), wrapped=shaped is not value)


def _shaped(value: Any, place: ListPlace | None) -> Any:
    if place is None:
        return value
    if place.key is None:
        return [value] if isinstance(value, dict) else value
    if isinstance(value, list):
        return {place.key: value}
    return {place.key: [value]} if isinstance(value, dict) and place.key not in value else value


def _without_extra_keys(value: Any, validator: Any, dropped: list[str]) -> Any:
    extra = [
        (tuple(error.instance_path), key)
        for error in validator.iter_errors(value)
        if error.kind.name in {"additionalProperties", "unevaluatedProperties"}
        for key in error.kind.unexpected
    ]
    if not extra:
        return value
    copy = json.loads(json.dumps(value))
    for path, key in extra:
        holder = copy
        for step in path:
            holder = holder[step]
        del holder[key]
        dropped.append(f"{_path((*path, key))}: not asked for")
    return copy


def _without_bad_items(
    value: Any, place: ListPlace, schema: Metadata, validator: Any, dropped: list[str]
) -> Any:
    depth = 0 if place.key is None else 1
    items = value if place.key is None else value.get(place.key) if isinstance(value, dict) else None
    if not isinstance(items, list):
        return value
    reasons: dict[int, str] = {}
    for error in validator.iter_errors(value):
        path = list(error.instance_path)
        if len(path) > depth and path[:depth] == [place.key][:depth] and isinstance(path[depth], int):
            reasons.setdefault(path[depth], _said(error))
    good = [item for number, item in enumerate(items) if number not in reasons]
    limits = schema if place.key is None else _resolved(schema, schema["properties"][place.key])
    most = limits.get("maxItems", len(good))
    if not good:
        return value
    dropped.extend(reasons.values())
    if len(good) > most:
        dropped.append(f"{place.key or 'the list'}: {len(good) - most} more than the {most} asked for")
    if len(items) == len(good[:most]):
        return value
    return good[:most] if place.key is None else value | {place.key: good[:most]}


def _is_schema(value: Any, schema: Metadata) -> bool:
    if not isinstance(value, dict):
        return False
    own = {"$schema", "type", "properties"} & value.keys() - schema.get("properties", {}).keys()
    return value == schema or "$schema" in own or own >= {"type", "properties"}


def _resolved(schema: Metadata, part: Any) -> Metadata:
    """Return a part of a schema, or what its reference to a definition of the same schema names."""
    for _ in range(8):
        if not isinstance(part, dict):
            return {}
        reference = part.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return part
        part = schema
        for step in reference[2:].split("/"):
            part = part.get(step) if isinstance(part, dict) else None
    return {}


def _said(error: Any) -> str:
    path = _path(error.instance_path)
    message = str(error.message)[:_LONGEST_PROBLEM]
    return f"{path}: {message}" if path else message


def _path(steps: Any) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(json.loads(schema), mask="the value", retriever=_refuse)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        said = str(getattr(error, "message", error))[:_LONGEST_PROBLEM]
        raise ConfigError(
            f"the answer's schema is no JSON schema: {said}", hint="see json-schema.org"
        ) from error


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri} is not looked up")
