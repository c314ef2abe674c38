"""Evidence that exists, and stands where it says or nearly so."""

from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.turns import STRUCTURED_TASKS, answer, json_value
from lorewright.text.locating import locate
from lorewright.text.tokens import squash


def bad_evidence(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want evidence whose chunk exists and says its quote: at its place, or somewhere at least nine tenths alike.

    In a structured task the error message must stand in the prompt, too.
    """
    if not example.evidence:
        return "no evidence is named"
    for piece in example.evidence:
        text = chunk_texts.get(piece.chunk_id)
        if text is None:
            return f"chunk {piece.chunk_id} does not exist"
        if not piece.quote.strip():
            return f"the quote of chunk {piece.chunk_id} is empty"
        placed = piece.start >= 0 and text[piece.start : piece.end] == piece.quote
        if not placed and not locate(text, piece.quote):
            return f"chunk {piece.chunk_id} does not say {piece.quote[:60]!r} at {piece.start}-{piece.end}"
    return _message_not_in_prompt(example) if example.task in STRUCTURED_TASKS else None


def _message_not_in_prompt(example: Example) -> str | None:
    fields = json_value(answer(example))
    message = squash(str(fields.get("error_message", ""))) if isinstance(fields, dict) else ""
    prompt = squash("\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"))
    if message and message not in prompt:
        return f"the prompt does not hold the error message {message[:60]!r}"
    return None
