"""What one example must satisfy alone in its form and length: None, or the reason to leave the example out."""

from lorewright.core.records import Example
from lorewright.curation.turns import STRUCTURED_TASKS, answer, json_value


def bad_roles(example: Example) -> str | None:
    """Want an optional system turn, then user and assistant in turns, none empty, the assistant last."""
    roles = [turn.role for turn in example.messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        return (
            f"roles are {', '.join(roles) or 'missing'}; wanted user and assistant in turns, assistant last"
        )
    empty = [turn.role for turn in example.messages if not turn.content.strip()]
    return f"the {empty[0]}'s turn is empty" if empty else None


def bad_json(example: Example) -> str | None:
    """Want a JSON object as the answer of a structured task, none of its fields null or an empty text."""
    if example.task not in STRUCTURED_TASKS:
        return None
    fields = json_value(answer(example))
    if not isinstance(fields, dict):
        return f"the answer is no JSON object: {answer(example)[:60]!r}"
    if not fields:
        return "the answer's JSON object has no fields"
    empty = [
        name
        for name, value in fields.items()
        if value is None or (isinstance(value, str) and not value.strip())
    ]
    return f"the answer's field {empty[0]!r} holds no text" if empty else None


def bad_length(
    example: Example, *, max_answer_chars: int, min_answer_chars: int, max_prompt_chars: int
) -> str | None:
    """Want answer and prompt (all turns before the answer) within their limits, in characters."""
    answered = len(answer(example))
    if answered < min_answer_chars:
        return f"the answer has {answered} characters, fewer than {min_answer_chars}"
    if answered > max_answer_chars:
        return f"the answer has {answered} characters, more than {max_answer_chars}"
    asked = sum(len(turn.content) for turn in example.messages[:-1])
    if asked > max_prompt_chars:
        return f"the prompt has {asked} characters, more than {max_prompt_chars}"
    return None
