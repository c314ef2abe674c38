"""Broken JSON mended by `json_repair`, and held against the text, for that library leaves out what it cannot place."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lorewright.llm.json_reading import ListPlace

_GAP = re.compile(r"[\s,:\[\]{}]*")
# The library looks ahead to the end of the text at each mark: here for a second at most, and a thousandth usually.
_LONGEST = 100_000
_MOST_WORK = 25_000_000
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?")
_WORDS = {True: ("true",), False: ("false",), None: ("null", "none")}
_QUOTES = ('"', "'")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# A quotation mark inside a string that may as well have ended it, or begun the next.
_BORDER = re.compile(r"""["']\s*:|["']\s*[,+]\s*["']""")


class _Leaf(NamedTuple):
    """A key, or a value that holds no other.

    Attributes:
        item: Which item of the answer's list it is in; -1 outside the list.
        closers: The brackets that are open around it, the outermost first, as they close.
    """

    value: Any
    is_key: bool
    item: int
    closers: str


def mend(text: str) -> Any | None:
    """Return the value that a broken JSON text plainly means, None where that is not plain.

    Everything in the text has to be in the value, word for word and in order, each string between quotation marks
    of its own and the innermost and outermost bracket closed.
    """
    value = _repaired(text)
    position, before = 0, None
    if not isinstance(value, dict | list):
        return None
    for leaf in _leaves(value, ListPlace(None)):
        position = _end(text, position, leaf, before)
        if position < 0:
            return None
        before = leaf
    return value if before is not None and _is_closed(text[position:], before.closers) else None


def mend_open(text: str, place: ListPlace) -> Any | None:
    """Return what precedes the cut in a text that is broken besides, None where that is nothing.

    Items count as in `mend`, as long as another is seen to follow, so the last one never does.
    Only objects do: of a broken string nobody can tell whether it is one or half of one.
    """
    value = _repaired(text)
    items = value if place.key is None or isinstance(value, list) else None
    if isinstance(value, dict) and place.key is not None:
        items = value.get(place.key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return None
    position, before, good = 0, None, 0
    for leaf in _leaves(value, ListPlace(None) if value is items else place):
        position = _end(text, position, leaf, before)
        if position < 0:
            break
        # Only where the next item begins has this one plainly ended.
        good, before = max(good, leaf.item), leaf
    if good == 0:
        return None
    if isinstance(value, list):
        return items[:good]
    names = list(value)
    ahead = names[: names.index(str(place.key))]
    return {name: value[name] for name in ahead} | {str(place.key): items[:good]}


def _repaired(text: str) -> Any:
    import json_repair

    if len(text) > _LONGEST or len(text) * sum(map(text.count, "\"'[{")) > _MOST_WORK:
        return None
    try:
        value = json_repair.repair_json(text, return_objects=True, skip_json_loads=True)
        # The library writes a character beyond the basic plane as the two halves that JSON escapes it with.
        return json.loads(json.dumps(value, allow_nan=False))
    except (ValueError, RecursionError, IndexError):
        return None


def _leaves(value: Any, place: ListPlace) -> Iterator[_Leaf]:
    """Yield the leaves of a value in the order of the text."""
    if place.key is None and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, number, "]")
    elif place.key is not None and isinstance(value, dict):
        for key, member in value.items():
            yield _Leaf(key, is_key=True, item=-1, closers="}")
            if key == place.key and isinstance(member, list):
                for number, item in enumerate(member):
                    yield from _walk(item, number, "}]")
            else:
                yield from _walk(member, -1, "}")
    else:
        yield from _walk(value, -1, "")


def _walk(value: Any, item: int, closers: str) -> Iterator[_Leaf]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield _Leaf(key, is_key=True, item=item, closers=closers + "}")
            yield from _walk(member, item, closers + "}")
    elif isinstance(value, list):
        for member in value:
            yield from _walk(member, item, closers + "]")
    else:
        yield _Leaf(value, is_key=False, item=item, closers=closers)


def _end(text: str, position: int, leaf: _Leaf, before: _Leaf | None) -> int:
    """Return where a leaf ends that has to come next in the text, -1 where something else does."""
    gap = _GAP.match(text, position)
    start = gap.end() if gap else position
    between = set(text[position:start]) & set(",:[]{}")
    quote = text[start : start + 1]
    quoted = quote in _QUOTES
    if before is not None and before.is_key and ":" not in between:
        return -1
    if before is not None and not between and not (leaf.is_key and quoted):
        return -1
    if not isinstance(leaf.value, str):
        return _scalar_end(text, start, leaf.value)
    if not quoted:
        return _bare_end(text, start, leaf.value) if leaf.is_key else -1
    end = _spelled_end(text, start + 1, leaf.value)
    if end < 0 or text[end : end + 1] != quote or _BORDER.search(_unescaped(text[start + 1 : end])):
        return -1
    return end + 1


def _unescaped(raw: str) -> str:
    return re.sub(r"\\.", "", raw, flags=re.DOTALL)


def _scalar_end(text: str, start: int, value: Any) -> int:
    if value is None or isinstance(value, bool):
        lengths = [len(w) for w in _WORDS[value] if text[start : start + len(w)].lower() == w]
        end = start + lengths[0] if lengths else -1
    else:
        found = _NUMBER.match(text, start)
        end = found.end() if found and float(found.group()) == value else -1
    return end if end >= 0 and _ends_bare(text, end) else -1


def _bare_end(text: str, start: int, value: str) -> int:
    plain = value and not set(value) & set(",:[]{}\"'“”\\\n")
    end = start + len(value)
    return end if plain and text.startswith(value, start) and _ends_bare(text, end) else -1


def _ends_bare(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isspace() or text[end] in ",:]}")


def _spelled_end(text: str, start: int, value: str) -> int:
    """Return where a text stops spelling a string, with JSON's escapes or without; -1 where it spells another."""
    if text.startswith(value, start):
        return start + len(value)
    position = start
    for character in value:
        width = _spelling(text, position, character)
        if width == 0:
            return -1
        position += width
    return position


def _spelling(text: str, position: int, character: str) -> int:
    """Return how many characters of a text spell one, 0 where they spell another."""
    if text[position : position + 1] != "\\":
        return int(text[position : position + 1] == character)
    named = text[position + 1 : position + 2]
    if named == "u":
        escaped = "".join(f"\\u{unit:04x}" for unit in _units(character))
        return len(escaped) if text[position : position + len(escaped)].lower() == escaped else 0
    if _ESCAPES.get(named) == character:
        return 2
    if named in _ESCAPES:
        return 0
    # Before any other letter the backslash is one, or one too many.
    return 1 if character == "\\" else 2 * int(named == character)


def _units(character: str) -> tuple[int, ...]:
    pair = character.encode("utf-16-be", "surrogatepass")
    return tuple(int.from_bytes(pair[i : i + 2], "big") for i in range(0, len(pair), 2))


def _is_closed(tail: str, closers: str) -> bool:
    """Return whether brackets after the last leaf close the innermost and the outermost that are open there."""
    if not (gap := _GAP.fullmatch(tail)):
        return False
    brackets = "".join(c for c in gap.group() if c in "[]{}").replace("[]", "").replace("{}", "")
    if len(closers) > 1 == len(brackets):
        return False
    return bool(brackets) and brackets[0] == closers[-1] and brackets[-1] == closers[0]
