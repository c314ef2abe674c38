"""What an example has besides its conversation, as one JSON text: a column that every reader of tables takes."""

import json
from typing import Any

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.datasets.formats.format import DEFAULT_ORIGIN, DEFAULT_TASK
from lorewright.datasets.formats.lines import json_text

_NAMES = frozenset({"id", "task", "origin", "group", "evidence", "metadata"})
_ROLES = "roles"


def packed(example: Example) -> str:
    """Return a JSON object with id, task, origin, group, evidence, metadata and the roles of an example's turns.

    A text and no object, for the values of metadata differ from row to row, and tables want one type a column.
    """
    told = example.model_dump(include=set(_NAMES))
    return json_text({**told, _ROLES: [turn.role for turn in example.messages]})


def begins_with_system(value: Any) -> bool:
    """Tell whether `packed` was given an example with a system turn."""
    row = _object(value)
    return row is not None and row.get(_ROLES, [])[:1] == ["system"]


def unpacked(value: Any, messages: tuple[Message, ...]) -> Example | None:
    """Return the example that `packed` wrote about, with these messages; None for any other value."""
    row = _object(value)
    if row is None or not row.keys() >= _NAMES:
        return None
    made = made_again(
        messages,
        task=row["task"],
        origin=row["origin"],
        evidence=[Evidence.model_validate(piece) for piece in row["evidence"]],
        metadata=row["metadata"],
    )
    return made.model_copy(update={"group": row["group"]})


def made_again(
    messages: tuple[Message, ...],
    *,
    task: str = DEFAULT_TASK,
    origin: str = DEFAULT_ORIGIN,
    evidence: list[Evidence] | tuple[Evidence, ...] = (),
    metadata: dict[str, Any] | None = None,
) -> Example:
    """Return the example of a row."""
    return make_example(
        task=task, messages=messages, evidence=tuple(evidence), origin=origin, metadata=metadata
    )


def _object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) else None
