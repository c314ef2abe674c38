"""What a person writes in place of an example: which words may be changed, and what must hold of them at once."""

from lorewright.core.records import Example, Message, Metadata
from lorewright.curation.filters import bad_json, bad_roles
from lorewright.llm.citing import is_refusal
from lorewright.llm.retrieval_template import CLOSING

_QUESTION, _REFUSAL = "question", "refusal"


def rewritten(
    example: Example, *, question: str | None = None, answer: str | None = None
) -> tuple[Message, ...]:
    """Return what an example says with another question in its last user turn, or another answer.

    Where a prompt shows passages, they stay as they are and only what is asked changes.

    Args:
        example: With a user's turn and an answer.
        question: None leaves it as it is.
        answer: None leaves it as it is.
    """
    messages = list(example.messages)
    last_asked = max(at for at, turn in enumerate(messages) if turn.role == "user")
    if question is not None:
        before, _, after = _around(example)
        messages[last_asked] = Message(role="user", content=f"{before}{question}{after}")
    if answer is not None:
        messages[-1] = Message(role="assistant", content=answer)
    return tuple(messages)


def asked(example: Example) -> str:
    """Return what the last user turn asks, without the passages that it shows."""
    return _around(example)[1]


def bad_edit(example: Example, messages: tuple[Message, ...]) -> str | None:
    """Return what is wrong with the words of an edit; None where nothing is.

    Roles must be right and no turn empty, the answer of a structured task a JSON object, and something must differ.
    """
    edited = example.model_copy(update={"messages": messages, "metadata": metadata_after(example, messages)})
    if messages == example.messages:
        return "nothing was changed"
    return bad_roles(edited) or bad_json(edited) or _bad_question(example, messages)


def metadata_after(example: Example, messages: tuple[Message, ...]) -> Metadata:
    """Return an example's metadata with those that repeat its words said anew: the question, and whether it refuses."""
    metadata = dict(example.metadata)
    if _QUESTION in metadata:
        question = _question_after(example, messages)
        metadata = {**metadata, _QUESTION: question} if question else _without(metadata, _QUESTION)
    before, after = _answer(example.messages), _answer(messages)
    if is_refusal(after):
        return {**metadata, _REFUSAL: True}
    return _without(metadata, _REFUSAL) if is_refusal(before) else metadata


def _bad_question(example: Example, messages: tuple[Message, ...]) -> str | None:
    passages = _around(example)[0]
    cleared = (
        passages and _last_asked(messages).startswith(passages) and not _question_after(example, messages)
    )
    return "the question is empty" if cleared else None


def _question_after(example: Example, messages: tuple[Message, ...]) -> str:
    """Return what is asked after an edit; an empty text where that cannot be told from the passages shown."""
    before, question, after = _around(example)
    prompt = _last_asked(messages)
    if len(prompt) >= len(before) + len(after) and prompt.startswith(before) and prompt.endswith(after):
        return prompt[len(before) : len(prompt) - len(after)].strip()
    if question in prompt:
        return question
    _, closed, ending = prompt.rpartition(CLOSING)
    return ending.strip().removeprefix("Question:").strip() if closed else ""


def _around(example: Example) -> tuple[str, str, str]:
    """Return the last user turn in three: what stands before the question, the question, and what follows."""
    prompt = _last_asked(example.messages)
    question = str(example.metadata.get(_QUESTION) or "")
    at = prompt.rfind(question) if question else -1
    return ("", prompt, "") if at < 0 else (prompt[:at], question, prompt[at + len(question) :])


def _last_asked(messages: tuple[Message, ...]) -> str:
    return next((turn.content for turn in reversed(messages) if turn.role == "user"), "")


def _answer(messages: tuple[Message, ...]) -> str:
    return messages[-1].content if messages else ""


def _without(metadata: Metadata, name: str) -> Metadata:
    return {key: value for key, value in metadata.items() if key != name}
