"""Who a stage asks, and how: made from its settings, so that generating and judging ask in one way."""

from collections.abc import Mapping
from dataclasses import dataclass

from lorewright.core.records import Metadata
from lorewright.llm.asking import Provider
from lorewright.llm.budget import Price
from lorewright.llm.local import Quantization
from lorewright.llm.replies import Replies
from lorewright.stages.curation_settings import JudgeSettings
from lorewright.stages.evaluation_settings import AnswerJudgeSettings
from lorewright.stages.settings import ProviderSettings

SERVED = "served"
"""Key of what a server calls the model, in an identity that it alone tells from an earlier one."""


@dataclass(frozen=True)
class AskedModel:
    """A model as a stage's settings name it.

    Attributes:
        name: `PROVIDER/MODEL`.
        key: Where its settings stand in lore.toml, such as `generation`.
        command: What a person types to ask it.
        without: What a person types to go on without the answers that are missing.
        providers: Servers by name.
        concurrency: Calls at a time.
        stop_at_usd: Dollars that one command may spend; None for no limit.
        stop_at_tokens: Tokens that one command may use; None for no limit.
        quantization: Of a `transformers/` model.
        device: Where a model in this process runs.
        threads: CPU threads of a model in this process.
        batches: Batches that a `transformers/` model computes side by side.
    """

    name: str
    key: str
    command: str
    without: str
    providers: Mapping[str, ProviderSettings]
    concurrency: int
    stop_at_usd: float | None
    stop_at_tokens: int | None
    quantization: Quantization
    device: str
    threads: int
    batches: int = 1


def judge_model(
    chosen: JudgeSettings | AnswerJudgeSettings,
    *,
    key: str,
    command: str,
    providers: Mapping[str, ProviderSettings],
    device: str,
    threads: int,
) -> AskedModel | None:
    """Return a judge as it is asked; None where nobody judges. Arguments as in `AskedModel`."""
    if not chosen.model:
        return None
    return AskedModel(
        name=chosen.model,
        key=key,
        command=command,
        without=f"{command} --set {key}.model=''",
        providers=providers,
        concurrency=chosen.concurrency,
        stop_at_usd=chosen.stop_at_usd,
        stop_at_tokens=chosen.stop_at_tokens,
        quantization="none",
        device=device,
        threads=threads,
    )


@dataclass(frozen=True)
class Model:
    """A model that is open.

    Attributes:
        asked: As the settings name it.
        provider: Answers; closed when all is asked.
        identity: What it resolved its model to.
        replies: Where replies are kept.
        price: None where nobody said what calls cost.
        served: What its server called it in earlier replies; empty where that does not matter.
    """

    asked: AskedModel
    provider: Provider
    identity: Metadata
    replies: Replies
    price: Price | None = None
    served: frozenset[str] = frozenset()
