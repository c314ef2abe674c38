"""An example before a judge: what of it is shown, and what becomes of it by its score."""

from collections.abc import Callable, Sequence

from lorewright.core.assessments import Judgement
from lorewright.core.records import Example, Message, Rejection
from lorewright.curation.curate import is_accepted
from lorewright.curation.rejecting import rejection
from lorewright.curation.turns import STRUCTURED_TASKS, answer
from lorewright.llm.judging import BEST, Subject
from lorewright.llm.retrieval_template import RETRIEVAL

JUDGE = "judge"
"""The filter of what a judge scores too low."""
UNJUDGED_TASKS = STRUCTURED_TASKS | {"code_completion"}
"""Tasks whose answers are no prose: labels of logs, and code as it stands in its file."""
_SPEAKERS = {"user": "User", "assistant": "Assistant"}


def can_be_judged(example: Example) -> bool:
    """Whether an example has a question and an answer in prose."""
    asked = any(turn.role == "user" and turn.content.strip() for turn in example.messages[:-1])
    answered = example.messages[-1:] and example.messages[-1].role == "assistant" and answer(example).strip()
    return example.task not in UNJUDGED_TASKS and asked and bool(answered)


def shows_passages(example: Example) -> bool:
    """Whether the prompt of an example holds the passages that its answer is to stand on."""
    return bool(example.metadata.get("question"))


def subject_of(example: Example, *, passages: Sequence[str], mask: Callable[[str], str]) -> Subject:
    """Return what a judge sees of an example.

    Args:
        example: One that `can_be_judged`.
        passages: Those of its evidence, masked; where its prompt shows passages, these take their place.
        mask: Takes secrets out of a text.
    """
    turns = [turn for turn in example.messages[:-1] if turn.role != "system"]
    shown = shows_passages(example)
    return Subject(
        question=mask(example.prompt if shown else _conversation(turns)),
        answer=mask(answer(example)),
        passages=(mask(_shown(turns, example.prompt)),) if shown else tuple(passages),
        quotes=tuple(dict.fromkeys(mask(piece.quote) for piece in example.evidence)),
    )


def by_score(example: Example, judgement: Judgement | None, *, min_score: float) -> Example | Rejection:
    """Return an example, or its rejection where its score is too low; what a person accepted is kept at any score."""
    if judgement is None or judgement.score is None or judgement.score >= min_score or is_accepted(example):
        return example
    told = ", ".join(f"{name} {score} of {BEST}" for name, score in judgement.scores.items())
    return rejection(
        example,
        filter_name=JUDGE,
        reason=f"the score is {judgement.score:.2f}, wanted {min_score:.2f} ({told}): {judgement.explanation}",
    )


def _conversation(turns: Sequence[Message]) -> str:
    if len(turns) == 1:
        return turns[0].content
    return "\n\n".join(f"{_SPEAKERS[turn.role]}: {turn.content}" for turn in turns)


def _shown(turns: Sequence[Message], question: str) -> str:
    """Return the passages that a prompt of the retrieval template shows."""
    said = "\n\n".join(turn.content for turn in turns)
    return said.removeprefix(RETRIEVAL.instruction).removesuffix(f"Question: {question}").strip()
