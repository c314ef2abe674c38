"""The mechanism of `lore.toml`: read, override, check strictly, name the nearest known key."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lorewright.core.errors import ConfigError

S = TypeVar("S", bound=BaseModel)


class Section(BaseModel):
    """A part of the settings tree: frozen, an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def no_effect(default: Any, description: str, **constraints: Any) -> Any:
    """Declare a setting that cannot change a result, so that it stays out of run ids."""
    return Field(default, description=description, json_schema_extra={"result": False}, **constraints)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises:
        ConfigError: The file is no valid TOML; the message has the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", f"mend that line in {path.name}") from error
    except PermissionError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", f"check who owns {path.name}"
        ) from error


def override(tree: dict[str, Any], assignments: Sequence[str]) -> dict[str, Any]:
    """Return the tree with `key.path=value` assignments laid over it; values are TOML, or else plain text."""
    result = _copied(tree)
    for assignment in assignments:
        key, equals, raw = assignment.partition("=")
        if not equals or not key.strip():
            raise ConfigError(
                f"--set {assignment!r} is not KEY=VALUE.", "write for example --set training.epochs=1"
            )
        *parents, last = key.strip().split(".")
        node = result
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                raise ConfigError(f"--set {key}: {parent!r} is not a section.", "see `lore schema`")
        node[last] = _toml_value(raw.strip())
    return result


def check(tree: dict[str, Any], model: type[S], *, where: str) -> S:
    """Return the checked settings.

    Raises:
        ConfigError: Names the first offending key with its value and, for an unknown one, the nearest known.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise _explain(error, model, where) from error


def result_settings(settings: BaseModel) -> dict[str, Any]:
    """Return the settings that affect a result, as JSON values."""
    kept: dict[str, Any] = {}
    for name, field in type(settings).model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("result") is False:
            continue
        kept[name] = _plain(getattr(settings, name))
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return result_settings(value)
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return str(value) if isinstance(value, Path) else value


def _copied(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in tree.items()}


def _toml_value(raw: str) -> Any:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw


def _explain(error: ValidationError, model: type[BaseModel], where: str) -> ConfigError:
    # A misspelt key may also be a missing one; its spelling is the cause.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    location = [part for part in first["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    dotted = ".".join(str(part) for part in location)
    if first["type"] == "extra_forbidden":
        known = known_keys(model, location[:-1])
        near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known there: {', '.join(known)}"
        return ConfigError(f"{where}: unknown key {dotted!r}.", hint)
    value = first.get("input")
    shown = "" if first["type"] in {"missing", "value_error"} else f" (it is {value!r})"
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "tuple_type":
        said = 'a list is wanted, as in ["one", "two"]'
    return ConfigError(f"{where}: {dotted}: {said}{shown}.", "`lore schema` lists every key with its type")


def known_keys(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """Return the keys that the tree knows at a place."""
    current: type[BaseModel] | None = model
    for part in location:
        if current is None or isinstance(part, int):
            continue
        field = current.model_fields.get(str(part))
        current = _model_in(field.annotation) if field else None
    return sorted(current.model_fields) if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if found := _model_in(argument):
            return found
    return None
