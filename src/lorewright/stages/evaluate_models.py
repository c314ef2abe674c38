"""Models answer the test questions: all of a model's at once, each reply kept, so that a stop costs nothing."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lorewright.core.context import Context
from lorewright.core.records import Call, Example, Message, Prediction
from lorewright.evaluation.systems import conversation, model_of, models_of, uses_passages
from lorewright.llm.asking import Request
from lorewright.llm.budget import Price
from lorewright.llm.reply import Reply
from lorewright.llm.transformers_provider import TransformersProvider
from lorewright.stages.asked_models import is_served, opened_model, runs_elsewhere
from lorewright.stages.calls_outcome import require_complete
from lorewright.stages.evaluate_likelihoods import Likelihoods, likelihoods
from lorewright.stages.evaluate_part import Part, after_spending, asked_model
from lorewright.stages.evaluate_prepare import Prepared
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.generate_materials import masked_text
from lorewright.stages.model_calls import Prompt, ask_all

CALLS = "calls.parquet"


@dataclass
class ModelAnswers:
    """What came of the models.

    Attributes:
        predictions: By suite, system by system.
        likelihoods: By model and suite, where a model in this process can tell them.
        calls: What became of each prompt.
        weights_bytes: Memory that a model's weights take, by model, where it is in this process.
        left: The settings with no more to spend than these calls left over.
    """

    left: Part
    predictions: dict[str, list[Prediction]] = field(default_factory=dict)
    likelihoods: dict[str, Mapping[str, Likelihoods]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    weights_bytes: dict[str, int] = field(default_factory=dict)


class Question(NamedTuple):
    """What one system is asked of one example, and the chunks that it is shown."""

    suite: Suite
    system: str
    example: Example
    messages: tuple[Message, ...]
    shown: tuple[str, ...]


def ask_models(part: Part, prepared: Prepared, context: Context) -> ModelAnswers:
    """Return what every model answers to every suite, and how likely it finds the references.

    Raises:
        GenerationError: Questions have no answer; those that have one are kept.
        InterruptedWorkError: Ctrl-C was pressed.
        ProviderError: No question would be answered: a wrong key, an unknown model.
    """
    suites = prepared.suites
    made = ModelAnswers(left=part, predictions={suite.key: [] for suite in suites})
    for name in models_of(system for suite in suites for system in suite.systems):
        asked = asked_model(made.left, _resolved(name, context))
        questions = questions_of(name, prepared, leaves=runs_elsewhere(asked))
        with opened_model(asked, context.workspace) as model:
            if isinstance(model.provider, TransformersProvider):
                local = model.provider.loaded()
                made.likelihoods[name] = likelihoods(name, local, suites, part.evaluation.batch_size, context)
                made.weights_bytes[name] = local.weights_bytes()
            started = time.perf_counter()
            prompts = prompts_of(questions, model.price, part.evaluation.max_new_tokens)
            answered = ask_all(prompts, model, context.reporter, left_out=no_answer, label=name)
            elapsed = time.perf_counter() - started
        require_complete(answered, asked, folder=context.folder, max_failed=1.0)
        made.calls.extend(answered.calls)
        made.left = after_spending(made.left, answered.progress)
        share = None if is_served(asked) else elapsed / max(answered.progress.asked, 1)
        for question, (prediction,) in zip(questions, answered.records, strict=True):
            seconds = prepared.found[question.example.id].seconds if uses_passages(question.system) else 0.0
            made.predictions[question.suite.key].append(_timed(prediction, share, seconds))
    return made


def _resolved(name: str, context: Context) -> str:
    """Return a model as it is asked for: the project's own by the runs that this evaluation is of."""
    runs = {"base": f"base/{context.inputs['base'].id}", "tuned": f"own/train/{context.inputs['train'].id}"}
    return runs.get(name, name)


def questions_of(name: str, prepared: Prepared, *, leaves: bool = False) -> list[Question]:
    """Return all that a model is asked, the longest first: those of one length are answered side by side.

    Args:
        name: Of the model, as systems name it.
        prepared: What is asked.
        leaves: Whether it leaves this machine; then no secrets are shown.
    """
    questions = [
        Question(
            suite,
            system,
            example,
            _shown(conversation(example, there, with_passages=prepared.with_passages), leaves),
            tuple(passage.chunk_id for passage in there.passages) if there else (),
        )
        for suite in prepared.suites
        for system in suite.systems
        if model_of(system) == name
        for example in suite.examples
        for there in [prepared.found[example.id] if uses_passages(system) else None]
    ]
    return sorted(questions, key=lambda one: -sum(len(turn.content) for turn in one.messages))


def _shown(turns: tuple[Message, ...], leaves: bool) -> tuple[Message, ...]:
    """Return a conversation as a model may see it: without secrets where it leaves this machine."""
    if not leaves:
        return turns
    return tuple(turn.model_copy(update={"content": masked_text(turn.content)}) for turn in turns)


def prompts_of(
    questions: Sequence[Question], price: Price | None, max_new_tokens: int
) -> list[Prompt[Prediction]]:
    """Return questions as they are asked, and how their answers are read."""
    return [_prompt(question, price, max_new_tokens) for question in questions]


def _prompt(question: Question, price: Price | None, max_new_tokens: int) -> Prompt[Prediction]:
    def read(reply: Reply) -> list[Prediction]:
        fresh = not reply.cached
        usd = price.usd(reply.prompt_tokens, reply.completion_tokens) if price else None
        return [
            Prediction(
                example_id=question.example.id,
                system=question.system,
                text=reply.text,
                latency_s=reply.seconds if fresh else None,
                passages=question.shown,
                finish=reply.finish,
                tokens=reply.completion_tokens,
                usd=usd if fresh else None,
            )
        ]

    return Prompt(
        task=question.suite.key,
        source=question.example.id,
        name=question.system,
        sample=0,
        request=lambda: Request(messages=question.messages, max_new_tokens=max_new_tokens),
        read=read,
    )


def no_answer(prompt: Prompt[Prediction], _filter: str, reason: str) -> Prediction:
    """Return what stands for the answer to a question that has none."""
    return Prediction(example_id=prompt.source, system=prompt.name, text="", error=reason)


def _timed(prediction: Prediction, share: float | None, seconds: float) -> Prediction:
    """Return an answer with its time, if it was asked for just now: its share of a batch, and of finding passages."""
    if prediction.latency_s is None:
        return prediction
    return prediction.model_copy(update={"latency_s": (share or prediction.latency_s) + seconds})
