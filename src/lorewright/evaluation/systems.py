"""What each system answers to the test questions.

A system's name says how it answers: `MODEL` asks a model, `MODEL+rag` shows the model retrieved passages first,
`retrieval` answers from the passages alone, and any other name is a function of the example (a baseline).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Message, Passage, Prediction
from lorewright.evaluation.baselines import best_passage

RAG_SUFFIX = "+rag"
RETRIEVAL = "retrieval"

Clock = Callable[[], float]
Answer = Callable[[Sequence[Example], Sequence[Sequence[Passage]]], list[str]]


class Ask(Protocol):
    """Asks a model many things at once: conversations in, answers out, in the same order."""

    def __call__(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[str]:
        """Return one answer a conversation."""


def predict(
    examples: Sequence[Example],
    *,
    systems: Sequence[str],
    models: Mapping[str, Ask],
    baselines: Mapping[str, Callable[[Example], str]],
    max_new_tokens: int,
    retrieve: Callable[[str], Sequence[Passage]] | None = None,
    with_passages: Callable[[str, Sequence[Passage]], str] | None = None,
    answer_from: Callable[[str, Sequence[Passage]], str] = best_passage,
    clock: Clock | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> Iterator[Prediction]:
    """Yield every system's answer to every example, system by system in the given order.

    Args:
        examples: The last message of each is the reference and is never shown to a system.
        systems: Names, see this module.
        models: How to ask each model, by its name without `+rag`.
        baselines: Functions of an example, by system name.
        max_new_tokens: Limit of an answer's length, in tokens.
        retrieve: Finds passages for a question, best first; needed by `retrieval` and `+rag`.
        with_passages: Makes the prompt that shows passages and asks the question; needed by `+rag`.
        answer_from: Makes `retrieval`'s answer.
        clock: Seconds, for latencies; without one none is recorded. A batch's time is shared by its answers; what
            finding the passages took is counted for every system that uses them, though it is done once.
        tick: Called with the number of answers since the last call.

    Raises:
        EvaluationError: A system is unknown or lacks what it needs, or a model returned another number of answers.
    """
    time = clock or (lambda: 0.0)

    @cache
    def find(question: str) -> tuple[Sequence[Passage], float]:
        started = time()
        return _need_index(retrieve)(question), time() - started

    for system in systems:
        answer = _way_to_answer(system, models, baselines, max_new_tokens, with_passages, answer_from)
        found = [find(example.prompt) if _uses_passages(system) else ((), 0.0) for example in examples]
        started = time()
        texts = answer(examples, [passages for passages, _ in found]) if examples else []
        share = (time() - started) / max(len(examples), 1)
        if len(texts) != len(examples):
            raise EvaluationError(f"{system} returned {len(texts)} answers to {len(examples)} questions")
        for example, text, (passages, seconds) in zip(examples, texts, found, strict=True):
            yield Prediction(
                example_id=example.id,
                system=system,
                text=text,
                latency_s=share + seconds if clock else None,
                passages=tuple(passage.chunk_id for passage in passages),
            )
        tick(len(examples))


def _uses_passages(system: str) -> bool:
    return system == RETRIEVAL or system.endswith(RAG_SUFFIX)


def _need_index(retrieve: Callable[[str], Sequence[Passage]] | None) -> Callable[[str], Sequence[Passage]]:
    if retrieve is None:
        raise EvaluationError(
            "a system that uses retrieval was asked for, but there is no index", hint="lore index"
        )
    return retrieve


def _way_to_answer(
    system: str,
    models: Mapping[str, Ask],
    baselines: Mapping[str, Callable[[Example], str]],
    max_new_tokens: int,
    with_passages: Callable[[str, Sequence[Passage]], str] | None,
    answer_from: Callable[[str, Sequence[Passage]], str],
) -> Answer:
    model = system.removesuffix(RAG_SUFFIX)
    if system == RETRIEVAL:
        return lambda examples, found: [
            answer_from(example.prompt, passages) for example, passages in zip(examples, found, strict=True)
        ]
    if system in baselines:
        return lambda examples, _: [baselines[system](example) for example in examples]
    if system in models:
        ask = models[system]
        return lambda examples, _: ask([example.messages[:-1] for example in examples], max_new_tokens)
    if model in models and with_passages is not None:
        ask_shown = models[model]
        return lambda examples, found: ask_shown(
            [
                _shown(example, passages, with_passages)
                for example, passages in zip(examples, found, strict=True)
            ],
            max_new_tokens,
        )
    known = sorted({*models, *(f"{name}{RAG_SUFFIX}" for name in models), RETRIEVAL, *baselines})
    raise EvaluationError(
        f"there is no system {system!r}; known here: {', '.join(known)}",
        hint="correct evaluation.systems in lore.toml",
    )


def _shown(
    example: Example, passages: Sequence[Passage], with_passages: Callable[[str, Sequence[Passage]], str]
) -> tuple[Message, ...]:
    *before, question = example.messages[:-1]
    return (*before, Message(role="user", content=with_passages(question.content, passages)))
