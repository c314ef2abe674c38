"""Who answers the test questions, by name, and what each is asked.

`base` and `tuned` are the project's models; `PROVIDER/MODEL` is another, `own/RUN` an earlier one of this project. With
`+rag` behind it a model is shown retrieved passages first. `retrieval` answers from the passages alone. `majority`,
`pattern` and `neighbour` are functions of the example, for structured tasks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Message, Passage, Prediction

RAG_SUFFIX = "+rag"
RETRIEVAL = "retrieval"
PROJECT_MODELS = ("base", "tuned")
STRUCTURED_ONLY = ("majority", "pattern", "neighbour")

Clock = Callable[[], float]


@dataclass(frozen=True)
class Found:
    """What retrieval found for a question: passages, best first, and the seconds that it took."""

    passages: tuple[Passage, ...]
    seconds: float


def model_of(system: str) -> str:
    """Return the name of the model that a system asks; empty for one that asks none."""
    model = system.removesuffix(RAG_SUFFIX)
    return "" if model == RETRIEVAL or model in STRUCTURED_ONLY else model


def uses_passages(system: str) -> bool:
    """Whether a system needs what retrieval finds."""
    return system == RETRIEVAL or system.endswith(RAG_SUFFIX)


def models_of(systems: Iterable[str]) -> tuple[str, ...]:
    """Return the models that systems ask, in their order, each once: it is loaded once."""
    return tuple(dict.fromkeys(filter(None, map(model_of, systems))))


def conversation(
    example: Example,
    found: Found | None,
    *,
    with_passages: Callable[[str, Sequence[Passage]], str],
) -> tuple[Message, ...]:
    """Return what a model is asked of a test example: all but the reference, which is its last message.

    Args:
        example: Of the test set.
        found: What retrieval found, which its question is then shown with; None for the bare question.
        with_passages: Makes the prompt that shows passages and asks a question.
    """
    *before, question = example.messages[:-1]
    if found is None:
        return (*before, question)
    return (*before, Message(role="user", content=with_passages(question.content, found.passages)))


def computed(
    system: str,
    examples: Sequence[Example],
    answer: Callable[[Example, Sequence[Passage]], str],
    *,
    found: Mapping[str, Found],
    clock: Clock,
) -> Iterator[Prediction]:
    """Yield the answers of a system that asks no model.

    Args:
        system: Its name.
        examples: What it is asked.
        answer: From an example, whose reference it must not look at, and its passages to the answer.
        found: What retrieval found, by example id; needed by `retrieval` alone.
        clock: Seconds.

    Raises:
        EvaluationError: It needs passages and there are none for an example.
    """
    for example in examples:
        there = found.get(example.id, Found((), 0.0))
        if uses_passages(system) and example.id not in found:
            raise EvaluationError(f"{system} answers from an index, and there is none", hint="lore index")
        started = clock()
        text = answer(example, there.passages)
        yield Prediction(
            example_id=example.id,
            system=system,
            text=text,
            latency_s=clock() - started + there.seconds,
            passages=tuple(passage.chunk_id for passage in there.passages),
        )
