"""What each system answers to the test questions.

A system's name says how it answers: `MODEL` asks a model, `MODEL+rag` shows the model retrieved passages first,
`retrieval` answers from the passages alone, and any other name is a function of the example (a baseline).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Message, Passage, Prediction
from lorewright.evaluation.baselines import best_passage, prompt_text

RAG_SUFFIX = "+rag"
RETRIEVAL = "retrieval"

Clock = Callable[[], float]


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
        baselines: Functions of an example by system name; one called `retrieval` replaces `answer_from`.
        max_new_tokens: Limit of an answer's length, in tokens.
        retrieve: Finds passages for a question, best first; needed by `retrieval` and `+rag`.
        with_passages: Makes the prompt that shows passages and asks the question; needed by `+rag`.
        answer_from: Makes `retrieval`'s answer.
        clock: Seconds, for latencies; without one none is recorded. A batch's time is shared by its answers.
        tick: Called with the number of answers since the last call.

    Raises:
        EvaluationError: A system is unknown or lacks what it needs, or a model returned another number of answers.
    """
    found: dict[str, Sequence[Passage]] = {}

    def passages_for(example: Example) -> Sequence[Passage]:
        if retrieve is None:
            raise EvaluationError(
                "a system that uses retrieval was asked for, but there is no index", hint="lore index"
            )
        if example.id not in found:
            found[example.id] = retrieve(prompt_text(example))
        return found[example.id]

    for system in systems:
        model = system.removesuffix(RAG_SUFFIX)
        if system in baselines:
            yield from _answer_each(examples, system, baselines[system], None, clock, tick)
        elif system == RETRIEVAL:
            yield from _answer_each(
                examples,
                system,
                lambda example: answer_from(prompt_text(example), passages_for(example)),
                passages_for,
                clock,
                tick,
            )
        elif model in models and system == model:
            conversations = [example.messages[:-1] for example in examples]
            yield from _ask_all(examples, system, models[model], conversations, max_new_tokens, clock, tick)
        elif model in models and with_passages is not None:
            prompts = [_with_passages(example, passages_for(example), with_passages) for example in examples]
            for prediction, example in zip(
                _ask_all(examples, system, models[model], prompts, max_new_tokens, clock, tick),
                examples,
                strict=True,
            ):
                shown = tuple(passage.chunk_id for passage in passages_for(example))
                yield prediction.model_copy(update={"passages": shown})
        else:
            known = sorted({*models, *(f"{name}{RAG_SUFFIX}" for name in models), RETRIEVAL, *baselines})
            raise EvaluationError(
                f"there is no system {system!r}; known here: {', '.join(known)}",
                hint="lore schema shows evaluation.systems",
            )


def _answer_each(
    examples: Sequence[Example],
    system: str,
    answer: Callable[[Example], str],
    passages_for: Callable[[Example], Sequence[Passage]] | None,
    clock: Clock | None,
    tick: Callable[[int], None],
) -> Iterator[Prediction]:
    for example in examples:
        started = clock() if clock else 0.0
        text = answer(example)
        yield Prediction(
            example_id=example.id,
            system=system,
            text=text,
            latency_s=clock() - started if clock else None,
            passages=tuple(passage.chunk_id for passage in passages_for(example)) if passages_for else (),
        )
        tick(1)


def _ask_all(
    examples: Sequence[Example],
    system: str,
    ask: Ask,
    conversations: Sequence[Sequence[Message]],
    max_new_tokens: int,
    clock: Clock | None,
    tick: Callable[[int], None],
) -> Iterator[Prediction]:
    if not examples:
        return
    started = clock() if clock else 0.0
    answers = ask(conversations, max_new_tokens)
    latency = (clock() - started) / len(examples) if clock else None
    if len(answers) != len(examples):
        raise EvaluationError(f"{system} returned {len(answers)} answers to {len(examples)} questions")
    for example, text in zip(examples, answers, strict=True):
        yield Prediction(example_id=example.id, system=system, text=text, latency_s=latency)
    tick(len(examples))


def _with_passages(
    example: Example, passages: Sequence[Passage], prompt: Callable[[str, Sequence[Passage]], str]
) -> tuple[Message, ...]:
    *before, question = example.messages[:-1]
    return (*before, Message(role="user", content=prompt(question.content, passages)))
