"""JSON as it stands in a text, read strictly: whole values, and the complete part of one whose end is missing."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lorewright.llm.json_wording import in_strict_words

_SPACE = re.compile(r"\s*")
# What can open a value, but not a bracket in prose: `[see below]`, `{name}`.
_START = re.compile(
    r"""\{\s*(?:["'“}]|//|/\*|\w+\s*:)|\[\s*(?:["'“\[\]{]|//|/\*|-?\d|true\b|false\b|null\b)"""
)
_NUMBER_GOES_ON = frozenset("0123456789.eE+-")


class ListPlace(NamedTuple):
    """Where an answer's list stands: under a key of its object, or, with None, the answer is the list."""

    key: str | None


def read_strict(text: str) -> Any:
    """Return the one value that a text is.

    Raises:
        ValueError: It is no JSON, nests too deep, names a key of an object twice, or holds NaN or an infinity.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def find_start(text: str, position: int) -> int:
    """Return where the next value may begin in a text, -1 where nothing looks like one."""
    found = _START.search(text, position)
    return found.start() if found else -1


def read_at(text: str, position: int) -> tuple[Any, int]:
    """Return the whole value at a position and where it ends; line breaks inside strings are let pass.

    Raises:
        ValueError: There is no whole value.
    """
    try:
        value, end = _LENIENT.raw_decode(text, position)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    # The end of the text, or a letter, may have broken a number off.
    if type(value) in (int, float) and (end == len(text) or text[end] in _NUMBER_GOES_ON):
        raise ValueError("a number without an end")
    return value, end


def read_plainly(text: str, start: int) -> tuple[Any, int]:
    """Return the whole value at a position and where it ends, in strict JSON or put into it without a guess.

    Raises:
        ValueError: There is no whole value, or its meaning is not plain.
    """
    try:
        return read_at(text, start)
    except ValueError as error:
        strict = in_strict_words(text, start)
        if strict.end != "closed":
            raise error
        return read_strict(strict.text), strict.position


def read_open(text: str, start: int, place: ListPlace) -> Any | None:
    """Return the complete part of a value whose end may be missing; None where its list has not begun.

    An item of the list is there if and only if its own end stands in the text, and so is each member beside it.
    """
    if text[start] == "[":
        return list(_items(text, start))
    if place.key is None:
        return None
    members = _members(text, start, place.key)
    return members if place.key in members else None


def _members(text: str, start: int, list_key: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    position = start
    while text.startswith("{" if position == start else ",", position):
        try:
            name, position = read_at(text, _after_space(text, position + 1))
            position = _after_space(text, position)
            if not isinstance(name, str) or name in members or text[position : position + 1] != ":":
                break
            position = _after_space(text, position + 1)
            if name == list_key and text.startswith("[", position):
                members[name] = list(_items(text, position))
            members[name], position = read_at(text, position)
        except ValueError:
            break
        position = _after_space(text, position)
    return members


def _items(text: str, start: int) -> Iterator[Any]:
    position = start
    while text.startswith("[" if position == start else ",", position):
        try:
            item, position = read_at(text, _after_space(text, position + 1))
        except ValueError:
            return
        yield item
        position = _after_space(text, position)


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object names a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_LENIENT = json.JSONDecoder(strict=False, object_pairs_hook=_object, parse_constant=_no_constant)
