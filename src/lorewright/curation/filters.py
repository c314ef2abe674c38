"""What one example must satisfy alone: each filter returns None, or the reason to leave the example out."""

import json
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.text.tokens import squash, words

STRUCTURED_TASKS = frozenset({"log_analysis"})
"""Tasks whose answer is a JSON object made from the prompt."""
FREE_TASKS = frozenset({"summary", "code_explanation", "code_documentation"})
"""Tasks whose answer says in other words what the whole passage says, so that words cannot be compared one by one."""

_SHOWN_WORDS = 5


def question(example: Example) -> str:
    """Return what the last user turn says."""
    return next((turn.content for turn in reversed(example.messages) if turn.role == "user"), "")


def answer(example: Example) -> str:
    """Return what the last turn says."""
    return example.messages[-1].content if example.messages else ""


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
    fields = _json_object(answer(example))
    if fields is None:
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


def bad_evidence(example: Example, *, chunk_texts: Mapping[str, str], min_support: float = 0.6) -> str | None:
    """Want evidence that exists, is quoted exactly, and carries the answer, where that is not a refusal."""
    if not example.evidence:
        return "no evidence is named"
    for piece in example.evidence:
        text = chunk_texts.get(piece.chunk_id)
        if text is None:
            return f"chunk {piece.chunk_id} does not exist"
        if not piece.quote.strip():
            return f"the quote of chunk {piece.chunk_id} is empty"
        if piece.start < 0 or text[piece.start : piece.end] != piece.quote:
            return f"chunk {piece.chunk_id} does not say {piece.quote[:60]!r} at {piece.start}-{piece.end}"
    if example.task in STRUCTURED_TASKS:
        return _message_not_in_prompt(example)
    if example.metadata.get("refusal") or example.task in FREE_TASKS:
        return None
    return _unsupported(example, min_support)


def _message_not_in_prompt(example: Example) -> str | None:
    fields = _json_object(answer(example)) or {}
    message = squash(str(fields.get("error_message", "")))
    prompt = squash("\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"))
    if message and message not in prompt:
        return f"the prompt does not hold the error message {message[:60]!r}"
    return None


def _unsupported(example: Example, min_support: float) -> str | None:
    known = {word for piece in example.evidence for word in words(piece.quote)} | set(
        words(question(example))
    )
    said = dict.fromkeys(words(answer(example)))
    missing = [word for word in said if word not in known]
    figures = [word for word in missing if any(character.isdigit() for character in word)]
    if figures:
        return f"the answer's {figures[0]!r} stands neither in the evidence nor in the question"
    support = 1 - len(missing) / len(said) if said else 1.0
    if support < min_support:
        shown = ", ".join(missing[:_SHOWN_WORDS])
        return f"evidence and question hold {support:.0%} of the answer's words, wanted {min_support:.0%}: {shown}"
    return None


def _json_object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
