"""What to type next, by the cause of a wrong answer."""

from lorewright.core.records import Example
from lorewright.evaluation.systems import RETRIEVAL, model_of, uses_passages
from lorewright.evaluation.why import Why

MOST_PASSAGES = 10
"""Passages that a prompt may reasonably have: where the evidence is farther down, the index is to be mended."""
_ID_CHARS = 8


def next_step(
    why: Why,
    example: Example,
    *,
    passages: int,
    context_chars: int,
    max_new_tokens: int,
    own_question: bool,
) -> str:
    """Return the next command for the cause of an answer, with what it is good for; empty where all is right.

    Args:
        why: The answer with its cause.
        example: What was asked.
        passages: Passages in a prompt, as the evaluation was set.
        context_chars: Characters of passages in a prompt, likewise.
        max_new_tokens: Longest answer, likewise.
        own_question: Whether the question is one of the user's own, which no filter and no review has seen.
    """
    if why.cause == "right":
        return ""
    if why.cause == "not-retrieved":
        return _to_find_it(why, passages, context_chars)
    if why.cause == "failed":
        return _to_get_an_answer(why, max_new_tokens)
    if why.cause in {"reference", "other-words"}:
        return _to_mend_it(example, own_question=own_question)
    if why.cause == "contradicted" and why.otherwise:
        return f"read both passages: lore show {why.otherwise.chunk_id[:_ID_CHARS]}; then mend one of the documents"
    if why.cause == "unknown":
        return "name a place for the question: lines or a quote of a document, in your file of questions"
    return _to_learn_it(why)


def _to_find_it(why: Why, passages: int, context_chars: int) -> str:
    if why.cut:
        return f"show more of each passage: lore evaluate --set evaluation.context_chars={2 * context_chars}"
    if why.found_at and passages < why.found_at <= MOST_PASSAGES:
        more = f"--set evaluation.passages={why.found_at}"
        if why.system != RETRIEVAL:
            more += f" --set evaluation.context_chars={-(-context_chars * why.found_at // passages)}"
        return f"show more passages: lore evaluate {more}"
    return "see what the index misses: lore index --report; search by meaning too: set index.embedder in lore.toml"


def _to_get_an_answer(why: Why, max_new_tokens: int) -> str:
    if "cut" in why.detail:
        longer = f"lore evaluate --set evaluation.max_new_tokens={2 * max_new_tokens}"
        return f"unless it only repeats itself, let answers be longer: {longer}"
    if "JSON" in why.detail:
        return "more labelled examples: lore coverage, then lore generate and lore train"
    return "read the failures: lore cat evaluate --file predictions | jq 'select(.error != \"\")'"


def _to_mend_it(example: Example, *, own_question: bool) -> str:
    if own_question:
        return "read the answer and its quote in your file of questions (dataset.questions), and mend it"
    short = example.id[:_ID_CHARS]
    return f"read both, then: lore review edit {short}, or lore review reject {short}"


def _to_learn_it(why: Why) -> str:
    if why.cause == "not-learned" and model_of(why.system) and not uses_passages(why.system):
        return f"show it passages: {why.system}+rag in evaluation.systems; or more examples: lore coverage"
    if why.cause == "not-learned":
        return "more labelled examples: lore coverage, then lore generate and lore train"
    if why.system == RETRIEVAL:
        return "let a model read the passages: tuned+rag in evaluation.systems"
    if why.cause == "unanswerable":
        return 'train it to refuse: add "refusal" to generation.tasks, then lore generate and lore train'
    return 'train it on passages: add "grounded_qa" to generation.tasks, then lore generate and lore train'
