"""What evaluate takes from the settings tree, and whom it asks."""

from dataclasses import replace
from typing import TypeVar

from lorewright.core.errors import NotFoundError
from lorewright.core.settings import Section, no_effect
from lorewright.core.workspace import Workspace
from lorewright.evaluation.comparing import TUNED
from lorewright.evaluation.systems import PROJECT_MODELS, RAG_SUFFIX, models_of
from lorewright.evaluation.wording import OWN
from lorewright.llm.calls import Progress
from lorewright.llm.retrieval_template import RETRIEVAL as TEMPLATE
from lorewright.stages.asked_models import is_served
from lorewright.stages.asking import AskedModel, judge_model
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.settings import ProviderSettings, Settings
from lorewright.stages.speed import resolve_device

L = TypeVar("L", int, float)
# More would hold more in memory at a time than they gain.
_MOST_BATCHES = 4


class Part(Section):
    """What evaluate takes from the settings tree.

    Attributes:
        min_support: Share of an answer that the passages it cites must carry.
        hold_back: Whether the judge is not asked about an example whose passage holds a secret, rather than masked.
    """

    project: str
    evaluation: EvaluationSettings
    template: str
    device: str
    threads: int
    min_support: float
    hold_back: bool = False
    production: str = no_effect("", "System that the gate compares with; its model is in the fingerprint.")
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")


def select(settings: Settings) -> Part:
    """Return evaluate's part of the tree."""
    return Part(
        project=settings.project.name,
        evaluation=settings.evaluation,
        template=TEMPLATE.id,
        device=resolve_device(settings.training.device),
        threads=settings.training.threads,
        min_support=settings.curation.min_support,
        hold_back=bool(settings.evaluation.judge.model) and settings.generation.secrets == "hold back",
        production=_production(settings),
        providers=settings.providers,
    )


def with_production(part: Part, workspace: Workspace) -> Part:
    """Return the part with the version in production among its systems, in the ways in which the new one answers.

    Without a gate that asks for it, and where there is no such version yet, it is returned as it is.
    """
    systems = part.evaluation.systems
    if not part.production or not _is_trained(part.production.removeprefix(OWN), workspace):
        return part
    wanted = (part.production + suffix for suffix in ("", RAG_SUFFIX) if TUNED + suffix in systems)
    added = tuple(name for name in wanted if name not in systems)
    return part.model_copy(
        update={"evaluation": part.evaluation.model_copy(update={"systems": systems + added})}
    )


def _production(settings: Settings) -> str:
    gate = settings.evaluation.gate
    if gate.max_drop is None:
        return ""
    return OWN + (gate.production or f"models/{settings.project.name}/production")


def _is_trained(name: str, workspace: Workspace) -> bool:
    try:
        return workspace.resolve(name).stage == "train"
    except NotFoundError:
        return False


def other_models(part: Part) -> tuple[AskedModel, ...]:
    """Return the models to compare with that are not the project's newest: servers', and earlier versions."""
    names = models_of(part.evaluation.systems)
    return tuple(asked_model(part, name) for name in names if name not in PROJECT_MODELS)


def asked_model(part: Part, name: str) -> AskedModel:
    """Return a model as it is asked.

    Args:
        part: What evaluate takes from the settings.
        name: `PROVIDER/MODEL`, `own/RUN` or `base/RUN`.
    """
    chosen = part.evaluation
    asked = AskedModel(
        name=name,
        key="evaluation",
        command="lore evaluate",
        without=f"lore evaluate, with {name} left out of evaluation.systems",
        providers=part.providers,
        concurrency=chosen.concurrency,
        stop_at_usd=chosen.stop_at_usd,
        stop_at_tokens=chosen.stop_at_tokens,
        quantization="none",
        device=part.device,
        threads=part.threads,
    )
    return asked if is_served(asked) else _in_batches(asked, chosen.batch_size)


def asked_by(part: Part) -> tuple[AskedModel, ...]:
    """Return every model that an evaluation asks besides the project's newest: those compared with, and the judge."""
    judge = asked_judge(part)
    return (*other_models(part), judge) if judge else other_models(part)


def asked_judge(part: Part) -> AskedModel | None:
    """Return the judge as it is asked; None where nobody judges."""
    asked = judge_model(
        part.evaluation.judge,
        key="evaluation.judge",
        command="lore evaluate",
        providers=part.providers,
        device=part.device,
        threads=part.threads,
    )
    if asked is None:
        return None
    own, all_calls = part.evaluation.judge, part.evaluation
    return replace(
        asked,
        stop_at_usd=_least(own.stop_at_usd, all_calls.stop_at_usd),
        stop_at_tokens=_least(own.stop_at_tokens, all_calls.stop_at_tokens),
    )


def after_spending(part: Part, spent: Progress) -> Part:
    """Return the settings with no more to spend on calls than some calls left over."""
    chosen = part.evaluation
    tokens = spent.prompt_tokens + spent.completion_tokens
    left: dict[str, float] = {}
    if chosen.stop_at_usd is not None:
        left["stop_at_usd"] = max(chosen.stop_at_usd - spent.usd, 0.0)
    if chosen.stop_at_tokens is not None:
        left["stop_at_tokens"] = max(chosen.stop_at_tokens - tokens, 0)
    return part.model_copy(update={"evaluation": chosen.model_copy(update=left)})


def _least(one: L | None, other: L | None) -> L | None:
    known = [limit for limit in (one, other) if limit is not None]
    return min(known, default=None)


def _in_batches(asked: AskedModel, batch_size: int) -> AskedModel:
    batches = min(asked.threads, _MOST_BATCHES) if asked.device == "cpu" else 1
    # What costs nothing has no price to limit.
    return replace(asked, concurrency=batch_size * batches, batches=batches, stop_at_usd=None)


def spending_at_most(part: Part, usd: float) -> Part:
    """Return the settings with no more to spend on calls than some dollars, whatever they cost by the plan."""
    own = part.evaluation.stop_at_usd
    limit = usd if own is None else min(own, usd)
    return part.model_copy(update={"evaluation": part.evaluation.model_copy(update={"stop_at_usd": limit})})
