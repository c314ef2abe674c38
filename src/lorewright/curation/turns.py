"""What an example asks, answers and quotes, turn by turn, whichever task made it."""

import json
import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.text.tokens import squash

STRUCTURED_TASKS = frozenset({"log_analysis"})
"""Tasks whose answer is a JSON object made from the prompt."""
FREE_TASKS = frozenset({"summary", "code_explanation", "code_documentation"})
"""Tasks whose answer says in other words what the whole passage says, so that words cannot be compared one by one."""
PROSE_TASKS = FREE_TASKS | {"qa", "conversation", "grounded_qa", "refusal", "queries"}
"""Tasks whose answer is prose; one of somebody's own may be anything."""
_SAYS_NO_OR_YES = re.compile(
    r"^\W*(?:yes|no|ja|nein|oui|non|sí|да|нет|never|always|none|all|both|neither|nobody|nothing)\b|^[是不否能可没]",
    re.IGNORECASE,
)
_SHOWN_CHARS = 600
_SHOWN_QUOTE = 60


def questions(example: Example) -> list[str]:
    """Return what each user turn asks, in order; of the last, what is asked beside shown passages."""
    asked = [turn.content for turn in example.messages if turn.role == "user"]
    alone = example.metadata.get("question")
    return [*asked[:-1], str(alone)] if alone and asked else asked


def question(example: Example) -> str:
    """Return what the last user turn says."""
    return next((turn.content for turn in reversed(example.messages) if turn.role == "user"), "")


def answers(example: Example) -> list[str]:
    """Return what each turn of the assistant says, in order."""
    return [turn.content for turn in example.messages if turn.role == "assistant"]


def answer(example: Example) -> str:
    """Return what the last turn says."""
    return example.messages[-1].content if example.messages else ""


def quotes(example: Example) -> str:
    """Return all quotes of the evidence, a line each."""
    return "\n".join(piece.quote for piece in example.evidence)


def seen(example: Example, chunk_texts: Mapping[str, str]) -> str:
    """Return everything that an example may repeat: its quotes, the chunks that they stand in, and its questions."""
    chunks = [chunk_texts.get(piece.chunk_id, "") for piece in example.evidence]
    return "\n".join([quotes(example), *dict.fromkeys(chunks), *questions(example)])


def shows_material(example: Example) -> bool:
    """Whether the user's turns show what they speak of: passages, code, or a long text."""
    asked = [turn.content for turn in example.messages if turn.role == "user"]
    if example.metadata.get("question"):
        return True
    text = squash("\n".join(asked))
    return (
        any("```" in turn or "~~~" in turn or len(turn) > _SHOWN_CHARS for turn in asked)
        or any(len(piece.quote) >= _SHOWN_QUOTE and squash(piece.quote) in text for piece in example.evidence)
    )  # fmt: skip


def refuses(example: Example) -> bool:
    """Whether an example is meant to say that there is no answer."""
    return bool(example.metadata.get("refusal"))


def says_yes_or_no(text: str) -> bool:
    """Whether an answer begins with yes or no, or says that all do or none."""
    return _SAYS_NO_OR_YES.match(text) is not None


def is_data(example: Example) -> bool:
    """Whether the answer is data, not prose: that of a structured task, or a JSON value of somebody's own task."""
    own = example.task not in PROSE_TASKS
    return example.task in STRUCTURED_TASKS or (own and json_value(answer(example)) is not None)


def json_value(text: str) -> dict[str, object] | list[object] | None:
    """Return the JSON object or list that a text is; None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) else None
